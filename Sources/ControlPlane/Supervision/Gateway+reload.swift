internal import Admin
internal import Configuration
internal import Declarations
internal import EventLoop
internal import Filters
internal import Kernel
internal import Logging
internal import Shard
internal import Telemetry

/// What became of a reload.
enum ReloadOutcome: Sendable, Equatable {
    case applied(String)
    /// The file's content is what it was.
    case unchanged
    case refused(Refusal)

    var isApplied: Bool {
        if case .refused = self { false } else { true }
    }

    /// For the asker; ends with a line break.
    var text: String {
        switch self {
        case .applied(let text): text
        case .unchanged: "unchanged\n"
        case .refused(let refusal): refusal.text
        }
    }
}

extension Gateway {
    /// Reads the file and puts it in force on all shards, or changes nothing (law 8).
    func reload(_ cause: Cause) -> ReloadOutcome {
        let start = SystemClock.monotonicNanoseconds()
        do throws(Refusal) {
            guard lifecycle == .serving else { throw Refusal(.system, "the gateway is draining") }
            let content = try file.read()
            if cause == .fileChange, content == lastContent, plan.tls.paths.isEmpty { return .unchanged }
            let isSameText = content == lastContent
            lastContent = content
            let next = try file.plan(content) { declaration in
                Self.lookUp(declaration) { [names] in names.addresses(of: $0) }
            }
            if cause == .fileChange, isSameText, next.tls.digest == plan.tls.digest { return .unchanged }
            if let refusal = RestartChecks.refusal(file: file.path, from: plan.declaration, to: next.declaration) {
                throw refusal
            }
            let routes = try apply(next)
            return applied(next, routes, cause, start)
        } catch {
            return refused(error, cause)
        }
    }

    /// 1. Everything that can fail happens first: sockets, tables. 2. All shards get theirs. 3. Wait until they have it.
    private func apply(_ next: GatewayPlan) throws(Refusal) -> [RouteDeclaration] {
        var nextPorts = ports
        var nextAdminPorts = adminPorts
        let latch = try system { () throws(SystemError) in try InstallationLatch(shards: data.count + admin.count) }
        var fresh = ListeningSocketSet()
        let register = limits.withLock { $0.next(next.declaration.routes) }
        let (installations, rankedOrder) = try dataInstallations(next, register, &nextPorts, &fresh, latch)
        let adminBuilt = try adminInstallation(next, &nextAdminPorts, &fresh, latch)
        registry.expect(
            routes: Set(next.declaration.routes.map(\.id)), upstreams: Set(next.declaration.upstreams.map(\.id)))
        data.install(installations)
        limits.withLock { $0 = register }
        admin.install([adminBuilt.installation])
        lend(fresh, listeners: Self.lentNames(next.declaration))
        ports = nextPorts
        adminPorts = nextAdminPorts
        plan = next
        defer { latch.forget() }
        if latch.wait(timeoutMilliseconds: Self.installationMilliseconds) != .installed {
            // The installations are in the mailboxes and will be taken; only the report is early.
            logger.error("a shard is slow to take the configuration over")
        }
        return rankedOrder.map { next.declaration.routes[$0] }
    }

    private func dataInstallations(
        _ next: GatewayPlan, _ register: LimitRegister, _ nextPorts: inout ListenerPorts,
        _ fresh: inout ListeningSocketSet, _ latch: InstallationLatch
    ) throws(Refusal) -> ([HandOver<ShardInstallation>], rankedOrder: [Int]) {
        let listeners = next.declaration.listeners
        let missing = nextPorts.missing(listeners)
        try nextPorts.probe(listeners, adopted: adopted, place: place(in: next.declaration))
        let installation = InstallationPlan(
            declaration: next.declaration, upstreams: next.upstreams,
            listenerTLS: ticketOptions(next.declaration, next.tls), register: register)
        var installations: [HandOver<ShardInstallation>] = []
        var rankedOrder: [Int] = []
        for index in 0..<data.count {
            let sockets = try nextPorts.bind(
                missing, adopted: &adopted, shardsLeft: data.count - index, lent: &fresh,
                place: place(in: next.declaration))
            let built = try installation.build(shard: index, sockets: sockets) { latch.installed($0) }
            installations.append(built.installation)
            rankedOrder = built.rankedOrder
        }
        nextPorts.keepOnly(listeners)
        return (installations, rankedOrder)
    }

    private func adminInstallation(
        _ next: GatewayPlan, _ nextPorts: inout ListenerPorts, _ fresh: inout ListeningSocketSet,
        _ latch: InstallationLatch
    ) throws(Refusal) -> InstallationPlan.Built {
        let listeners = Self.adminListeners(next.declaration)
        let missing = nextPorts.missing(listeners)
        try nextPorts.probe(listeners, adopted: adopted, place: Self.adminPlace)
        let sockets = try nextPorts.bind(
            missing, adopted: &adopted, shardsLeft: 1, lent: &fresh, place: Self.adminPlace)
        let built = try adminInstallation(listeners).build(sockets: sockets) { latch.installed($0) }
        nextPorts.keepOnly(listeners)
        return built
    }

    private func applied(
        _ next: GatewayPlan, _ routes: [RouteDeclaration], _ cause: Cause, _ start: UInt64
    ) -> ReloadOutcome {
        state.configurationApplied(routes: routes)
        registry.reloadApplied(routes: routes.count)
        registry.certificatesLoaded(next.tls.certificates)
        registry.keepOnly(
            routes: Set(routes.map(\.id)), upstreams: Set(next.declaration.upstreams.map(\.id)))
        let milliseconds = (SystemClock.monotonicNanoseconds() - start) / 1_000_000
        logger.notice(
            "reload applied",
            metadata: [
                "cause": "\(cause.rawValue)", "routes": "\(routes.count)",
                "upstreams": "\(next.declaration.upstreams.count)", "milliseconds": "\(milliseconds)",
            ])
        watchFiles()
        configureKeepers()
        return .applied(
            "\(file.path): reload applied (\(next.summary)) in \(milliseconds) ms\n" + next.report.text())
    }

    private func refused(_ refusal: Refusal, _ cause: Cause) -> ReloadOutcome {
        state.reloadRefused(refusal.summary)
        registry.reloadRefused()
        logger.error(
            "reload refused, the configuration in force stays",
            metadata: ["cause": "\(cause.rawValue)", "problems": "\(refusal.lines.count)"])
        for line in refusal.lines { logger.error("\(line)") }
        return .refused(refusal)
    }
}
