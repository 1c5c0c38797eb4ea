/// A span's place in its trace: what one hop tells the next.
///
/// Received, it is the caller's span. `child` makes the place of a span of ours below it, and what is sent upstream is
/// the place of the span of that one attempt. A trace id of 64 bits (B3) has zeros above; it stays short in B3 and is
/// padded for W3C.
public struct SpanContext: Sendable, Equatable {
    /// The upper half of the trace's id; 0 for an id of 64 bits.
    public var traceIDHigh: UInt64
    /// The lower half. Not both halves are 0.
    public var traceIDLow: UInt64
    /// The span itself; not 0.
    public var spanID: UInt64
    /// The span above; 0 for none, or when nobody said (W3C never does).
    public var parentSpanID: UInt64
    public var sampling: SamplingState
    /// The lower 56 bits of the trace's id are known to be random (W3C Trace Context level 2, flag 02).
    public var isTraceIDRandom: Bool

    /// All parts.
    public init(
        traceIDHigh: UInt64, traceIDLow: UInt64, spanID: UInt64, parentSpanID: UInt64 = 0,
        sampling: SamplingState = .deferred, isTraceIDRandom: Bool = false
    ) {
        precondition(traceIDHigh | traceIDLow != 0 && spanID != 0)
        self.traceIDHigh = traceIDHigh
        self.traceIDLow = traceIDLow
        self.spanID = spanID
        self.parentSpanID = parentSpanID
        self.sampling = sampling
        self.isTraceIDRandom = isTraceIDRandom
    }

    /// The first span of a new trace. Takes three random numbers; a 0, which is no id, becomes 1.
    public static func root(
        traceIDHigh: UInt64, traceIDLow: UInt64, spanID: UInt64, sampling: SamplingState
    ) -> SpanContext {
        SpanContext(
            traceIDHigh: traceIDHigh, traceIDLow: max(1, traceIDLow), spanID: max(1, spanID), sampling: sampling,
            isTraceIDRandom: true)
    }

    /// A span right below this one, with an id from a random number. A 0, and our own id, are not taken as they are.
    public func child(random: UInt64) -> SpanContext {
        var child = self
        child.parentSpanID = spanID
        child.spanID = random == 0 || random == spanID ? ~spanID : random
        if child.spanID == 0 { child.spanID = 1 }
        return child
    }

    /// Both belong to one trace.
    public func isOfSameTrace(as other: SpanContext) -> Bool {
        traceIDHigh == other.traceIDHigh && traceIDLow == other.traceIDLow
    }
}
