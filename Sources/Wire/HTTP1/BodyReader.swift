public import HTTPModel

/// Finds the end of a message body, whatever its framing, and tells content from packaging.
public struct BodyReader: Sendable {
    private enum Kind {
        case none
        case length(Int)
        case chunked(ChunkedDecoder)
        case untilClose
    }

    private var kind: Kind
    /// Set once the last octet of the body was seen.
    public private(set) var isFinished: Bool

    /// A reader before the first octet.
    public init(_ framing: BodyFraming) {
        isFinished = false
        switch framing {
        case .none:
            kind = .none
            isFinished = true
        case .length(let count):
            kind = .length(count)
            isFinished = count == 0
        case .chunked: kind = .chunked(ChunkedDecoder())
        case .untilClose: kind = .untilClose
        }
    }

    /// The body ends with the connection, not before.
    public var endsWithConnection: Bool {
        if case .untilClose = kind { return true }
        return false
    }

    /// The next step over `bytes` from `start`. On `.finished` of a chunked body, `trailers` holds its trailer lines as offsets
    /// into `bytes`.
    public mutating func step(_ bytes: Span<UInt8>, from start: Int, trailers: inout FieldTable) -> BodyStep {
        if isFinished { return .finished(consumed: start) }
        switch kind {
        case .none:
            return .finished(consumed: start)
        case .length(let left):
            guard start < bytes.count else { return .needsMore(consumed: start) }
            let end = min(bytes.count, start &+ left)
            let rest = left &- (end &- start)
            kind = .length(rest)
            isFinished = rest == 0
            return .content(start..<end)
        case .untilClose:
            return start < bytes.count ? .content(start..<bytes.count) : .needsMore(consumed: start)
        case .chunked(var decoder):
            let step = decoder.step(bytes, from: start, trailers: &trailers)
            kind = .chunked(decoder)
            if case .finished = step { isFinished = true }
            return step
        }
    }
}
