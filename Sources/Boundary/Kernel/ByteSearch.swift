/// Search and comparison over received bytes: the one place where the parsers' inner loops run.
///
/// Each function checks its bounds once and then walks several bytes at a time. Indices are relative to the span.
public enum ByteSearch {
    // Eight bytes at a time in one register: `SIMD16` comparisons cost more here than they save (measured: 9 % of a request).
    @usableFromInline static var ones: UInt64 { 0x0101_0101_0101_0101 }
    @usableFromInline static var highs: UInt64 { 0x8080_8080_8080_8080 }

    /// Non-zero when one of the eight bytes is 0. Exact as a test; which byte it was is left to a second look.
    @inlinable
    static func hasZero(_ word: UInt64) -> UInt64 { (word &- ones) & ~word & highs }

    /// The index of the first byte at or after `start` that may not stand in a field value (RFC 9110 §5.5: a control character
    /// other than HTAB, or DEL), or the span's count.
    @inlinable
    public static func endOfFieldValue(_ bytes: Span<UInt8>, from start: Int) -> Int {
        precondition(start >= 0 && start <= bytes.count)
        let count = bytes.count
        return unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return count }
            var index = start
            while index < count {
                if index &+ 8 <= count {
                    // 8 bytes from `index` lie within the span.
                    let word = unsafe UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self)
                    let below = (word &- ones &* 0x20) & ~word & highs
                    if below | hasZero(word ^ (ones &* 0x7F)) == 0 {
                        index &+= 8
                        continue
                    }
                }
                let byte = unsafe base[index]
                if byte < 0x20 && byte != 0x09 || byte == 0x7F { return index }
                index &+= 1
            }
            return count
        }
    }

    /// The index of the first `byte` at or after `start`, or the span's count.
    @inlinable
    public static func firstIndex(of byte: UInt8, in bytes: Span<UInt8>, from start: Int) -> Int {
        precondition(start >= 0 && start <= bytes.count)
        let count = bytes.count
        let pattern = ones &* UInt64(byte)
        return unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return count }
            var index = start
            while index &+ 8 <= count {
                // 8 bytes from `index` lie within the span by the loop's condition.
                let word = unsafe UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self)
                if hasZero(word ^ pattern) != 0 { break }
                index &+= 8
            }
            while index < count {
                if unsafe base[index] == byte { return index }
                index &+= 1
            }
            return count
        }
    }

    /// True when both spans hold the same bytes.
    @inlinable
    public static func equal(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        let count = left.count
        guard count == right.count else { return false }
        return unsafe left.withUnsafeBufferPointer { a in
            unsafe right.withUnsafeBufferPointer { b in
                for index in 0..<count where unsafe a[index] != b[index] { return false }
                return true
            }
        }
    }

    /// True when the bytes spell `lowercase` in ASCII of any case. `lowercase` must be in lower case.
    @inlinable
    public static func equalIgnoringCase(_ bytes: Span<UInt8>, _ lowercase: StaticString) -> Bool {
        let count = bytes.count
        guard count == lowercase.utf8CodeUnitCount else { return false }
        return unsafe bytes.withUnsafeBufferPointer { a in
            let b = unsafe lowercase.utf8Start
            for index in 0..<count {
                let byte = unsafe a[index]
                let folded = (byte &- 0x41) < 26 ? byte | 0x20 : byte
                if unsafe folded != b[index] { return false }
            }
            return true
        }
    }

    /// True when the bytes equal `lowercase` in ASCII of any case. `lowercase` must be in lower case.
    @inlinable
    public static func equalIgnoringCase(_ bytes: Span<UInt8>, _ lowercase: Span<UInt8>) -> Bool {
        let count = bytes.count
        guard count == lowercase.count else { return false }
        return unsafe bytes.withUnsafeBufferPointer { a in
            unsafe lowercase.withUnsafeBufferPointer { b in
                for index in 0..<count {
                    let byte = unsafe a[index]
                    let folded = (byte &- 0x41) < 26 ? byte | 0x20 : byte
                    if unsafe folded != b[index] { return false }
                }
                return true
            }
        }
    }

    /// FNV-1a over the bytes, seeded; good enough to spread route keys that only the operator chooses.
    @inlinable
    public static func hash(_ bytes: Span<UInt8>, seed: UInt64) -> UInt64 {
        var state = seed ^ 0xcbf2_9ce4_8422_2325
        for index in bytes.indices { state = (state ^ UInt64(bytes[index])) &* 0x100_0000_01b3 }
        return state ^ (state >> 29)
    }
}
