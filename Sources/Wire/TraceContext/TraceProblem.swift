/// Why a trace header was taken as absent. None of it ever fails a request.
public enum TraceProblem: UInt8, Sendable, CaseIterable {
    /// `b3` is none of its forms, or holds an id of zeros.
    case b3
    /// `X-B3-TraceId` is not 16 or 32 lower-case digits, or all zeros.
    case b3TraceID
    /// `X-B3-SpanId` is not 16 lower-case digits, or all zeros.
    case b3SpanID
    /// `X-B3-ParentSpanId` is not 16 lower-case digits; only the parent is not known then.
    case b3ParentSpanID
    /// `X-B3-Sampled` is none of `1`, `0`, `true`, `false`.
    case b3Sampled
    /// One of `X-B3-TraceId` and `X-B3-SpanId` came without the other.
    case b3Incomplete
    /// More than one `traceparent`.
    case traceparentRepeated
    /// `traceparent` has version `ff`, or does not begin with a version.
    case traceparentVersion
    /// `traceparent` has another form than its version demands, or an id of zeros.
    case traceparent
    /// `tracestate` holds a member that is none, or the same comes in more lines than are kept.
    case tracestate
    /// `tracestate` has more than 32 members or 512 bytes.
    case tracestateTooLong

    /// The word in metrics.
    public var word: StaticString {
        switch self {
        case .b3: "b3"
        case .b3TraceID: "b3-trace-id"
        case .b3SpanID: "b3-span-id"
        case .b3ParentSpanID: "b3-parent-span-id"
        case .b3Sampled: "b3-sampled"
        case .b3Incomplete: "b3-incomplete"
        case .traceparentRepeated: "traceparent-repeated"
        case .traceparentVersion: "traceparent-version"
        case .traceparent: "traceparent"
        case .tracestate: "tracestate"
        case .tracestateTooLong: "tracestate-too-long"
        }
    }
}

/// A set of problems.
public struct TraceProblems: Sendable, Equatable {
    private var bits: UInt16 = 0

    /// None.
    public init() {}

    public var isEmpty: Bool { bits == 0 }

    public func contains(_ problem: TraceProblem) -> Bool { bits & 1 << UInt16(problem.rawValue) != 0 }

    public mutating func insert(_ problem: TraceProblem) { bits |= 1 << UInt16(problem.rawValue) }

    /// Takes one out; `nil` when none is left. For counting each of them.
    public mutating func popFirst() -> TraceProblem? {
        guard bits != 0 else { return nil }
        let place = bits.trailingZeroBitCount
        bits &= bits &- 1
        return TraceProblem(rawValue: UInt8(place))
    }
}
