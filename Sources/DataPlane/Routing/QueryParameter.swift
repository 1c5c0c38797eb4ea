/// A parameter of a query string, as ranges of it: `name=value`, between `&`s.
///
/// Names and values are compared as a form means them: `%41` is `A` and `+` is a space. A `%` without two digits stands for itself,
/// for a query is passed on as received and this is only a question about it.
struct QueryParameter {
    var name: Range<Int>
    /// Empty without `=`.
    var value: Range<Int>

    /// The next parameter at or after `position`, which moves behind it; `nil` at the end. Empty parameters are passed over.
    init?(_ query: Span<UInt8>, _ position: inout Int) {
        var start = position
        while start < query.count, query[start] == 0x26 { start &+= 1 }
        guard start < query.count else {
            position = query.count
            return nil
        }
        var end = start
        var equals = -1
        while end < query.count {
            let byte = query[end]
            if byte == 0x26 { break }
            if byte == 0x3D, equals < 0 { equals = end }
            end &+= 1
        }
        position = end
        name = start..<(equals < 0 ? end : equals)
        value = (equals < 0 ? end : equals + 1)..<end
    }

    /// True when decoding would change it.
    static func isEncoded(_ raw: Span<UInt8>) -> Bool {
        for index in raw.indices where raw[index] == 0x25 || raw[index] == 0x2B { return true }
        return false
    }

    /// True when the decoded text equals `expected`.
    static func equals(_ raw: Span<UInt8>, _ expected: Span<UInt8>) -> Bool {
        // Decoding never makes a text longer.
        guard raw.count >= expected.count else { return false }
        var place = 0
        var index = 0
        while index < raw.count {
            guard place < expected.count, next(raw, &index) == expected[place] else { return false }
            place &+= 1
        }
        return place == expected.count
    }

    /// Replaces the array's content by the decoded text.
    static func decode(_ raw: Span<UInt8>, into text: inout [UInt8]) {
        text.removeAll(keepingCapacity: true)
        var index = 0
        while index < raw.count { text.append(next(raw, &index)) }
    }

    private static func next(_ raw: Span<UInt8>, _ index: inout Int) -> UInt8 {
        let byte = raw[index]
        index &+= 1
        if byte == 0x2B { return 0x20 }
        guard byte == 0x25, index + 1 < raw.count,
            let high = Hexadecimal.value(of: raw[index]), let low = Hexadecimal.value(of: raw[index + 1])
        else { return byte }
        index &+= 2
        return high << 4 | low
    }
}

/// Hexadecimal digits of percent-encodings.
enum Hexadecimal {
    /// 0...15, or `nil` for a byte that is no digit.
    static func value(of byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte &- 0x30
        case 0x41...0x46: byte &- 0x37
        case 0x61...0x66: byte &- 0x57
        default: nil
        }
    }

    /// The upper-case digit of 0...15.
    static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 &+ value : 0x37 &+ value
    }
}
