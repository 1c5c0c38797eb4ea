internal import Kernel

/// Addresses and numbers as version 1 writes them. Stricter than the C library, which is what the specification asks for: a number
/// that two readers understand differently is a way past an access list.
enum AddressText {
    /// A decimal number without leading zeros, at most `max`, with this byte behind it.
    static func decimal(
        _ bytes: Span<UInt8>, _ index: inout Int, max: Int, endingWith end: UInt8
    ) throws(HeaderStop) -> Int {
        var value = 0
        let start = index
        while true {
            let next = try HeaderReading.byte(bytes, &index)
            let isFirst = index == start + 1
            if next == end && !isFirst { return value }
            let digit = Int(next) - 0x30
            // A number that begins with 0 ends with it.
            guard digit >= 0, digit <= 9, isFirst || value > 0 else { throw .failed }
            value = value * 10 + digit
            guard value <= max else { throw .failed }
        }
    }

    /// Four numbers with dots between them, and the space behind them.
    static func ipv4(_ bytes: Span<UInt8>, _ index: inout Int) throws(HeaderStop) -> UInt32 {
        let first = try decimal(bytes, &index, max: 255, endingWith: UInt8(ascii: "."))
        return try rest(of: UInt32(first), bytes, &index)
    }

    /// The last three numbers of an IPv4 address.
    private static func rest(
        of first: UInt32, _ bytes: Span<UInt8>, _ index: inout Int
    ) throws(HeaderStop) -> UInt32 {
        var address = first
        for place in 1..<4 {
            let end = place < 3 ? UInt8(ascii: ".") : UInt8(ascii: " ")
            address = address << 8 | UInt32(try decimal(bytes, &index, max: 255, endingWith: end))
        }
        return address
    }

    /// Groups of hexadecimal digits and the space behind them (RFC 4291 §2.2). `::` stands for one group at least. Of the forms with
    /// an IPv4 address at the end only `::ffff:1.2.3.4` is taken: it is the one that C libraries write.
    static func ipv6(_ bytes: Span<UInt8>, _ index: inout Int) throws(HeaderStop) -> (high: UInt64, low: UInt64) {
        var groups = Groups()
        if index < bytes.count, bytes[index] == colon {
            try HeaderReading.expect("::", bytes, &index)
            groups.gap = 0
        }
        while true {
            let group = try Group.read(
                bytes, &index, isEmptyAllowed: groups.gap == groups.count, isGroupAllowed: groups.hasRoom)
            if group.isEmpty { return groups.address }
            switch group.end {
            case UInt8(ascii: "."):
                guard groups.isMapping, let first = group.decimal else { throw .failed }
                return (0, 0xFFFF_0000_0000 | UInt64(try rest(of: first, bytes, &index)))
            case UInt8(ascii: " "):
                groups.append(group.value)
                guard groups.isWhole else { throw .failed }
                return groups.address
            default:
                groups.append(group.value)
                try separator(&groups, bytes, &index)
            }
        }
    }

    /// Behind a group's colon: a second one, or another group.
    private static func separator(
        _ groups: inout Groups, _ bytes: Span<UInt8>, _ index: inout Int
    ) throws(HeaderStop) {
        guard groups.hasRoom else { throw .failed }
        guard groups.gap == nil else { return }
        guard index < bytes.count else { throw .incomplete }
        if bytes[index] == colon {
            index += 1
            groups.gap = groups.count
        }
    }

    private static let colon = UInt8(ascii: ":")
}

/// One to four hexadecimal digits and the byte behind them.
private struct Group {
    var value: UInt16 = 0
    var digits = 0
    var end: UInt8 = 0
    /// The digits read as a decimal number of an IPv4 address, if they are one.
    var decimal: UInt32? = 0

    var isEmpty: Bool { digits == 0 }

    /// - Parameters:
    ///   - isEmptyAllowed: `::` has just been read, so the address may end here.
    ///   - isGroupAllowed: the address is not full.
    static func read(
        _ bytes: Span<UInt8>, _ index: inout Int, isEmptyAllowed: Bool, isGroupAllowed: Bool
    ) throws(HeaderStop) -> Group {
        var group = Group()
        while true {
            let next = try HeaderReading.byte(bytes, &index)
            if let digit = hexadecimal(next) {
                guard isGroupAllowed, group.digits < 4 else { throw .failed }
                group.add(digit)
                continue
            }
            group.end = next
            let isSpace = next == UInt8(ascii: " ")
            guard group.digits > 0 else {
                if isSpace && isEmptyAllowed { return group }
                throw .failed
            }
            guard isSpace || next == UInt8(ascii: ":") || next == UInt8(ascii: ".") else { throw .failed }
            return group
        }
    }

    private mutating func add(_ digit: UInt16) {
        value = value << 4 | digit
        digits += 1
        guard let soFar = decimal, digit < 10, digits == 1 || soFar > 0 else {
            decimal = nil
            return
        }
        let next = soFar * 10 + UInt32(digit)
        decimal = next <= 255 ? next : nil
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt16? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - 0x30)
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - 0x57)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - 0x37)
        default: nil
        }
    }
}

/// The groups of an IPv6 address so far.
private struct Groups {
    private var values = InlineArray<8, UInt16>(repeating: 0)
    private(set) var count = 0
    /// Groups in front of `::`.
    var gap: Int?

    /// Another group may follow; `::` stands for one at least.
    var hasRoom: Bool { count < (gap == nil ? 8 : 7) }
    var isWhole: Bool { gap != nil || count == 8 }
    /// What was read is `::ffff:`.
    var isMapping: Bool { gap == 0 && count == 1 && values[0] == 0xFFFF }

    mutating func append(_ value: UInt16) {
        values[count] = value
        count += 1
    }

    /// The 16 bytes, with zeros where `::` stands.
    var address: (high: UInt64, low: UInt64) {
        var high: UInt64 = 0
        var low: UInt64 = 0
        let zeros = 8 - count
        for place in 0..<8 {
            let front = gap ?? count
            let value = place < front ? values[place] : place < front + zeros ? 0 : values[place - zeros]
            if place < 4 { high = high << 16 | UInt64(value) } else { low = low << 16 | UInt64(value) }
        }
        return (high, low)
    }
}
