public import Kernel

/// Where the id of the span stands in a head that was written, once for each format.
///
/// A request that is sent again keeps its bytes, but each attempt is a span of its own.
public struct SpanIDPlaces: Sendable {
    private var places = InlineArray<3, Int>(repeating: 0)
    private var count = 0

    /// None.
    public init() {}

    public var isEmpty: Bool { count == 0 }

    mutating func add(_ place: Int) {
        precondition(count < 3)
        places[count] = place
        count += 1
    }

    /// Puts another id there. Nothing was consumed from the buffer since the headers were written.
    public func replace(with spanID: UInt64, in buffer: inout ByteBuffer) {
        precondition(spanID != 0)
        for index in 0..<count { buffer.overwriteHexadecimal(spanID, at: places[index]) }
    }
}
