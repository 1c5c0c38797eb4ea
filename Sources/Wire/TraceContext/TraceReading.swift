/// What one format says of a trace, before the formats are weighed against each other.
struct TraceReading: Sendable {
    /// `nil` when the format brought a decision alone, such as `b3: 0`.
    var context: SpanContext?
    var sampling: SamplingState

    /// Both; the context bears the decision too.
    init(_ context: SpanContext?, _ sampling: SamplingState) {
        self.context = context
        self.context?.sampling = sampling
        self.sampling = sampling
    }
}
