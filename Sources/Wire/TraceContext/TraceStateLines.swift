public import HTTPModel

/// Where the lines of a `tracestate` lie in the head. Valid as long as the head's bytes are.
public struct TraceStateLines: Sendable {
    /// Most lines; who sends more loses the state, not the trace.
    public static let linesMax = 8

    private var lines = InlineArray<8, ByteRange>(repeating: ByteRange())
    /// Lines that are kept.
    public private(set) var count = 0

    /// None.
    public init() {}

    public var isEmpty: Bool { count == 0 }

    /// 0..<count, in the order received.
    public subscript(index: Int) -> ByteRange {
        precondition(index >= 0 && index < count)
        return lines[index]
    }

    /// What adding a line came to.
    enum Addition {
        case kept, noRoom
    }

    mutating func append(_ line: ByteRange) -> Addition {
        guard count < Self.linesMax else { return .noRoom }
        lines[count] = line
        count += 1
        return .kept
    }
}
