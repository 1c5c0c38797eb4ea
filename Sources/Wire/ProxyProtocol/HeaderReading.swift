internal import Kernel

/// The steps that both versions' parsers are made of. Each reads from `index` on, and moves it behind what it read.
enum HeaderReading {
    /// The next byte.
    static func byte(_ bytes: Span<UInt8>, _ index: inout Int) throws(HeaderStop) -> UInt8 {
        guard index < bytes.count else { throw .incomplete }
        defer { index += 1 }
        return bytes[index]
    }

    /// The next two bytes as a number, the higher one first.
    static func word(_ bytes: Span<UInt8>, _ index: inout Int) throws(HeaderStop) -> UInt16 {
        let high = try byte(bytes, &index)
        return UInt16(high) << 8 | UInt16(try byte(bytes, &index))
    }

    /// So many bytes as a number, the highest first; `count` is at most 8.
    static func number(_ bytes: Span<UInt8>, _ index: inout Int, count: Int) throws(HeaderStop) -> UInt64 {
        precondition(count <= 8)
        var value: UInt64 = 0
        for _ in 0..<count { value = value << 8 | UInt64(try byte(bytes, &index)) }
        return value
    }

    /// Exactly these bytes.
    static func expect(_ literal: StaticString, _ bytes: Span<UInt8>, _ index: inout Int) throws(HeaderStop) {
        var at = index
        let result = literal.withSpan { wanted -> HeaderStop? in
            for place in wanted.indices {
                guard at < bytes.count else { return .incomplete }
                guard bytes[at] == wanted[place] else { return .failed }
                at += 1
            }
            return nil
        }
        if let result { throw result }
        index = at
    }
}
