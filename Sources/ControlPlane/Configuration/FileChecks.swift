internal import Declarations

/// The checks across the parts of a file, and the step from the draft to the declaration.
struct FileChecks {
    let draft: FileDraft
    let reading: FileReading

    func run() -> GatewayDeclaration {
        var declaration = GatewayDeclaration()
        declaration.timeouts = draft.defaults.timeouts.downstream
        declaration.limits = limits()
        declaration.nameServers = draft.defaults.nameServers
        declaration.tracing = draft.tracing
        declaration.listeners = ListenerChecks(draft: draft, reading: reading).run()
        declaration.admin = admin()
        declaration.upstreams = draft.upstreams.map(\.value)
        declaration.issuers = draft.issuers.map(\.value)
        checkReferences()
        checkIssuers()
        CaptureChecks(draft: draft, reading: reading).run()
        declaration.routes = routes()
        return declaration
    }

    private func limits() -> LimitsDeclaration {
        var limits = draft.defaults.limits
        guard limits.requestTargetBytes > limits.requestHeadBytes else { return limits }
        // The default of the target follows a smaller head; a target that somebody wrote does not.
        if limits.requestTargetBytes != LimitsDeclaration().requestTargetBytes {
            reading.error(
                "out-of-range", at: reading.node(of: ["defaults", "limits", "request-target"], in: 0),
                "`request-target` is larger than `request-head`, which holds it",
                expected: "a request-target of at most \(limits.requestHeadBytes) octets")
        }
        limits.requestTargetBytes = limits.requestHeadBytes
        return limits
    }

    private func admin() -> AdminDeclaration {
        var admin = AdminDeclaration()
        admin.accessLog = draft.admin.accessLog
        guard let address = draft.admin.address else { return admin }
        admin.port = address.value?.port
        guard let listen = address.value else { return admin }
        admin.host = listen.host
        let octets = AddressText.octets(Array(listen.host.utf8)[...]) ?? []
        let isLoopback =
            octets.starts(with: AddressText.mappedPrefix + [127]) || octets == AddressText.ipv6([0x3A, 0x3A, 0x31])
        if !isLoopback {
            reading.warning(
                "admin-exposed", at: address.node,
                "the admin listener has no access control and is open to the network",
                expected: "a loopback address such as 127.0.0.1:\(listen.port)")
        }
        return admin
    }

    private func checkReferences() {
        let names = draft.upstreams.map(\.value.id)
        let known = Set(names)
        var used: Set<String> = []
        for reference in reading.upstreamReferences {
            used.insert(reference.value)
            guard !known.contains(reference.value) else { continue }
            let near = Spelling.nearest(to: reference.value, among: names)
            if let near { used.insert(near) }
            reading.error(
                "unknown-upstream", at: reference.node, "there is no upstream `\(reading.excerpt(reference.node))`",
                expected: "the id of an upstream" + (names.isEmpty ? "; there is none" : ""),
                suggestion: near)
        }
        for upstream in draft.upstreams where !used.contains(upstream.value.id) {
            reading.warning(
                "unused-upstream", at: upstream.node, "no route forwards to the upstream `\(upstream.value.id)`")
        }
    }

    private func checkIssuers() {
        let names = draft.issuers.map(\.value.id)
        var used: Set<String> = []
        for reference in reading.issuerReferences {
            used.insert(reference.value)
            guard !names.contains(reference.value) else { continue }
            let near = Spelling.nearest(to: reference.value, among: names)
            if let near { used.insert(near) }
            reading.error(
                "unknown-issuer", at: reference.node, "there is no issuer `\(reading.excerpt(reference.node))`",
                expected: "a name under `issuers`" + (names.isEmpty ? "; there is none" : ""), suggestion: near)
        }
        for issuer in draft.issuers {
            let urls = [issuer.value.issuer, issuer.value.keySetURL]
            guard let url = urls.first(where: { $0.hasPrefix("http://") && !Self.isLoopback($0) }) else { continue }
            reading.warning(
                "keys-in-clear", at: issuer.node,
                "the keys of `\(issuer.value.id)` come without TLS: whoever stands between can put in their own",
                expected: "https in place of `\(url.prefix(60))`")
        }
        for issuer in draft.issuers where !used.contains(issuer.value.id) {
            reading.warning("unused-issuer", at: issuer.node, "no filter wants a token of `\(issuer.value.id)`")
        }
    }

    private static func isLoopback(_ url: String) -> Bool {
        let authority = Array(
            url.utf8.drop { $0 != UInt8(ascii: "/") }.dropFirst(2).prefix { $0 != UInt8(ascii: "/") })[...]
        let host = AddressText.split(authority)?.host ?? authority
        if host.elementsEqual("localhost".utf8) || host.elementsEqual("[::1]".utf8) { return true }
        let octets = AddressText.octets(host) ?? []
        return octets.starts(with: AddressText.mappedPrefix + [127])
            || octets == AddressText.ipv6([0x3A, 0x3A, 0x31])
    }

    private func routes() -> [RouteDeclaration] {
        var ids: [String: Int] = [:]
        var routes: [RouteDeclaration] = []
        var nodes: [Int] = []
        var limited: [(id: String, filters: [Located<FilterDeclaration>])] = []
        let filterChecks = FilterChecks(draft: draft, reading: reading)
        routes.reserveCapacity(draft.routes.count)
        for route in draft.routes {
            let value = route.value
            guard let id = value.id else { continue }
            if let first = ids[id.value] {
                reading.reportDuplicateID("route", id, first: first)
                continue
            }
            ids[id.value] = id.node
            let filters = filterChecks.filters(of: value)
            RouteChecks(draft: value, reading: reading).checkTemplates(filters)
            guard value.isSound, let action = value.action else { continue }
            var declaration = RouteDeclaration(id: id.value, action: action)
            declaration.priority = value.priority
            declaration.match = value.match.declaration
            declaration.filters = filters.map(\.value)
            filterChecks.checkFields(filters)
            if declaration.filters.contains(where: { $0.counting != nil }) { limited.append((id.value, filters)) }
            if let upgrades = value.upgrades { declaration.upgrades = upgrades.value }
            if let tracing = value.tracing { declaration.tracing = checked(tracing) }
            declaration.line = Int(reading.document.nodes[route.node].line)
            routes.append(declaration)
            nodes.append(route.node)
        }
        filterChecks.checkLimits(limited)
        report(RouteAnalysis.findings(in: routes), routes, nodes)
        return routes
    }

    private func checked(_ tracing: Located<RouteTracingDeclaration>) -> RouteTracingDeclaration {
        if draft.tracing == nil, tracing.value != .off {
            reading.warning(
                "no-effect", at: tracing.node, "`tracing` of a route has no effect: the gateway reports no traces",
                expected: "`tracing` at the file's top level, with a collector")
        }
        return tracing.value
    }

    private func report(_ findings: [RouteFinding], _ routes: [RouteDeclaration], _ nodes: [Int]) {
        for finding in findings {
            let route = routes[finding.route].id
            let winner = "route `\(routes[finding.winner].id)` (line \(routes[finding.winner].line))"
            let node = nodes[finding.route]
            switch finding.kind {
            case .unreachable:
                reading.error(
                    "unreachable-route", at: node,
                    "route `\(route)` is never reached: \(winner) takes every request that it matches",
                    expected: "a narrower match there, a higher `priority` here, or no such route")
            case .duplicate:
                reading.error(
                    "duplicate-match", at: node, "route `\(route)` matches exactly the requests of \(winner)",
                    expected: "a different match or `priority`, or no such route")
            case .partlyUnreachable(let pattern):
                reading.warning(
                    "unreachable-pattern", at: node,
                    "`\(pattern)` of route `\(route)` is never reached: \(winner) takes it",
                    expected: "the route without it")
            }
        }
    }
}

extension FileReading {
    /// Says that an id is taken.
    func reportDuplicateID(_ kind: String, _ id: Located<String>, first: Int) {
        error(
            "duplicate-id", at: id.node,
            "the \(kind) `\(id.value)` is there already, at line \(document.nodes[first].line)",
            expected: "an id of its own")
    }
}
