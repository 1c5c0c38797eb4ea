/// A named cluster of endpoints that serve the same thing.
public struct UpstreamDeclaration: Sendable, Equatable {
    /// Unique among the upstreams; what `forward` and `split` refer to, and a label in metrics and logs.
    public var id: String
    public var endpoints: [EndpointDeclaration]
    public var balance: BalanceDeclaration = .roundRobin
    public var pool = PoolDeclaration()
    public var timeouts = UpstreamTimeoutsDeclaration()
    /// `nil`: clear text.
    public var tls: UpstreamTLSDeclaration?
    /// Sent first on each connection; it carries one client's address, so such a connection serves that client alone.
    public var proxyProtocol: ProxyProtocolDeclaration?
    /// For `consistent-hash`.
    public var hashKey: HashKeyDeclaration?
    /// For `consistent-hash`: most load of an endpoint, in percent of the average, 100...1000; 0: no bound.
    public var hashLoadPercentMax = 150
    public var stickyCookie: StickyCookieDeclaration?
    /// How long an endpoint that comes (back) is given less than its share; 0: not at all.
    public var slowStartMilliseconds = 0
    public var health = HealthDeclaration()
    public var retries = RetryDeclaration()
    public var retryBudget = RetryBudgetDeclaration()
    public var hedge: HedgeDeclaration?
    public var breaker: BreakerDeclaration?
    public var queue = QueueDeclaration()
    /// Formats in which traces are handed on; empty: trace headers pass as they come. Nothing without `tracing`.
    public var traceHeaders: [TraceHeaderDeclaration] = [.b3Multi, .w3c]
    /// `nil`: no limit follows latency.
    public var adaptive: AdaptiveLimitDeclaration?

    public init(id: String, endpoints: [EndpointDeclaration]) {
        self.id = id
        self.endpoints = endpoints
    }
}

/// One address of an upstream.
public struct EndpointDeclaration: Sendable, Equatable {
    /// An IPv4 or IPv6 literal without brackets, or a host name.
    public var host: String
    public var port: UInt16
    /// Share of the requests relative to the other endpoints, 1...1000.
    public var weight: Int

    public init(host: String, port: UInt16, weight: Int = 1) {
        self.host = host
        self.port = port
        self.weight = weight
    }
}

/// How an endpoint is chosen.
public enum BalanceDeclaration: String, Sendable, Equatable, CaseIterable {
    /// In turn, in proportion to the weights.
    case roundRobin = "round-robin"
    /// Of two drawn at random, the one with fewer exchanges in progress per weight.
    case leastRequests = "least-requests"
    /// By weight, with no memory.
    case random
    /// The same key leads to the same endpoint, as long as it lives.
    case consistentHash = "consistent-hash"
    /// Of two drawn at random, the one with the smaller product of recent latency and exchanges in progress.
    case leastLatency = "least-latency"
}

/// Bounds of the connection pool. A pool belongs to one endpoint on one shard.
public struct PoolDeclaration: Sendable, Equatable {
    /// Open connections, idle ones included; beyond: 503.
    public var connectionsMax = 1_024
    /// Idle connections kept for the next exchange.
    public var idleMax = 1_024
    /// An idle connection is closed after this; 0 means never.
    public var idleMilliseconds = 50_000

    public init() {}
}

/// Limits of time on the upstream side. 0 means no limit.
public struct UpstreamTimeoutsDeclaration: Sendable, Equatable {
    /// To the end of the TCP handshake; beyond: 504.
    public var connectMilliseconds = 2_000
    /// From the last byte of the request (or of its head, while a body flows) to the end of the response head; beyond: 504.
    public var responseHeadMilliseconds = 15_000
    /// Between two pieces of a response body; beyond, the exchange is cut.
    public var stallMilliseconds = 60_000
    /// For the whole exchange; beyond: 504 while the head is awaited, otherwise the exchange is cut. 0 by default: streams live.
    public var requestMilliseconds = 0

    public init() {}
}
