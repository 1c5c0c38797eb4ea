public import Kernel
public import TraceContext

/// How the trace of an exchange begins: the place of the gateway's own span, and what was decided.
///
/// The attempts' spans are children of `context`, and their contexts are what goes upstream.
public struct TraceStart: Sendable {
    /// The server span. Its decision is the one that is propagated.
    public let context: SpanContext
    public let head: HeadDecision
    /// Lines of `tracestate` to pass on.
    public let state: TraceStateLines

    /// Continues the caller's trace as far as the policy lets it, or begins one.
    public init(_ extraction: TraceExtraction, policy: SamplingPolicy, random: inout FastRandom) {
        let isIgnored = policy.caller == .ignore
        var context: SpanContext
        if let caller = extraction.context, !isIgnored {
            context = caller.child(random: random.next())
            state = extraction.state
        } else {
            context = SpanContext.root(
                traceIDHigh: random.next(), traceIDLow: random.next(), spanID: random.next(), sampling: .deferred)
            state = TraceStateLines()
        }
        head = SamplingDecision.head(caller: extraction.sampling, traceIDLow: context.traceIDLow, policy: policy)
        context.sampling = head.propagated
        self.context = context
    }
}
