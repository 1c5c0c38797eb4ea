internal import Kernel

/// The header fields that carry a trace.
///
/// They say nothing of one hop alone, so `Connection` cannot strip them, and what a gateway received it replaces.
public enum TraceField: UInt8, Sendable, CaseIterable {
    case b3, b3TraceID, b3SpanID, b3ParentSpanID, b3Sampled, b3Flags, traceparent, tracestate

    /// The name in lower case.
    public var name: StaticString {
        switch self {
        case .b3: "b3"
        case .b3TraceID: "x-b3-traceid"
        case .b3SpanID: "x-b3-spanid"
        case .b3ParentSpanID: "x-b3-parentspanid"
        case .b3Sampled: "x-b3-sampled"
        case .b3Flags: "x-b3-flags"
        case .traceparent: "traceparent"
        case .tracestate: "tracestate"
        }
    }

    /// Recognises a name of any case. Length and first letter leave two candidates at most.
    public init?(_ name: Span<UInt8>) {
        let first = name.isEmpty ? 0 : name[0] | 0x20
        let candidates: (TraceField, TraceField?)
        switch (name.count, first) {
        case (2, 0x62): candidates = (.b3, nil)
        case (10, 0x74): candidates = (.tracestate, nil)
        case (10, 0x78): candidates = (.b3Flags, nil)
        case (11, 0x74): candidates = (.traceparent, nil)
        case (11, 0x78): candidates = (.b3SpanID, nil)
        case (12, 0x78): candidates = (.b3TraceID, .b3Sampled)
        case (17, 0x78): candidates = (.b3ParentSpanID, nil)
        default: return nil
        }
        if ByteSearch.equalIgnoringCase(name, candidates.0.name) {
            self = candidates.0
        } else if let second = candidates.1, ByteSearch.equalIgnoringCase(name, second.name) {
            self = second
        } else {
            return nil
        }
    }
}
