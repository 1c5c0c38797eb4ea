public import TraceContext

/// Why spans are kept.
public enum KeepReason: UInt8, Sendable, CaseIterable {
    /// The caller records its trace.
    case caller
    /// The caller debugs.
    case debug
    /// The trace is among those that the rate keeps.
    case rate
    case failed, retried, limited, slow

    /// The word in spans and metrics.
    public var word: StaticString {
        switch self {
        case .caller: "caller"
        case .debug: "debug"
        case .rate: "rate"
        case .failed: "failed"
        case .retried: "retried"
        case .limited: "limited"
        case .slow: "slow"
        }
    }
}

/// What is decided when a request head is there, before anything is known of how it ends.
public enum HeadDecision: Sendable, Equatable {
    /// The spans are kept, and so are those of all further hops.
    case kept(KeepReason)
    /// The spans are collected, and the end decides.
    ///
    /// Further hops are told "not sampled". What they do is over when we decide, so a promise would be worth nothing,
    /// and leaving it to them would give as many opinions as hops. A trace that only the tail keeps therefore has the
    /// gateway's spans (the exchange and each of its attempts) and none from below.
    case undecided
    /// Nothing is collected.
    case dropped

    /// What further hops are told.
    public var propagated: SamplingState {
        switch self {
        case .kept(.debug): .debug
        case .kept: .accept
        case .undecided, .dropped: .deny
        }
    }

    /// Spans are to be collected until the end of the exchange.
    public var collectsSpans: Bool { self != .dropped }
}

/// Decides twice: at the head, where what is propagated is settled for good, and at the tail, where only our own spans
/// are still open. Pure; the dice are in the trace's id.
public enum SamplingDecision {
    /// At the head. A caller of our own that denies is followed to the end: the tail keeps nothing of its traces. A
    /// stranger that denies is followed in what is propagated, and cannot hide from the tail.
    public static func head(caller: SamplingState, traceIDLow: UInt64, policy: SamplingPolicy) -> HeadDecision {
        switch (caller, policy.caller) {
        case (.deny, .follow): return .dropped
        case (.deny, .followIDs): return policy.tail.isEmpty ? .dropped : .undecided
        case (.accept, .follow): return .kept(.caller)
        case (.debug, .follow): return .kept(.debug)
        case (_, .ignore), (.deferred, _), (.accept, .followIDs), (.debug, .followIDs): break
        }
        if policy.rate.keeps(traceIDLow: traceIDLow) { return .kept(.rate) }
        return policy.tail.isEmpty ? .dropped : .undecided
    }

    /// At the tail: why the spans are kept, or `nil`. The first rule that holds names the reason.
    public static func tail(_ head: HeadDecision, _ facts: ExchangeFacts, policy: SamplingPolicy) -> KeepReason? {
        switch head {
        case .kept(let reason): return reason
        case .dropped: return nil
        case .undecided: break
        }
        let rules = policy.tail
        // What a limit refuses is mostly a failure too; the limit says more.
        if rules.keepsLimited && facts.isLimited { return .limited }
        if rules.keepsFailed && facts.isFailed { return .failed }
        if rules.keepsRetried && facts.attempts > 1 { return .retried }
        if let slow = rules.slowNanoseconds, facts.durationNanoseconds > slow { return .slow }
        return nil
    }
}
