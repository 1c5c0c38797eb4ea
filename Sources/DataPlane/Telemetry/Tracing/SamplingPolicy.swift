/// How far a caller's trace headers are followed.
public enum CallerRule: UInt8, Sendable, CaseIterable {
    /// Its ids and its decision count: for callers that are our own.
    case follow
    /// Its ids count and its acceptance does not, so that a stranger cannot have everything recorded. A denial goes on
    /// to further hops, but the tail still keeps what it keeps.
    case followIDs
    /// The request begins a new trace, as if it had brought no headers.
    case ignore
}

/// What is kept at the end of an exchange although nobody chose it at the start.
public struct TailRules: Sendable, Equatable {
    /// The gateway found an error, or the answer was 5xx.
    public var keepsFailed = false
    /// It took more than one attempt.
    public var keepsRetried = false
    /// A limit refused it.
    public var keepsLimited = false
    /// It took longer than this; `nil`: however long.
    public var slowNanoseconds: UInt64?

    /// None.
    public init() {}

    /// No rule keeps anything, so spans need not be collected.
    public var isEmpty: Bool { !keepsFailed && !keepsRetried && !keepsLimited && slowNanoseconds == nil }

    /// Keeps everything out of the ordinary; slow is what takes longer than a second.
    public static var standard: TailRules {
        var rules = TailRules()
        rules.keepsFailed = true
        rules.keepsRetried = true
        rules.keepsLimited = true
        rules.slowNanoseconds = 1_000_000_000
        return rules
    }
}

/// What decides whether an exchange's spans are kept.
public struct SamplingPolicy: Sendable, Equatable {
    /// For traces on which nobody has decided yet.
    public var rate = SamplingRate.all
    public var caller = CallerRule.follow
    public var tail = TailRules()

    /// Follows the caller, and keeps every new trace.
    public init() {}

    /// With what a route says otherwise.
    public func overridden(by route: RouteSampling) -> SamplingPolicy {
        var policy = self
        if let rate = route.rate { policy.rate = rate }
        if let caller = route.caller { policy.caller = caller }
        if let tail = route.tail { policy.tail = tail }
        return policy
    }
}

/// What a route says otherwise than the gateway's policy; `nil`: nothing.
public struct RouteSampling: Sendable, Equatable {
    public var rate: SamplingRate?
    public var caller: CallerRule?
    public var tail: TailRules?

    /// Nothing.
    public init() {}
}
