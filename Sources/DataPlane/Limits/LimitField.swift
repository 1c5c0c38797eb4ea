/// The fields that tell a client how it stands.
public enum LimitField: Int, Sendable, CaseIterable {
    /// `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10): all limits.
    case policy, standing
    /// `X-RateLimit-Limit`, `-Remaining`, `-Reset`: the most restrictive limit.
    case quota, remaining, reset
    /// Spring Cloud Gateway's `X-RateLimit-Replenish-Rate`, `-Burst-Capacity`, `-Requested-Tokens`: the most
    /// restrictive limit.
    case replenishRate, burstCapacity, requestedTokens
    /// `Retry-After` (RFC 9110 §10.2.3), of a refused request that may pass later.
    case retryAfter

    /// The field's name, as HTTP/1 writes it.
    public var name: StaticString {
        switch self {
        case .policy: "RateLimit-Policy"
        case .standing: "RateLimit"
        case .quota: "X-RateLimit-Limit"
        case .remaining: "X-RateLimit-Remaining"
        case .reset: "X-RateLimit-Reset"
        case .replenishRate: "X-RateLimit-Replenish-Rate"
        case .burstCapacity: "X-RateLimit-Burst-Capacity"
        case .requestedTokens: "X-RateLimit-Requested-Tokens"
        case .retryAfter: "Retry-After"
        }
    }

    /// A set of fields.
    public struct Choice: OptionSet, Sendable {
        /// One bit for each field.
        public let rawValue: Int

        /// By bits.
        public init(rawValue: Int) { self.rawValue = rawValue }

        private init(_ fields: LimitField...) { rawValue = fields.reduce(0) { $0 | 1 << $1.rawValue } }

        /// The fields of the IETF draft.
        public static let rateLimit = Choice(.policy, .standing)
        /// The three that most clients know.
        public static let xRateLimit = Choice(.quota, .remaining, .reset)
        /// Those of Spring Cloud Gateway.
        public static let spring = Choice(.remaining, .replenishRate, .burstCapacity, .requestedTokens)
        /// When to come back.
        public static let retryAfter = Choice(.retryAfter)

        /// Whether it has this field.
        public func contains(_ field: LimitField) -> Bool { rawValue & 1 << field.rawValue != 0 }
    }

    /// What `X-RateLimit-Reset` counts.
    public enum ResetForm: Sendable, Equatable {
        /// Seconds since 1970-01-01T00:00:00Z.
        case epochSeconds
        /// Seconds from now.
        case secondsLeft
    }
}

/// How one limit decided on a request, for its fields.
public struct LimitReport: Sendable {
    /// Which label of the writer.
    public var label: Int
    /// What was decided.
    public var decision: LimitDecision
    /// What the request cost.
    public var cost: Int

    /// All three.
    public init(label: Int, decision: LimitDecision, cost: Int = 1) {
        self.label = label
        self.decision = decision
        self.cost = cost
    }

    /// Seconds until the client has more: when a refused request may pass, or else when nothing is owed any more.
    var nanosecondsToMore: UInt64 {
        let waits = decision.verdict == .refused && decision.retryNanoseconds != LimitDecision.never
        return waits ? decision.retryNanoseconds : decision.resetNanoseconds
    }

    /// What refuses restricts most, longest wait first; then what leaves least; then what takes longest to come back.
    func restrictsMore(than other: LimitReport) -> Bool {
        let (mine, others) = (decision, other.decision)
        guard mine.verdict == others.verdict else { return mine.verdict == .refused }
        if mine.verdict == .refused, mine.retryNanoseconds != others.retryNanoseconds {
            return mine.retryNanoseconds > others.retryNanoseconds
        }
        guard mine.remaining == others.remaining else { return mine.remaining < others.remaining }
        return mine.resetNanoseconds > others.resetNanoseconds
    }
}
