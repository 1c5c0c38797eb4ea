internal import HTTPModel
internal import Kernel

/// What the lines of a request head mean together: framing, host, connection. All rules that span several fields are here.
enum RequestHeadMeaning {
    /// Fills in the derived parts; returns what is wrong, if anything.
    static func interpret(_ bytes: Span<UInt8>, _ head: inout RequestHead) -> GatewayError? {
        var hosts = 0
        var lengths = 0
        var codings = 0
        var coding = CodingList()
        var length = 0
        var options = ConnectionOptions()
        var expectation = Expectation.none
        var upgrade = UpgradeOffer()
        for entry in head.fields.entries {
            switch entry.known {
            case .host:
                hosts &+= 1
                head.authority = entry.value
            case .contentLength:
                lengths &+= 1
                guard let value = ContentLength.parse(bytes, entry.value) else { return .badRequest }
                length = value
            case .transferEncoding:
                codings &+= 1
                coding.read(entry.value, in: bytes)
            case .connection:
                options.read(entry.value, in: bytes, tokens: &head.connectionTokens)
            case .expect:
                expectation.read(bytes.extracting(entry.value.indices))
            case .te:
                head.acceptsTrailers = head.acceptsTrailers || listHasTrailers(entry.value, bytes)
            case .upgrade:
                upgrade.read(entry.value, in: bytes)
            default: break
            }
        }
        guard hosts <= 1, lengths <= 1, !options.overflows else { return .badRequest }
        if head.version == .http11, hosts == 0 { return .badRequest }
        if let error = framing(&head, codings: codings, coding: coding, lengths: lengths, length: length) {
            return error
        }
        if let error = TargetParser.interpret(bytes, &head, hasHost: hosts == 1) { return error }
        head.keepsAlive = head.version == .http11 ? !options.closes : options.keepsAlive && !options.closes
        if !head.connectionTokens.isEmpty {
            ConnectionOptions.markHopByHop(head.connectionTokens, in: bytes, fields: &head.fields)
            if head.version == .http11, head.framing == .none {
                head.upgrade = upgrade.granted(by: head.connectionTokens, in: bytes)
            }
        }
        return expect(&head, expectation)
    }

    /// RFC 9112 §6.1 and §6.3, without the leniencies that smuggling lives on.
    private static func framing(
        _ head: inout RequestHead, codings: Int, coding: CodingList, lengths: Int, length: Int
    ) -> GatewayError? {
        if codings > 0 {
            guard lengths == 0, head.version == .http11, coding.chunkedIsLast, coding.chunkedCount == 1 else {
                return .badRequest
            }
            guard coding.count == 1 else { return .notImplemented }
            head.framing = .chunked
        } else if lengths == 1 {
            head.framing = length == 0 ? .none : .length(length)
        }
        return nil
    }

    /// RFC 9110 §10.1.1: the only expectation there is; one from HTTP/1.0 is ignored.
    private static func expect(_ head: inout RequestHead, _ expectation: Expectation) -> GatewayError? {
        guard head.version == .http11 else { return nil }
        switch expectation {
        case .none: return nil
        case .unknown: return .expectationFailed
        case .proceed:
            head.expectsContinue = head.framing != .none
            return nil
        }
    }

    private static func listHasTrailers(_ value: ByteRange, _ bytes: Span<UInt8>) -> Bool {
        var walker = ListWalker(value)
        while let element = walker.element(in: bytes) {
            if ByteSearch.equalIgnoringCase(bytes.extracting(element.indices), "trailers") { return true }
        }
        return false
    }
}

/// What the `Expect` lines ask for.
enum Expectation {
    case none, proceed, unknown

    mutating func read(_ value: Span<UInt8>) {
        let isKnown = ByteSearch.equalIgnoringCase(value, "100-continue")
        self = isKnown && self != .unknown ? .proceed : .unknown
    }
}

/// The transfer codings listed over all `Transfer-Encoding` lines.
struct CodingList {
    var count = 0
    var chunkedCount = 0
    var chunkedIsLast = false

    mutating func read(_ value: ByteRange, in bytes: Span<UInt8>) {
        var walker = ListWalker(value)
        while let element = walker.element(in: bytes) {
            count &+= 1
            chunkedIsLast = ByteSearch.equalIgnoringCase(bytes.extracting(element.indices), "chunked")
            if chunkedIsLast { chunkedCount &+= 1 }
        }
        // An empty list says nothing that we could act on, and is not `chunked` either.
        if value.isEmpty { chunkedIsLast = false }
    }
}

/// `Content-Length` (RFC 9110 §8.6): digits, and nothing else.
enum ContentLength {
    /// `nil` unless 1 to 18 digits; 18 digits are more octets than any machine has, and cannot overflow.
    static func parse(_ bytes: Span<UInt8>, _ range: ByteRange) -> Int? {
        guard range.count >= 1, range.count <= 18 else { return nil }
        var value = 0
        for index in range.indices {
            let digit = bytes[index] &- 0x30
            guard digit < 10 else { return nil }
            value = value &* 10 &+ Int(digit)
        }
        return value
    }
}
