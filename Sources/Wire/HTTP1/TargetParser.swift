internal import HTTPModel
internal import Kernel

/// Splits the request target (RFC 9112 §3.2) and finds the host that the request is for.
enum TargetParser {
    /// Fills in form, path, query, authority and host; returns what is wrong, if anything.
    static func interpret(_ bytes: Span<UInt8>, _ head: inout RequestHead, hasHost: Bool) -> GatewayError? {
        let start = Int(head.target.start)
        let end = Int(head.target.end)
        if head.method == .connect { return .notImplemented }
        if bytes[start] == 0x2F {
            head.form = .origin
            splitPath(bytes, &head, from: start, to: end)
        } else if end &- start == 1, bytes[start] == 0x2A {
            guard head.method == .options else { return .badRequest }
            head.form = .asterisk
        } else if let error = absolute(bytes, &head, from: start, to: end) {
            return error
        }
        guard hasHost || head.form.isAbsolute else { return nil }
        return host(bytes, &head)
    }

    private static func splitPath(_ bytes: Span<UInt8>, _ head: inout RequestHead, from start: Int, to end: Int) {
        let mark = min(end, ByteSearch.firstIndex(of: 0x3F, in: bytes, from: start))
        head.path = ByteRange(start, mark)
        head.hasQuery = mark < end
        if head.hasQuery { head.query = ByteRange(mark &+ 1, end) }
    }

    /// `scheme://authority/path`; the authority wins over any `Host` field (RFC 9112 §3.2.2).
    private static func absolute(
        _ bytes: Span<UInt8>, _ head: inout RequestHead, from start: Int, to end: Int
    ) -> GatewayError? {
        let colon = ByteSearch.firstIndex(of: 0x3A, in: bytes, from: start)
        guard colon &+ 2 < end, colon > start, bytes[colon &+ 1] == 0x2F, bytes[colon &+ 2] == 0x2F else {
            return .badRequest
        }
        let scheme = bytes.extracting(start..<colon)
        for index in scheme.indices where !isSchemeByte(scheme[index], first: index == 0) { return .badRequest }
        if ByteSearch.equalIgnoringCase(scheme, "http") {
            head.form = .absoluteHTTP
        } else {
            head.form = ByteSearch.equalIgnoringCase(scheme, "https") ? .absoluteHTTPS : .absoluteOther
        }
        var authorityEnd = colon &+ 3
        while authorityEnd < end, bytes[authorityEnd] != 0x2F, bytes[authorityEnd] != 0x3F { authorityEnd &+= 1 }
        head.authority = ByteRange(colon &+ 3, authorityEnd)
        splitPath(bytes, &head, from: authorityEnd, to: end)
        return nil
    }

    private static func isSchemeByte(_ byte: UInt8, first: Bool) -> Bool {
        let isLetter = (byte | 0x20) &- 0x61 < 26
        return isLetter || (!first && (byte &- 0x30 < 10 || byte == 0x2B || byte == 0x2D || byte == 0x2E))
    }

    /// Host and port (RFC 3986 §3.2.2, §3.2.3). User information has no place in HTTP (RFC 9110 §4.2.4).
    private static func host(_ bytes: Span<UInt8>, _ head: inout RequestHead) -> GatewayError? {
        let start = Int(head.authority.start)
        let end = Int(head.authority.end)
        guard start < end, end &- start <= authorityBytesMax else { return .badRequest }
        let text = bytes.extracting(start..<end)
        guard ByteSearch.firstIndex(notIn: .authority, text, from: 0) == text.count else { return .badRequest }
        var hostEnd = end
        if bytes[start] == 0x5B {
            let bracket = ByteSearch.firstIndex(of: 0x5D, in: bytes, from: start)
            guard bracket < end, isIPv6(bytes.extracting((start &+ 1)..<bracket)) else { return .badRequest }
            hostEnd = bracket &+ 1
            guard hostEnd == end || bytes[hostEnd] == 0x3A else { return .badRequest }
        } else {
            hostEnd = min(end, ByteSearch.firstIndex(of: 0x3A, in: bytes, from: start))
            for index in start..<hostEnd where bytes[index] == 0x5B || bytes[index] == 0x5D { return .badRequest }
        }
        guard hostEnd > start, isPort(bytes, from: hostEnd, to: end), isPercentSound(bytes, start, hostEnd) else {
            return .badRequest
        }
        head.host = ByteRange(start, hostEnd)
        return nil
    }

    /// Nothing, or a colon and at most five digits up to 65535. An empty port is allowed by RFC 3986 §3.2.3.
    private static func isPort(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Bool {
        guard start < end else { return true }
        guard end &- start <= 6 else { return false }
        var value = 0
        for index in (start &+ 1)..<end {
            let digit = bytes[index] &- 0x30
            guard digit < 10 else { return false }
            value = value &* 10 &+ Int(digit)
        }
        return value <= 65535
    }

    private static func isIPv6(_ text: Span<UInt8>) -> Bool {
        guard text.count >= 2 else { return false }
        var colons = 0
        for index in text.indices {
            let byte = text[index]
            if byte == 0x3A { colons &+= 1 }
            guard byte == 0x3A || byte == 0x2E || byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 6 else { return false }
        }
        return colons >= 2
    }

    private static func isPercentSound(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
        var index = start
        while index < end {
            if bytes[index] == 0x25 {
                guard index &+ 2 < end, isHex(bytes[index &+ 1]), isHex(bytes[index &+ 2]) else { return false }
                index &+= 2
            }
            index &+= 1
        }
        return true
    }

    private static func isHex(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 6 }

    /// Octets of host and port: a DNS name has at most 253, a port 6.
    static let authorityBytesMax = 260
}

extension TargetForm {
    /// The target carries its own authority.
    var isAbsolute: Bool {
        switch self {
        case .absoluteHTTP, .absoluteHTTPS, .absoluteOther: true
        case .origin, .asterisk, .authority: false
        }
    }
}
