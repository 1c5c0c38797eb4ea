/// How many requests of whom are let through.
public struct RateLimitDeclaration: Sendable, Equatable {
    /// Limits of the same name are one limit, counted together, across routes. Never empty: a limit that stands in a route without a
    /// name has the route's id.
    public var name = ""
    public var rate = RateDeclaration(count: 0, periodMilliseconds: 1_000)
    /// How many may come at once; 0: as many as the rate's count.
    public var burst = 0
    /// Who is counted: all components together.
    public var key: [LimitKeyDeclaration] = [.clientAddress]
    /// What a request of a method costs; 1 for those that are not named.
    public var costs: [MethodCostDeclaration] = []
    /// Other rates for single keys; only where the key is one text.
    public var plans: [LimitPlanDeclaration] = []
    /// Counts and tells, and refuses nobody.
    public var isShadow = false
    /// Keys that are counted at a time.
    public var keysMax = 65_536

    public init() {}
}

/// So many in so long.
public struct RateDeclaration: Sendable, Equatable {
    public var count: Int
    public var periodMilliseconds: Int

    public init(count: Int, periodMilliseconds: Int) {
        self.count = count
        self.periodMilliseconds = periodMilliseconds
    }
}

/// One component of what is counted. A request that lacks it is counted by its client's address.
public enum LimitKeyDeclaration: Sendable, Equatable, Hashable {
    /// IPv4 by address, IPv6 by /64.
    case clientAddress
    /// In lower case.
    case header(String)
    case cookie(String)
    /// Of the token that a `jwt` filter before this one has accepted.
    case claim(String)
    case route
    /// All together.
    case everybody
}

/// What a request of one method costs.
public struct MethodCostDeclaration: Sendable, Equatable {
    public var method: String
    public var cost: Int

    public init(method: String, cost: Int) {
        self.method = method
        self.cost = cost
    }
}

/// The rate of one key.
public struct LimitPlanDeclaration: Sendable, Equatable {
    public var value: String
    public var rate: RateDeclaration
    /// 0: as many as the rate's count.
    public var burst: Int

    public init(value: String, rate: RateDeclaration, burst: Int) {
        self.value = value
        self.rate = rate
        self.burst = burst
    }
}

/// How many exchanges of whom may be in progress at once.
public struct ConcurrencyLimitDeclaration: Sendable, Equatable {
    /// As of a rate limit.
    public var name = ""
    /// At once, for each key; beyond: 503.
    public var limit = 0
    public var key: [LimitKeyDeclaration] = [.everybody]
    /// Keys that are counted at a time.
    public var keysMax = 65_536

    public init() {}
}

/// A limit of what is in progress at an upstream that follows its latency.
public struct AdaptiveLimitDeclaration: Sendable, Equatable {
    /// It never falls below this.
    public var minimum = 4
    public var maximum = 1_000
    /// Where it begins.
    public var initial = 20
    /// How much latency may rise above its long average, in percent of that, before the limit falls.
    public var tolerancePercent = 150

    public init() {}
}
