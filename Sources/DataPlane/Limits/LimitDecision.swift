/// What a limit says of one request, with the figures its client is told.
public struct LimitDecision: Sendable, Equatable {
    /// Whether the request may pass.
    public enum Verdict: UInt8, Sendable, Equatable {
        /// It may, and has been charged unless this was a peek.
        case allowed
        /// It may not, and nothing was charged.
        case refused
    }

    /// The wait of a request that costs more than the burst: it can never pass.
    public static let never = UInt64.max

    /// Whether the request may pass.
    public var verdict: Verdict
    /// Whole units that could be charged right after this decision.
    public var remaining: Int
    /// Until the key is as if it had never been charged, rounded up.
    public var resetNanoseconds: UInt64
    /// Until the same request could pass, rounded up; 0 if allowed, `never` if it cannot.
    public var retryNanoseconds: UInt64

    /// All four.
    public init(verdict: Verdict, remaining: Int, resetNanoseconds: UInt64, retryNanoseconds: UInt64) {
        self.verdict = verdict
        self.remaining = remaining
        self.resetNanoseconds = resetNanoseconds
        self.retryNanoseconds = retryNanoseconds
    }
}
