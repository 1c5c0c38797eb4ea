public import HTTPModel
internal import Kernel

/// Parses a response head (RFC 9112 §4 and §5): bytes in, offsets and meaning out.
public enum ResponseHeadParser {
    /// Parses from the start of `bytes`; `head` is overwritten. Whatever is wrong is `.badResponse`: the
    /// origin is to blame.
    ///
    /// - Parameter toHead: the request's method was HEAD, so no body follows whatever the fields say (RFC 9112 §6.3).
    public static func parse(
        _ bytes: Span<UInt8>, into head: inout ResponseHead, toHead: Bool, headBytesMax: Int
    ) -> HeadOutcome {
        head.reset()
        let line = statusLine(bytes, into: &head)
        guard case .complete(let fieldsStart) = line else { return bounded(line, bytes, headBytesMax) }
        var dropped = 0
        let lines = FieldLineParser.parse(
            bytes, from: fieldsStart, into: &head.fields, dropsUnderscores: false, dropped: &dropped)
        switch lines {
        case .incomplete: return bounded(.incomplete, bytes, headBytesMax)
        case .malformed, .tooManyFields: return .failed(.badResponse)
        case .complete(let end):
            guard end <= headBytesMax, interpret(bytes, &head, toHead: toHead) else { return .failed(.badResponse) }
            return .complete(headEnd: end)
        }
    }

    private static func bounded(_ outcome: HeadOutcome, _ bytes: Span<UInt8>, _ headBytesMax: Int) -> HeadOutcome {
        outcome == .incomplete && bytes.count >= headBytesMax ? .failed(.badResponse) : outcome
    }

    /// `HTTP/1.1 200 OK`; the space before an absent reason may be missing, as many origins send it.
    private static func statusLine(_ bytes: Span<UInt8>, into head: inout ResponseHead) -> HeadOutcome {
        let prefix: StaticString = "HTTP/1."
        let known = min(bytes.count, 7)
        var looksRight = true
        prefix.withSpan { literal in
            for index in 0..<known where bytes[index] != literal[index] { looksRight = false }
        }
        guard looksRight else { return .failed(.badResponse) }
        guard bytes.count >= 13 else { return .incomplete }
        guard bytes[7] &- 0x30 < 10, bytes[8] == 0x20 else { return .failed(.badResponse) }
        head.version = bytes[7] == 0x30 ? .http10 : .http11
        for index in 9..<12 {
            let digit = bytes[index] &- 0x30
            guard digit < 10 else { return .failed(.badResponse) }
            head.status = head.status &* 10 &+ Int(digit)
        }
        guard head.status >= 100, head.status < 600, bytes[12] == 0x20 || bytes[12] == 0x0D else {
            return .failed(.badResponse)
        }
        let reasonStart = bytes[12] == 0x20 ? 13 : 12
        let end = ByteSearch.endOfFieldValue(bytes, from: reasonStart)
        guard end &+ 1 < bytes.count else { return .incomplete }
        guard bytes[end] == 0x0D, bytes[end &+ 1] == 0x0A else { return .failed(.badResponse) }
        head.reason = ByteRange(reasonStart, end)
        return .complete(headEnd: end &+ 2)
    }

    /// Framing and connection; false when the origin contradicts itself.
    private static func interpret(_ bytes: Span<UInt8>, _ head: inout ResponseHead, toHead: Bool) -> Bool {
        var lengths = 0
        var length = 0
        var codings = 0
        var coding = CodingList()
        var options = ConnectionOptions()
        var upgrade = UpgradeOffer()
        for entry in head.fields.entries {
            switch entry.known {
            case .contentLength:
                guard let value = ContentLength.parse(bytes, entry.value), lengths == 0 || value == length else {
                    return false
                }
                lengths &+= 1
                length = value
            case .transferEncoding:
                codings &+= 1
                coding.read(entry.value, in: bytes)
            case .connection:
                options.read(entry.value, in: bytes, tokens: &head.connectionTokens)
            case .upgrade:
                upgrade.read(entry.value, in: bytes)
            default: break
            }
        }
        // Two equal lengths would do no harm here, but the client may not agree.
        guard lengths <= 1, !options.overflows, codings == 0 || lengths == 0 else { return false }
        head.keepsAlive = head.version == .http11 ? !options.closes : options.keepsAlive && !options.closes
        if !head.connectionTokens.isEmpty {
            ConnectionOptions.markHopByHop(head.connectionTokens, in: bytes, fields: &head.fields)
            if head.status == 101 { head.upgrade = upgrade.granted(by: head.connectionTokens, in: bytes) }
        }
        return frame(&head, toHead: toHead, coding: codings > 0 ? coding : nil, length: lengths > 0 ? length : nil)
    }

    private static func frame(_ head: inout ResponseHead, toHead: Bool, coding: CodingList?, length: Int?) -> Bool {
        if let coding {
            // An HTTP/1.0 origin cannot know chunked; a coding that we do not undo cannot be passed on either.
            guard head.version == .http11, coding.count == 1, coding.chunkedIsLast else { return false }
        }
        if toHead || head.status < 200 || head.status == 204 || head.status == 304 {
            head.framing = .none
        } else if coding != nil {
            head.framing = .chunked
        } else if let length {
            head.framing = length == 0 ? .none : .length(length)
        } else {
            head.framing = .untilClose
        }
        return true
    }
}
