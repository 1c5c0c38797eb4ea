internal import Admin
internal import Configuration
internal import Declarations
internal import EventLoop
internal import Filters
internal import Kernel
internal import Logging
internal import Reporting
internal import Shard
internal import Telemetry

extension Gateway {
    /// Starts a gateway; returns when all shards serve.
    ///
    /// 1. Signals are blocked before any thread exists. 2. Read and check everything that may be wrong. 3. Get the sockets of a
    /// predecessor, or make sure that the addresses are free. 4. Start the shards. 5. Wait until the configuration is in force on
    /// each. 6. Let the predecessor go.
    public static func start(_ options: GatewayOptions) throws(StartFailure) -> Gateway {
        ProcessStatus.ignoreBrokenPipes()
        let signals = try takeSignals()
        let logger = try controlLogger()
        _ = SystemClock.raiseDescriptorLimit()
        let file = ConfigurationFile(path: options.configurationPath)
        let plan: GatewayPlan
        let content: [UInt8]
        do throws(Refusal) {
            content = try file.read()
            plan = try file.plan(content) { lookUp($0) { _ in [] } }
        } catch {
            throw error.startFailure
        }
        let predecessor = options.takesOver ? try predecessor(options, logger: logger) : nil
        let adopted = try adoptedSockets(from: predecessor)
        let gateway = try Gateway(
            options: options, plan: plan, content: content, logger: logger, signals: signals)
        gateway.adopted = adopted
        do throws(Refusal) {
            try gateway.startShards()
        } catch {
            gateway.removeControlSocket()
            throw error.startFailure
        }
        // Whatever was opened for us and has no place in the configuration is closed.
        gateway.adopted = ListeningSocketSet()
        try confirm(predecessor)
        gateway.offerSockets()
        gateway.watchFiles()
        gateway.configureKeepers()
        try? gateway.notifier?.ready(status: "serving \(plan.summary)")
        return gateway
    }

    private static func takeSignals() throws(StartFailure) -> SignalDescriptor {
        do throws(SystemError) {
            return try SignalDescriptor()
        } catch {
            throw .system("signals cannot be taken: \(error)")
        }
    }

    private static func controlLogger() throws(StartFailure) -> Logger {
        do throws(SystemError) {
            let sink = try ControlLogSink.standardError()
            return Logger(label: "martlet") { _ in ControlLog(sink: sink) }
        } catch {
            throw .system("standard error cannot be written: \(error)")
        }
    }

    /// What to tell the operator: where the gateway listens.
    public var greeting: [String] {
        var lines = plan.declaration.listeners.map { listener in
            "martlet: listening on \(listener.tls == nil ? "http" : "https")://\(ports.bound[listener.name]?.address.text ?? "-") (listener \(listener.name))"
        }
        if let address = adminPorts.bound[Self.adminListenerName]?.address {
            lines.append("martlet: admin on http://\(address.text)")
        }
        return lines + ["martlet: ready"]
    }

    /// What is odd about the configuration, if anything.
    public var warnings: String { plan.report.text() }

    static let adminListenerName = "admin"
    static let controlListenerName = "control"

    private func startShards() throws(Refusal) {
        let latch = try system { () throws(SystemError) in try InstallationLatch(shards: registry.shardCount + 2) }
        let adminListeners = Self.adminListeners(plan.declaration)
        try ports.probe(plan.declaration.listeners, adopted: adopted, place: place(in: plan.declaration))
        try adminPorts.probe(adminListeners, adopted: adopted, place: Self.adminPlace)
        try startDataShards(latch)
        try startAdminShard(adminListeners, latch)
        try startControlShard(latch)
        switch latch.wait(timeoutMilliseconds: Self.installationMilliseconds) {
        case .installed: break
        case .failed(let reason): throw Refusal(.system, "a shard did not start: \(reason)")
        case .timedOut: throw Refusal(.system, "the shards did not start in time")
        }
        registry.configurationLoaded(routes: plan.declaration.routes.count)
        registry.certificatesLoaded(plan.tls.certificates)
        state.become(.ready)
    }

    private func startDataShards(_ latch: InstallationLatch) throws(Refusal) {
        let register = limits.withLock { register in
            register = register.next(plan.declaration.routes)
            return register
        }
        let installation = InstallationPlan(
            declaration: plan.declaration, upstreams: plan.upstreams,
            listenerTLS: ticketOptions(plan.declaration, plan.tls), register: register)
        let missing = ports.missing(plan.declaration.listeners)
        var fresh = ListeningSocketSet()
        for index in 0..<registry.shardCount {
            let sockets = try ports.bind(
                missing, adopted: &adopted, shardsLeft: registry.shardCount - index, lent: &fresh,
                place: place(in: plan.declaration))
            let built = try installation.build(shard: index, sockets: sockets) { latch.installed($0) }
            if index == 0 {
                state.configurationApplied(routes: built.rankedOrder.map { plan.declaration.routes[$0] })
            }
            let events = events
            try system { () throws(SystemError) in
                try data.start(
                    name: "shard-\(index)", shards: registry.shardCount, registry: registry, metricsIndex: index,
                    accessLog: accessLog?.queue(shard: index), spans: tracing?.destination(shard: index),
                    health: health, identity: keys,
                    installation: built.installation,
                    failed: { latch.failed($0) }, ended: { events.post(.shardEnded(index: index)) })
            }
        }
        lend(fresh, listeners: Self.lentNames(plan.declaration))
    }

    private func startAdminShard(_ listeners: [ListenerDeclaration], _ latch: InstallationLatch) throws(Refusal) {
        var fresh = ListeningSocketSet()
        let sockets = try adminPorts.bind(
            listeners, adopted: &adopted, shardsLeft: 1, lent: &fresh, place: Self.adminPlace)
        let built = try adminInstallation(listeners).build(sockets: sockets) { latch.installed($0) }
        lend(fresh, listeners: Self.lentNames(plan.declaration))
        try startLocal(&admin, name: "admin", metricsIndex: 0, built, latch)
    }

    /// Without a control socket the gateway serves all the same: signals still reach it.
    private func startControlShard(_ latch: InstallationLatch) throws(Refusal) {
        let desk = CommandDesk(events: events)
        let listener = ListenerDeclaration(name: Self.controlListenerName, host: "localhost", port: 0)
        let site = LocalSite.control(listener, reload: desk.service(.reload), drain: desk.service(.drain))
        let sockets = try controlSockets()
        let built = try InstallationPlan(declaration: site.declaration, upstreams: [], services: site.services)
            .build(sockets: sockets) { latch.installed($0) }
        try startLocal(&control, name: "control", metricsIndex: 1, built, latch)
    }

    private func startLocal(
        _ group: inout ShardGroup, name: String, metricsIndex: Int, _ built: InstallationPlan.Built,
        _ latch: InstallationLatch
    ) throws(Refusal) {
        do throws(SystemError) {
            try group.start(
                name: name, shards: 1, registry: localRegistry, metricsIndex: metricsIndex, accessLog: nil, health: nil,
                identity: nil,
                installation: built.installation, failed: { latch.failed($0) })
        } catch {
            throw Refusal(.system, "the \(name) shard cannot start: \(error)")
        }
    }

    /// The socket of the commands; empty when there is no place for it.
    private func controlSockets() throws(Refusal) -> sending [ListenerSocket] {
        let path: String
        do throws(SystemError) {
            path = try ControlSocketPath.of(configuration: options.configurationPath).prepare()
        } catch {
            logger.warning(
                "no control socket: `martlet reload` and `drain` will not work", metadata: ["error": "\(error)"])
            return []
        }
        guard options.takesOver || !UnixClient.isAnswered(path: path) else {
            throw Refusal(
                .cannotListen,
                "another gateway already runs on \(options.configurationPath) (it answers at \(path)); `--take-over` replaces it"
            )
        }
        do throws(SystemError) {
            let socket = try ListeningSocket.listen(onUnixPath: path)
            controlPath = path
            return [ListenerSocket(name: Self.controlListenerName, socket: socket)]
        } catch {
            logger.warning(
                "no control socket: `martlet reload` and `drain` will not work",
                metadata: ["error": "\(error)", "path": "\(path)"])
            return []
        }
    }

    func removeControlSocket() {
        guard let controlPath else { return }
        try? FileBytes.remove(path: controlPath)
        try? FileBytes.remove(path: Self.handOverPath(controlPath))
        self.controlPath = nil
    }

    // MARK: - What start and reload share

    static func adminListeners(_ declaration: GatewayDeclaration) -> [ListenerDeclaration] {
        guard let port = declaration.admin.port else { return [] }
        return [ListenerDeclaration(name: adminListenerName, host: declaration.admin.host, port: port)]
    }

    /// The names under which sockets are kept for a successor.
    static func lentNames(_ declaration: GatewayDeclaration) -> Set<String> {
        Set(declaration.listeners.map(\.name) + [adminListenerName])
    }

    func adminInstallation(_ listeners: [ListenerDeclaration]) -> InstallationPlan {
        let site = LocalSite.admin(listeners.first, state: state, metrics: metricsService, health: health)
        return InstallationPlan(declaration: site.declaration, upstreams: [], services: site.services)
    }

    func place(in declaration: GatewayDeclaration) -> (ListenerDeclaration) -> ListenerPorts.Place {
        { listener in
            let index = declaration.listeners.firstIndex { $0.name == listener.name } ?? 0
            return ListenerPorts.Place(title: "listener \(listener.name)", key: "listeners[\(index)].address")
        }
    }

    static func adminPlace(_ listener: ListenerDeclaration) -> ListenerPorts.Place {
        ListenerPorts.Place(title: "admin", key: "admin.address")
    }

    /// A failure of the system as a refusal.
    func system<Value>(_ body: () throws(SystemError) -> Value) throws(Refusal) -> Value {
        do throws(SystemError) {
            return try body()
        } catch {
            throw Refusal(.system, "the system refused: \(error)")
        }
    }
}
