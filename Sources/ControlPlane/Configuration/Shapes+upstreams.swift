internal import Declarations

extension Shapes {
    static let upstream = MappingShape<UpstreamDeclaration>(
        name: "upstream", summary: "A cluster of endpoints that serve the same thing.",
        keys: [
            .key(
                "endpoints", \.endpoints, .list(of: .endpointDeclaration, 1...1_024), required: true,
                "The addresses, in the short form `HOST:PORT` or with a weight."),
            balance,
            .optional(
                "hash", \.hashKey, .hashKey,
                "What a consistent hash is computed from: `client-address`, a header field, a cookie or a capture."),
            .key(
                "hash-load-max", \.hashLoadPercentMax, .percent(100...1_000, off: true),
                default: UpstreamDeclaration(id: "", endpoints: []).hashLoadPercentMax,
                "Most load of an endpoint under `consistent-hash`, of the average."),
            .optional(
                "sticky-cookie", \.stickyCookie, .stickyCookie,
                "A cookie that keeps a client with its endpoint: its name, or a mapping."),
        ] + settings + [
            .key(
                "proxy-protocol", \.proxyProtocol, .proxyProtocol,
                "Begins each connection with a PROXY protocol header of this version."),
            .nested(
                "timeouts", \.timeouts, upstreamTimeouts,
                "Limits of time; `defaults.timeouts` where nothing is written."),
        ])

    /// What upstreams have that say nothing.
    static let upstreamDefaults = MappingShape<UpstreamDeclaration>(
        name: "upstream-defaults", title: "`defaults.upstream`",
        summary: "What upstreams have that say nothing; an upstream may change single values.",
        keys: [balance] + settings,
        elsewhere: [
            "timeouts": "`connect`, `response-head`, `upstream-stall` and `request` under `defaults.timeouts`",
            "endpoints": "`endpoints` in each upstream", "hash": "`hash` in each upstream",
            "hash-load-max": "`hash-load-max` in each upstream", "sticky-cookie": "`sticky-cookie` in each upstream",
            "proxy-protocol": "`proxy-protocol` in each upstream",
        ])

    private static let balance = MappingKey<UpstreamDeclaration>.key(
        "balance", \.balance, .balance, default: .roundRobin,
        "How an endpoint is chosen: in turn, of two drawn at random the less busy or the faster one, at random, or by a hash."
    )

    /// What `upstreams` and `defaults.upstream` have in common.
    private static let settings: [MappingKey<UpstreamDeclaration>] = [
        .key(
            "slow-start", \.slowStartMilliseconds, .duration(), default: 0,
            "How long an endpoint that comes (back) is given less than its share."),
        .switched(
            "tls", \.tls, upstreamTLS, initial: UpstreamTLSDeclaration(), takesTrue: true,
            "Speaks TLS with the endpoints; `true` for the defaults."),
        .nested("pool", \.pool, pool, "Bounds of the connection pool of one endpoint on one thread."),
        .nested("health", \.health, health, "How the health of the endpoints is watched."),
        .switched(
            "retries", \.retriesIfAny, retries, initial: RetryDeclaration(), isOn: true,
            "When a request is sent again."),
        .nested("retry-budget", \.retryBudget, retryBudget, "What retries and hedges together may add to the load."),
        .switched(
            "hedge", \.hedge, hedge, initial: HedgeDeclaration(), takesTrue: true,
            "A second attempt when the first is slow; `true` for the defaults."),
        .switched(
            "breaker", \.breaker, breaker, initial: BreakerDeclaration(), takesTrue: true,
            "When the upstream is given a rest; `true` for the defaults."),
        .switched(
            "queue", \.queueIfAny, queue, initial: QueueDeclaration(), isOn: true,
            "Requests that wait for a connection; `off`: none waits, beyond `connections-max` the answer is 503."),
        .switched(
            "adaptive-concurrency", \.adaptive, adaptive, initial: AdaptiveLimitDeclaration(), takesTrue: true,
            "A limit of what is in progress that follows latency; beyond: 503. `true` for the defaults."),
        .key(
            "trace-headers", \.traceHeaders, .traceHeaders, default: [.b3Multi, .w3c],
            "Formats in which traces are handed on, with `tracing`; `off`: trace headers pass as they come."),
    ]

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
                    "Open connections; beyond, requests wait in `queue`."),
                .key(
                    "idle-max", \.idleMax, .integer(0...65_536), default: initial.idleMax,
                    "Idle connections that are kept, at most connections-max."),
                .key(
                    "idle-timeout", \.idleMilliseconds, .duration(), default: initial.idleMilliseconds,
                    "An idle connection is closed after this."),
            ])
    }()

    static let upstreamTimeouts = MappingShape<UpstreamTimeoutsDeclaration>(
        name: "upstream-timeouts", title: "`timeouts`", summary: "Limits of time on the side of an upstream.",
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

extension UpstreamDeclaration {
    /// A single attempt is what `retries: off` means.
    fileprivate var retriesIfAny: RetryDeclaration? {
        get { retries.attempts == 1 ? nil : retries }
        set {
            retries = newValue ?? RetryDeclaration()
            if newValue == nil { retries.attempts = 1 }
        }
    }

    /// A queue without places is what `queue: off` means.
    fileprivate var queueIfAny: QueueDeclaration? {
        get { queue.pendingMax == 0 ? nil : queue }
        set {
            queue = newValue ?? QueueDeclaration()
            if newValue == nil { queue.pendingMax = 0 }
        }
    }
}

extension ValueShape<UpstreamDeclaration> {
    fileprivate static let upstream = ValueShape(
        schema: Shapes.upstream.reference, expected: Shapes.upstream.expected
    ) { node, reading in
        var upstream = reading.upstreamDefaults
        guard Shapes.upstream.read(node, into: &upstream, reading) != nil else { return upstream }
        UpstreamChecks(node: node, reading: reading).run(&upstream)
        return upstream
    }
}
