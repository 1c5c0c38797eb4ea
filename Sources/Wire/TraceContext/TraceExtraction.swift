/// What the trace headers of a request say, taken together.
public struct TraceExtraction: Sendable {
    /// The caller's span; `nil` when the request begins a trace.
    public var context: SpanContext?
    /// The caller's decision, which may come without a context.
    public var sampling = SamplingState.deferred
    /// Lines to pass on with `traceparent`; none unless they are valid.
    public var state = TraceStateLines()
    /// Why headers were taken as absent, each reason once.
    public var problems = TraceProblems()

    /// Nothing was said.
    public init() {}
}
