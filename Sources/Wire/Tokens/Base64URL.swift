public import Kernel

/// Octets as tokens write them (RFC 4648 §5, RFC 7515 §2): base64 with `-` and `_`, without padding.
public enum Base64URL {
    /// Octets that a text of this length stands for; nil when no text has this length.
    @inlinable
    public static func decodedCount(_ count: Int) -> Int? {
        count & 3 == 1 ? nil : count / 4 * 3 + (count & 3) * 3 / 4
    }

    /// Appends the octets of a text. False, with the buffer as before, when a character is another one, when the last character has
    /// bits that stand for nothing (two texts would mean the same), or when there is no room.
    public static func decode(_ text: Span<UInt8>, into buffer: inout ByteBuffer) -> Bool {
        guard let octets = decodedCount(text.count), octets <= buffer.writableCount else { return false }
        let before = buffer.count
        // Marks of unknown characters come together, so that the loop has no branch for each.
        var marks: UInt32 = 0
        var index = 0
        let whole = text.count & ~3
        while index < whole {
            let first = value(text[index])
            let second = value(text[index + 1])
            let third = value(text[index + 2])
            let fourth = value(text[index + 3])
            marks |= first | second | third | fourth
            let word = first << 18 | second << 12 | third << 6 | fourth
            buffer.append(UInt8(truncatingIfNeeded: word >> 16))
            buffer.append(UInt8(truncatingIfNeeded: word >> 8))
            buffer.append(UInt8(truncatingIfNeeded: word))
            index += 4
        }
        if whole < text.count { marks |= decodeRest(text.extracting(whole..<text.count), into: &buffer) }
        guard marks < 64 else {
            buffer.truncate(to: before)
            return false
        }
        return true
    }

    /// The last two or three characters.
    private static func decodeRest(_ text: Span<UInt8>, into buffer: inout ByteBuffer) -> UInt32 {
        let first = value(text[0])
        let second = value(text[1])
        buffer.append(UInt8(truncatingIfNeeded: first << 2 | second >> 4))
        guard text.count == 3 else { return first | second | (second & 15 == 0 ? 0 : unknown) }
        let third = value(text[2])
        buffer.append(UInt8(truncatingIfNeeded: second << 4 | third >> 2))
        return first | second | third | (third & 3 == 0 ? 0 : unknown)
    }

    /// The text of some octets.
    public static func encode(_ octets: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(octets.count / 3 * 4 + 4)
        var bits: UInt32 = 0
        var waiting = 0
        for octet in octets {
            bits = bits << 8 | UInt32(octet)
            waiting += 8
            while waiting >= 6 {
                waiting -= 6
                text.append(character(bits >> UInt32(waiting) & 63))
            }
            bits &= 1 << UInt32(waiting) - 1
        }
        if waiting > 0 { text.append(character(bits << UInt32(6 - waiting) & 63)) }
        return String(decoding: text, as: UTF8.self)
    }

    private static var unknown: UInt32 { 64 }

    /// Six bits, or 64.
    @inline(__always)
    private static func value(_ character: UInt8) -> UInt32 {
        // Arithmetic, not a table: a table that is made at first use costs a check for each character.
        let c = UInt32(character)
        if c &- 0x61 < 26 { return c &- 71 }
        if c &- 0x41 < 26 { return c &- 65 }
        if c &- 0x30 < 10 { return c &+ 4 }
        if c == 0x2D { return 62 }
        return c == 0x5F ? 63 : unknown
    }

    private static func character(_ bits: UInt32) -> UInt8 {
        switch bits {
        case 0..<26: UInt8(0x41 + bits)
        case 26..<52: UInt8(0x47 + bits)
        case 52..<62: UInt8(bits - 4)
        case 62: UInt8(ascii: "-")
        default: UInt8(ascii: "_")
        }
    }
}
