/// Reads ids: lower-case hexadecimal digits, as B3 and W3C demand. Capitals are refused, because collectors refuse them.
enum IdentifierText {
    /// So many digits (1...16) from `start`; `nil` when there are fewer, or others.
    static func number(_ text: Span<UInt8>, from start: Int, digits: Int) -> UInt64? {
        precondition(start >= 0 && digits >= 1 && digits <= 16)
        guard text.count - start >= digits else { return nil }
        var value: UInt64 = 0
        for index in start..<start + digits {
            switch text[index] {
            case 0x30...0x39: value = value << 4 | UInt64(text[index] &- 0x30)
            case 0x61...0x66: value = value << 4 | UInt64(text[index] &- 0x57)
            default: return nil
            }
        }
        return value
    }

    /// A trace's id.
    struct TraceID: Equatable {
        var high: UInt64
        var low: UInt64
    }

    /// A trace's id of 16 or 32 digits that are not all 0.
    static func traceID(_ text: Span<UInt8>, from start: Int, digits: Int) -> TraceID? {
        precondition(digits == 16 || digits == 32)
        var high: UInt64 = 0
        if digits == 32 {
            guard let upper = number(text, from: start, digits: 16) else { return nil }
            high = upper
        }
        guard let low = number(text, from: start + digits - 16, digits: 16), high | low != 0 else { return nil }
        return TraceID(high: high, low: low)
    }

    /// A span's id: 16 digits that are not all 0.
    static func spanID(_ text: Span<UInt8>, from start: Int) -> UInt64? {
        guard let value = number(text, from: start, digits: 16), value != 0 else { return nil }
        return value
    }
}
