public import HTTPModel
internal import Kernel

/// Parses a request head (RFC 9112 §3 and §5): bytes in, offsets and meaning out. No clock, no socket, no allocation.
public enum RequestHeadParser {
    /// Parses from the start of `bytes`; `head` is overwritten. The same bytes with more behind them give the same result or,
    /// after `.incomplete`, a later one.
    public static func parse(_ bytes: Span<UInt8>, into head: inout RequestHead, limits: HeadLimits) -> HeadOutcome {
        head.reset()
        let lineStart = skipEmptyLines(bytes)
        guard lineStart >= 0 else { return .failed(.badRequest) }
        let line = requestLine(bytes, from: lineStart, into: &head, limits: limits)
        guard case .complete(let fieldsStart) = line else { return bounded(line, bytes, limits) }
        var dropped = 0
        let lines = FieldLineParser.parse(
            bytes, from: fieldsStart, into: &head.fields, dropsUnderscores: true, dropped: &dropped)
        switch lines {
        case .incomplete: return bounded(.incomplete, bytes, limits)
        case .malformed: return .failed(.badRequest)
        case .tooManyFields: return .failed(.headTooLarge)
        case .complete(let end):
            guard end <= limits.headBytes else { return .failed(.headTooLarge) }
            head.droppedFields = dropped
            if let error = RequestHeadMeaning.interpret(bytes, &head) { return .failed(error) }
            return .complete(headEnd: end)
        }
    }

    /// An unfinished head that is already too long will not become shorter.
    private static func bounded(_ outcome: HeadOutcome, _ bytes: Span<UInt8>, _ limits: HeadLimits) -> HeadOutcome {
        outcome == .incomplete && bytes.count >= limits.headBytes ? .failed(.headTooLarge) : outcome
    }

    /// At most two empty lines before the request line are forgiven (RFC 9112 §2.2); -1 when more or malformed.
    private static func skipEmptyLines(_ bytes: Span<UInt8>) -> Int {
        var index = 0
        while index < bytes.count, bytes[index] == 0x0D {
            guard index &+ 1 < bytes.count else { return index < 4 ? index : -1 }
            guard bytes[index &+ 1] == 0x0A, index < 4 else { return -1 }
            index &+= 2
        }
        return index
    }

    /// Method, target, version: exactly one space between them, and CRLF. `.complete` carries the index behind it.
    private static func requestLine(
        _ bytes: Span<UInt8>, from start: Int, into head: inout RequestHead, limits: HeadLimits
    ) -> HeadOutcome {
        let count = bytes.count
        if start < count, bytes[start] == 0x0D { return .incomplete }
        let methodEnd = ByteSearch.endOfToken(bytes, from: start)
        guard methodEnd &- start <= methodBytesMax else { return .failed(.notImplemented) }
        guard methodEnd < count else { return .incomplete }
        guard methodEnd > start, bytes[methodEnd] == 0x20 else { return .failed(.badRequest) }
        head.methodToken = ByteRange(start, methodEnd)
        head.method = Method(bytes.extracting(start..<methodEnd))
        let targetStart = methodEnd &+ 1
        let targetEnd = ByteSearch.endOfVisible(bytes, from: targetStart)
        guard targetEnd &- targetStart <= limits.targetBytes else { return .failed(.targetTooLong) }
        guard targetEnd < count else { return .incomplete }
        guard targetEnd > targetStart, bytes[targetEnd] == 0x20 else { return .failed(.badRequest) }
        head.target = ByteRange(targetStart, targetEnd)
        return version(bytes, from: targetEnd &+ 1, into: &head)
    }

    private static func version(_ bytes: Span<UInt8>, from start: Int, into head: inout RequestHead) -> HeadOutcome {
        let prefix: StaticString = "HTTP/"
        let known = min(bytes.count &- start, 5)
        var looksRight = true
        prefix.withSpan { literal in
            for index in 0..<known where bytes[start &+ index] != literal[index] { looksRight = false }
        }
        guard looksRight else { return .failed(.badRequest) }
        guard bytes.count >= start &+ 10 else { return .incomplete }
        let major = bytes[start &+ 5]
        let minor = bytes[start &+ 7]
        guard isDigit(major), bytes[start &+ 6] == 0x2E, isDigit(minor), bytes[start &+ 8] == 0x0D,
            bytes[start &+ 9] == 0x0A
        else { return .failed(.badRequest) }
        guard major == 0x31, minor <= 0x31 else { return .failed(.versionNotSupported) }
        head.version = minor == 0x31 ? .http11 : .http10
        return .complete(headEnd: start &+ 10)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    /// Octets of a method: the longest registered one (UPDATEREDIRECTREF) has 17.
    static let methodBytesMax = 32
}
