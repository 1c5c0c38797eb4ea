/// When a request is sent again.
public struct RetryDeclaration: Sendable, Equatable {
    /// Attempts in all, the first included; 1: never again.
    public var attempts = 2
    public var onConnectFailure = true
    /// The connection ended before the first byte of a response.
    public var onReset = true
    /// The attempt took longer than `perTryMilliseconds`, or than the time for the response head.
    public var onTimeout = false
    /// Statuses of the response.
    public var onStatuses: [Int] = []
    /// From the start of an attempt to its response head; 0: no limit of its own.
    public var perTryMilliseconds = 0
    /// The first wait; each doubles. The wait is drawn between half of it and all of it.
    public var backOffMilliseconds = 25
    public var backOffMaxMilliseconds = 250
    /// Longest `Retry-After` of an upstream that is waited for; a longer one ends the attempts.
    public var retryAfterMaxMilliseconds = 1_000

    public init() {}
}

/// What retries and hedges together may add to the load.
public struct RetryBudgetDeclaration: Sendable, Equatable {
    /// Share of the requests in progress, and of those that began within ten seconds, percent.
    public var percent = 20
    /// So many are always allowed at a time, and ten times as many within ten seconds.
    public var minimum = 3

    public init() {}
}

/// A second attempt when the first is slow.
public struct HedgeDeclaration: Sendable, Equatable {
    /// The delay is this percentile of recent times to the response head, 50...99.
    public var percentile = 95
    /// Bounds of the delay.
    public var delayMinMilliseconds = 5
    public var delayMaxMilliseconds = 2_000

    public init() {}
}

/// When an upstream is given a rest.
public struct BreakerDeclaration: Sendable, Equatable {
    /// Share of gateway failures in the window that opens the breaker, percent.
    public var failurePercent = 50
    public var windowMilliseconds = 10_000
    /// Exchanges in the window below which it stays closed.
    public var minimumRequests = 20
    public var openMilliseconds = 5_000
    /// Probes that must go well, one by one, before it closes.
    public var probes = 3

    public init() {}
}

/// Exchanges that wait for a connection because all that there may be are busy.
public struct QueueDeclaration: Sendable, Equatable {
    /// Waiting at most, for one upstream on one shard; 0: none waits.
    public var pendingMax = 1_024
    public var timeoutMilliseconds = 1_000

    public init() {}
}

/// What a consistent hash is computed from.
public enum HashKeyDeclaration: Sendable, Equatable {
    /// Lower-case name.
    case header(String)
    case cookie(String)
    /// The client's address as forwarding fields tell it.
    case clientAddress
    /// A capture of the route's path.
    case capture(String)
}

/// A cookie that keeps a client with its endpoint.
public struct StickyCookieDeclaration: Sendable, Equatable {
    public var name: String
    /// 0: until the browser closes.
    public var maxAgeSeconds = 0
    public var secure = true

    public init(name: String) {
        self.name = name
    }
}
