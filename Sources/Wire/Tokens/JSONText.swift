internal import Kernel

/// The octets that a JSON text means, one by one. The text was read, so its escapes are whole.
struct JSONTextOctets: ~Escapable {
    private let text: Span<UInt8>
    private var index: Int
    private let end: Int
    /// Octets of the last escape that are still to come, the next one lowest.
    private var pending: UInt32 = 0

    @_lifetime(copy text)
    init(_ text: Span<UInt8>, _ node: JSONNode) {
        self.text = text
        index = Int(node.start)
        end = Int(node.end)
    }

    mutating func next() -> UInt8? {
        if pending != 0 {
            defer { pending >>= 8 }
            return UInt8(truncatingIfNeeded: pending)
        }
        guard index < end else { return nil }
        let byte = text[index]
        index += 1
        return byte == UInt8(ascii: "\\") ? escaped() : byte
    }

    private mutating func escaped() -> UInt8 {
        let letter = text[index]
        index += 1
        switch letter {
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "u"): return character()
        default: return letter
        }
    }

    /// The first octet of an escaped character in UTF-8; the others are pending. None of them is zero.
    private mutating func character() -> UInt8 {
        var scalar = codeUnit()
        if scalar & 0xFC00 == 0xD800 {
            index += 2
            scalar = 0x10000 + (scalar & 0x3FF) << 10 + (codeUnit() & 0x3FF)
        }
        if scalar < 0x80 { return UInt8(scalar) }
        let last = 0x80 | scalar & 0x3F
        if scalar < 0x800 {
            pending = last
            return UInt8(0xC0 | scalar >> 6)
        }
        let third = 0x80 | scalar >> 6 & 0x3F
        if scalar < 0x10000 {
            pending = third | last << 8
            return UInt8(0xE0 | scalar >> 12)
        }
        pending = 0x80 | scalar >> 12 & 0x3F | third << 8 | last << 16
        return UInt8(0xF0 | scalar >> 18)
    }

    private mutating func codeUnit() -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            unit = unit << 4 | UInt32(JSONText.hexadecimal(text[index]) ?? 0)
            index += 1
        }
        return unit
    }
}

/// Texts compared by what they mean, whatever escapes they are written with.
enum JSONText {
    static func equal(_ text: Span<UInt8>, _ left: JSONNode, _ right: JSONNode) -> Bool {
        if !left.isMarked && !right.isMarked {
            return ByteSearch.equal(octets(text, left), octets(text, right))
        }
        var a = JSONTextOctets(text, left)
        var b = JSONTextOctets(text, right)
        while true {
            let next = a.next()
            if next != b.next() { return false }
            if next == nil { return true }
        }
    }

    static func equal(_ text: Span<UInt8>, _ node: JSONNode, _ expected: Span<UInt8>) -> Bool {
        if !node.isMarked { return ByteSearch.equal(octets(text, node), expected) }
        var meant = JSONTextOctets(text, node)
        for index in expected.indices where meant.next() != expected[index] { return false }
        return meant.next() == nil
    }

    /// A cheap hash of what a name means, from its length and its ends; it makes comparisons rare, no more.
    static func hash(_ text: Span<UInt8>, _ node: JSONNode) -> UInt16 {
        var count = Int(node.end - node.start)
        guard count > 0 else { return 0 }
        var first = text[Int(node.start)]
        var last = text[Int(node.end) - 1]
        if node.isMarked {
            count = 0
            var meant = JSONTextOctets(text, node)
            while let byte = meant.next() {
                if count == 0 { first = byte }
                last = byte
                count += 1
            }
        }
        return UInt16(truncatingIfNeeded: count << 11) ^ UInt16(first) << 6 ^ UInt16(last)
    }

    /// The octets as they stand in the document.
    @_lifetime(copy text)
    static func octets(_ text: Span<UInt8>, _ node: JSONNode) -> Span<UInt8> {
        text.extracting(Int(node.start)..<Int(node.end))
    }

    static func hexadecimal(_ byte: UInt8) -> UInt16? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - 0x30)
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - 0x57)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - 0x37)
        default: nil
        }
    }
}
