public import Declarations
public import Kernel

/// How an attempt failed.
public enum AttemptFailure: Sendable, Equatable {
    /// No connection came about.
    case connectFailed
    /// The origin said that it did not begin with this request (RFC 9113 §8.7: REFUSED_STREAM, or a stream above GOAWAY's last).
    case refusedUnprocessed
    /// The connection ended before the first octet of a response.
    case reset
    /// No response head within `perTryMilliseconds` or the time for the head.
    case timedOut
    /// A response head with this status. `retryAfterMilliseconds`: what its Retry-After says, `nil` without one.
    case status(Int, retryAfterMilliseconds: Int?)
}

/// Where an exchange stands when an attempt failed. No part of a final response has gone to the client.
public struct RetrySituation: Sendable, Equatable {
    /// Attempts made, the failed one included; at least 1.
    public var attempts: Int
    /// The method may be repeated (RFC 9110 §9.2.2).
    public var isIdempotent: Bool
    /// The kernel took octets of the request in the failed attempt.
    public var sentBytes: Bool
    /// All octets of the request that went upstream are still held.
    public var holdsWholeRequest: Bool
    /// When the exchange must be over, in monotonic nanoseconds; 0 for never.
    public var deadline: UInt64

    /// All parts.
    public init(attempts: Int, isIdempotent: Bool, sentBytes: Bool, holdsWholeRequest: Bool, deadline: UInt64 = 0) {
        self.attempts = attempts
        self.isIdempotent = isIdempotent
        self.sentBytes = sentBytes
        self.holdsWholeRequest = holdsWholeRequest
        self.deadline = deadline
    }
}

/// Whether a request is sent again.
public enum RetryDecision: Sendable, Equatable {
    /// After this wait, at another endpoint if there is one. The attempt was taken from the budget: `extraAttemptEnded` when it is over.
    case again(afterMilliseconds: Int)
    /// What there is, an error or a response, goes to the client.
    case giveUp(RetryRefusal)
}

/// Why a request is not sent again.
public enum RetryRefusal: UInt8, Sendable, CaseIterable {
    case notConfigured, notSafe, requestNotHeld, attemptsUsedUp, retryAfterTooLong, deadline, budget

    /// The word in metrics and logs.
    public var word: StaticString {
        switch self {
        case .notConfigured: "not-configured"
        case .notSafe: "not-safe"
        case .requestNotHeld: "request-not-held"
        case .attemptsUsedUp: "attempts-used-up"
        case .retryAfterTooLong: "retry-after-too-long"
        case .deadline: "deadline"
        case .budget: "budget"
        }
    }
}

/// Decides whether a failed attempt is followed by another.
///
/// It must never let a request that may have had an effect be sent twice: a method that is not idempotent is repeated only when the
/// origin cannot have begun with it. No configuration loosens this, so a route's behaviour can be told from its method alone.
public struct RetryPolicy: Sendable {
    private let declaration: RetryDeclaration

    /// By this declaration.
    public init(_ declaration: RetryDeclaration) {
        self.declaration = declaration
    }

    /// Decides; the reasons are tried in the order of the numbers, and the budget last, so that nothing is taken in vain.
    public func afterFailure(
        _ failure: AttemptFailure, _ situation: RetrySituation, now: UInt64, budget: inout RetryBudget,
        random: inout FastRandom
    ) -> RetryDecision {
        // 1. Is it meant to be?
        guard isConfigured(failure) else { return .giveUp(.notConfigured) }
        // 2. Is it safe, and is there a request to send?
        guard situation.isIdempotent || isUnprocessed(failure, situation) else { return .giveUp(.notSafe) }
        guard situation.holdsWholeRequest else { return .giveUp(.requestNotHeld) }
        // 3. Is there an attempt left?
        guard situation.attempts < declaration.attempts else { return .giveUp(.attemptsUsedUp) }
        // 4. When? A Retry-After that is too long is the client's to obey.
        var wait = backOffMilliseconds(attempts: situation.attempts, &random)
        if case .status(_, let retryAfter?) = failure {
            guard retryAfter <= declaration.retryAfterMaxMilliseconds else { return .giveUp(.retryAfterTooLong) }
            wait = max(wait, retryAfter)
        }
        // 5. Is there time, and room in the budget?
        if situation.deadline > 0, now &+ UInt64(wait) &* 1_000_000 >= situation.deadline { return .giveUp(.deadline) }
        guard budget.takeExtraAttempt(now) == .granted else { return .giveUp(.budget) }
        return .again(afterMilliseconds: wait)
    }

    private func isConfigured(_ failure: AttemptFailure) -> Bool {
        switch failure {
        case .connectFailed: declaration.onConnectFailure
        case .refusedUnprocessed, .reset: declaration.onReset
        case .timedOut: declaration.onTimeout
        case .status(let status, _): declaration.onStatuses.contains(status)
        }
    }

    /// The origin cannot have begun with the request. A response means it has, whatever was sent.
    private func isUnprocessed(_ failure: AttemptFailure, _ situation: RetrySituation) -> Bool {
        switch failure {
        case .connectFailed, .reset, .timedOut: !situation.sentBytes
        case .refusedUnprocessed: true
        case .status: false
        }
    }

    /// Doubles with each attempt up to the maximum; drawn between half of it and all of it, so that clients that failed together do
    /// not come back together.
    private func backOffMilliseconds(attempts: Int, _ random: inout FastRandom) -> Int {
        let most = max(0, declaration.backOffMaxMilliseconds)
        let first = min(max(0, declaration.backOffMilliseconds), most)
        // 2^20 times a millisecond is longer than any maximum that makes sense; shifting further could overflow.
        let doubled = min(most, first << min(max(0, attempts - 1), 20))
        let half = doubled / 2
        return half + random.below(doubled - half + 1)
    }
}
