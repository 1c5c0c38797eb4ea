internal import Kernel

/// Reads the fields `X-B3-…`, each of which may be missing (an empty span).
struct B3MultiReader: ~Copyable {
    private(set) var problems: TraceProblems

    /// Further problems are added to those.
    init(problems: TraceProblems) {
        self.problems = problems
    }

    /// What is there; `nil` when nothing of it counts.
    ///
    /// Without a pair of ids the decision counts alone. `Flags: 1` is debug whatever `Sampled` says; other flags are
    /// ignored.
    mutating func read(
        trace: Span<UInt8>?, span: Span<UInt8>?, parent: Span<UInt8>?, sampled: Span<UInt8>?, flags: Span<UInt8>?
    ) -> TraceReading? {
        var decision: SamplingState?
        if let sampled {
            decision = Self.decision(sampled)
            if decision == nil { problems.insert(.b3Sampled) }
        }
        if let flags, flags.count == 1, flags[0] == 0x31 { decision = .debug }
        let context = context(trace: trace, span: span, parent: parent)
        guard context != nil || decision != nil else { return nil }
        return TraceReading(context, decision ?? .deferred)
    }

    private mutating func context(trace: Span<UInt8>?, span: Span<UInt8>?, parent: Span<UInt8>?) -> SpanContext? {
        guard let trace, let span else {
            if trace != nil || span != nil { problems.insert(.b3Incomplete) }
            return nil
        }
        let traceID =
            trace.count == 16 || trace.count == 32
            ? IdentifierText.traceID(trace, from: 0, digits: trace.count) : nil
        if traceID == nil { problems.insert(.b3TraceID) }
        let spanID = span.count == 16 ? IdentifierText.spanID(span, from: 0) : nil
        if spanID == nil { problems.insert(.b3SpanID) }
        guard let traceID, let spanID else { return nil }
        var parentID: UInt64 = 0
        if let parent {
            let number = parent.count == 16 ? IdentifierText.number(parent, from: 0, digits: 16) : nil
            if number == nil { problems.insert(.b3ParentSpanID) }
            parentID = number ?? 0
        }
        return SpanContext(
            traceIDHigh: traceID.high, traceIDLow: traceID.low, spanID: spanID,
            parentSpanID: parentID == spanID ? 0 : parentID)
    }

    private static func decision(_ text: Span<UInt8>) -> SamplingState? {
        if text.count == 1 && text[0] == 0x31 || ByteSearch.equalIgnoringCase(text, "true") { return .accept }
        if text.count == 1 && text[0] == 0x30 || ByteSearch.equalIgnoringCase(text, "false") { return .deny }
        return nil
    }
}
