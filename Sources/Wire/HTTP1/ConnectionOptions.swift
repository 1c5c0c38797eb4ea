internal import HTTPModel
internal import Kernel

/// What the `Connection` field lines of one head say (RFC 9110 §7.6.1).
struct ConnectionOptions {
    var closes = false
    var keepsAlive = false
    /// More names than anyone has a use for.
    var overflows = false

    /// Reads one line and collects names other than `close` and `keep-alive`.
    mutating func read(_ value: ByteRange, in bytes: Span<UInt8>, tokens: inout [ByteRange]) {
        var walker = ListWalker(value)
        while let element = walker.element(in: bytes) {
            let text = bytes.extracting(element.indices)
            if ByteSearch.equalIgnoringCase(text, "close") {
                closes = true
            } else if ByteSearch.equalIgnoringCase(text, "keep-alive") {
                keepsAlive = true
            } else if tokens.count < RequestHead.connectionTokensMax {
                tokens.append(element)
            } else {
                overflows = true
            }
        }
    }

    /// Marks the fields that the tokens name. Fields that end-to-end parties rely on cannot be stripped that way
    /// (`Connection: authorization` must not disarm a check behind us).
    static func markHopByHop(_ tokens: [ByteRange], in bytes: Span<UInt8>, fields: inout FieldTable) {
        for index in fields.entries.indices where fields.entries[index].known.mayBeHopByHop {
            let name = bytes.extracting(fields.entries[index].name.indices)
            for token in tokens where equalIgnoringCase(name, bytes.extracting(token.indices)) {
                fields.entries[index].known = .hopByHop
            }
        }
    }

    private static func equalIgnoringCase(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        for index in left.indices where lower(left[index]) != lower(right[index]) { return false }
        return true
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        (byte &- 0x41) < 26 ? byte | 0x20 : byte
    }
}

extension KnownField {
    /// A `Connection` field may name it for removal. Everything the gateway reads or sets itself is out of its reach.
    fileprivate var mayBeHopByHop: Bool {
        switch self {
        case .other, .contentEncoding, .maxForwards, .server: true
        default: false
        }
    }
}
