public import HTTPModel
internal import Kernel

/// Decodes the chunked transfer coding (RFC 9112 §7.1): bytes in, runs of content out.
///
/// Strict: CRLF only, no white space around sizes, sizes below 2^60, bounded extensions. Extensions are dropped, as a recipient
/// must when it does not know them. Trailers are parsed once they are whole.
public struct ChunkedDecoder: Sendable {
    private enum State {
        case sizeStart, size, extensions, sizeEnd
        case content, contentCarriageReturn, contentLineFeed
        case trailers, done
    }

    private var state = State.sizeStart
    /// Octets of the current chunk that are still to come.
    private var left = 0
    private var sizeDigits = 0
    /// Octets of extensions over the whole body, so that a body cannot be all packaging.
    private var extensionBytes = 0

    /// Octets of chunk extensions in one body; nobody sends any, and a flood of them is CVE-2023-39326.
    public static let extensionBytesMax = 4_096
    /// Octets of a trailer section.
    public static let trailerBytesMax = 8_192

    /// A decoder before the first chunk.
    public init() {}

    /// The next step over `bytes` from `start`. On `.finished`, `trailers` holds the trailer lines as offsets into `bytes`.
    public mutating func step(_ bytes: Span<UInt8>, from start: Int, trailers: inout FieldTable) -> BodyStep {
        var index = start
        while index < bytes.count {
            switch state {
            case .content:
                let end = min(bytes.count, index &+ left)
                left &-= end &- index
                if left == 0 { state = .contentCarriageReturn }
                return .content(index..<end)
            case .trailers:
                return trailerStep(bytes, from: index, into: &trailers)
            case .done:
                return .finished(consumed: index)
            default:
                guard advance(over: bytes[index]) else { return .failed }
                index &+= 1
            }
        }
        return state == .done ? .finished(consumed: index) : .needsMore(consumed: index)
    }

    /// One octet of the packaging; false when it may not stand there.
    private mutating func advance(over byte: UInt8) -> Bool {
        switch state {
        case .sizeStart, .size:
            return sizeByte(byte)
        case .extensions:
            extensionBytes &+= 1
            if byte == 0x0D {
                state = .sizeEnd
                return true
            }
            return extensionBytes <= Self.extensionBytesMax && (byte >= 0x20 || byte == 0x09) && byte != 0x7F
        case .sizeEnd:
            state = left > 0 ? .content : .trailers
            return byte == 0x0A
        case .contentCarriageReturn:
            state = .contentLineFeed
            return byte == 0x0D
        case .contentLineFeed:
            state = .sizeStart
            return byte == 0x0A
        case .content, .trailers, .done:
            preconditionFailure("not an octet of the packaging")
        }
    }

    private mutating func sizeByte(_ byte: UInt8) -> Bool {
        if let digit = Self.hexadecimal(byte) {
            if state == .sizeStart {
                left = 0
                sizeDigits = 0
                state = .size
            }
            sizeDigits &+= 1
            left = left &* 16 &+ digit
            // 15 digits cannot overflow, and leading zeros are not a way around the bound.
            return sizeDigits <= 15
        }
        guard state == .size else { return false }
        if byte == 0x0D {
            state = .sizeEnd
            return true
        }
        state = .extensions
        return byte == 0x3B
    }

    private mutating func trailerStep(_ bytes: Span<UInt8>, from start: Int, into trailers: inout FieldTable)
        -> BodyStep
    {
        trailers.removeAll()
        var dropped = 0
        let lines = FieldLineParser.parse(
            bytes, from: start, into: &trailers, dropsUnderscores: true, dropped: &dropped)
        switch lines {
        case .complete(let end):
            guard end &- start <= Self.trailerBytesMax else { return .failed }
            state = .done
            return .finished(consumed: end)
        case .incomplete:
            return bytes.count &- start > Self.trailerBytesMax ? .failed : .needsMore(consumed: start)
        case .malformed, .tooManyFields:
            return .failed
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> Int? {
        if byte &- 0x30 < 10 { return Int(byte &- 0x30) }
        let letter = (byte | 0x20) &- 0x61
        return letter < 6 ? Int(letter) &+ 10 : nil
    }
}
