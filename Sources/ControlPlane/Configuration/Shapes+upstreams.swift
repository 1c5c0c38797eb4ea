internal import Declarations

extension Shapes {
    static let upstream = MappingShape<UpstreamDeclaration>(
        name: "upstream", summary: "A cluster of endpoints that serve the same thing.",
        keys: [
            .key(
                "endpoints", \.endpoints, .list(of: .endpointDeclaration, 1...1_024), required: true,
                "The addresses, in the short form `HOST:PORT` or with a weight."),
            .key(
                "balance", \.balance, .balance, default: .roundRobin,
                "How an endpoint is chosen: in turn, or of two drawn at random the less busy one."),
            .nested("pool", \.pool, pool, "Bounds of the connection pool of one endpoint on one thread."),
            .nested(
                "timeouts", \.timeouts, upstreamTimeouts,
                "Limits of time; `defaults.timeouts` where nothing is written."),
        ])

    static let endpoint = MappingShape<EndpointDeclaration>(
        name: "endpoint", summary: "One address of an upstream.",
        keys: [
            .optional("address", \.address, .endpoint, required: true, "IP address or host name, and port."),
            .key("weight", \.weight, .integer(1...1_000), default: 1, "Share of the requests relative to the others."),
        ])

    static let pool: MappingShape<PoolDeclaration> = {
        let initial = PoolDeclaration()
        return MappingShape(
            name: "pool", summary: "Bounds of the connection pool of one endpoint on one thread.",
            keys: [
                .key(
                    "connections-max", \.connectionsMax, .integer(1...65_536), default: initial.connectionsMax,
                    "Open connections; beyond: 503."),
                .key(
                    "idle-max", \.idleMax, .integer(0...65_536), default: initial.idleMax,
                    "Idle connections that are kept, at most connections-max."),
                .key(
                    "idle-timeout", \.idleMilliseconds, .duration(), default: initial.idleMilliseconds,
                    "An idle connection is closed after this."),
            ])
    }()

    static let upstreamTimeouts = MappingShape<UpstreamTimeoutsDeclaration>(
        name: "upstream-timeouts", summary: "Limits of time on the side of an upstream.",
        keys: [
            .key("connect", \.connectMilliseconds, .duration(), "To the end of the TCP handshake; beyond: 504."),
            .key(
                "response-head", \.responseHeadMilliseconds, .duration(),
                "From the end of the request to the end of the response head; beyond: 504."),
            .key("stall", \.stallMilliseconds, .duration(), "Between two pieces of a response body."),
            .key("request", \.requestMilliseconds, .duration(), "For the whole exchange; beyond: 504."),
        ])
}

extension EndpointDeclaration {
    /// `nil` until the address is read.
    fileprivate var address: EndpointAddress? {
        get { port == 0 ? nil : EndpointAddress(host: host, port: port) }
        set { (host, port) = newValue.map { ($0.host, $0.port) } ?? ("", 0) }
    }
}

extension ValueShape<EndpointDeclaration> {
    static let endpointDeclaration = ValueShape.short(
        ValueShape<EndpointAddress>.endpoint.map { EndpointDeclaration(host: $0.host, port: $0.port) },
        orLong: Shapes.endpoint.value { _ in EndpointDeclaration(host: "", port: 0) }.checked { endpoint, _, _ in
            // Without an address the problem is reported already.
            endpoint.port == 0 ? nil : endpoint
        })
}

extension ValueShape<BalanceDeclaration> {
    static let balance: ValueShape<BalanceDeclaration> = {
        var shape = ValueShape<String>.word(BalanceDeclaration.allCases.map(\.rawValue)).checked { word, _, _ in
            BalanceDeclaration(rawValue: word)
        }
        shape.written = { .string($0.rawValue) }
        return shape
    }()
}

extension ValueShape<[Located<UpstreamDeclaration>]> {
    /// The upstreams by id. An upstream with problems keeps its place, so that references to it are no further problem.
    static let upstreams = freeMapping(key: .identifier, value: .upstream, "a mapping from ids to upstreams") {
        id, upstream in
        var declaration = upstream
        declaration.id = id.value
        return Located(value: declaration, node: id.node)
    }
}

extension ValueShape<UpstreamDeclaration> {
    fileprivate static let upstream = ValueShape(
        schema: Shapes.upstream.reference, expected: Shapes.upstream.expected
    ) { node, reading in
        var upstream = UpstreamDeclaration(id: "", endpoints: [])
        upstream.timeouts = reading.upstreamTimeouts
        guard Shapes.upstream.read(node, into: &upstream, reading) != nil else { return upstream }
        checkPool(&upstream.pool, node, reading)
        checkEndpoints(upstream.endpoints, node, reading)
        return upstream
    }

    private static func checkPool(_ pool: inout PoolDeclaration, _ node: Int, _ reading: FileReading) {
        guard pool.idleMax > pool.connectionsMax else { return }
        if pool.idleMax != PoolDeclaration().idleMax {
            reading.error(
                "out-of-range", at: reading.node(of: ["pool", "idle-max"], in: node),
                "`idle-max` is \(pool.idleMax), more than the \(pool.connectionsMax) of `connections-max`",
                expected: "idle-max of at most \(pool.connectionsMax)")
        }
        pool.idleMax = pool.connectionsMax
    }

    private static func checkEndpoints(_ endpoints: [EndpointDeclaration], _ node: Int, _ reading: FileReading) {
        var seen: Set<String> = []
        for endpoint in endpoints where !seen.insert("\(endpoint.host) \(endpoint.port)").inserted {
            reading.error(
                "duplicate-address", at: reading.node(of: ["endpoints"], in: node),
                "the endpoint \(endpoint.host):\(endpoint.port) is written twice",
                expected: "each endpoint once; `weight` gives it a larger share")
        }
    }
}
