/// Search and comparison over received bytes: the one place where the parsers' inner loops run.
///
/// Each function checks its bounds once and then walks several bytes at a time. Indices are relative to the span.
public enum ByteSearch {
    // Eight bytes at a time in one register: `SIMD16` comparisons cost more here than they save (measured: 9 % of a request).

    /// Marks bytes that are 0 by their high bits; the lowest mark is exact, later ones may be wrong.
    @inlinable @inline(__always)
    static func hasZero(_ word: UInt64) -> UInt64 { (word &- everyByte) & ~word & everyHighBit }

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
                let word = unsafe word(base, index, count)
                // The lowest mark of each is exact, because a borrow only ever runs upwards from a byte that is marked. Bytes behind
                // the end read as zero, and are marked.
                let marks = (word &- everyByte &* 0x20) & ~word & everyHighBit | hasZero(word ^ (everyByte &* 0x7F))
                guard marks != 0 else {
                    index &+= 8
                    continue
                }
                index &+= marks.trailingZeroBitCount >> 3
                guard index < count else { return count }
                // The mark tells that `index` lies within the span.
                if unsafe base[index] != 0x09 { return index }
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
        let pattern = everyByte &* UInt64(byte)
        return unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return count }
            var index = start
            while index < count {
                // Bytes behind the end read as zero, which may be what is looked for: hence the bound.
                let marks = unsafe hasZero(word(base, index, count) ^ pattern)
                if marks != 0 { return min(count, index &+ marks.trailingZeroBitCount >> 3) }
                index &+= 8
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
        guard bytes.count == lowercase.utf8CodeUnitCount else { return false }
        return unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return true }
            // A static string's bytes live as long as the program; both texts have as many bytes.
            return unsafe equalFolded(base, lowercase.utf8Start, bytes.count)
        }
    }

    /// True when the bytes equal `lowercase` in ASCII of any case. `lowercase` must be in lower case.
    @inlinable
    public static func equalIgnoringCase(_ bytes: Span<UInt8>, _ lowercase: Span<UInt8>) -> Bool {
        guard bytes.count == lowercase.count else { return false }
        return unsafe bytes.withUnsafeBufferPointer { a in
            unsafe lowercase.withUnsafeBufferPointer { b in
                guard let left = a.baseAddress, let right = b.baseAddress else { return true }
                return unsafe equalFolded(left, right, bytes.count)
            }
        }
    }

    /// Compares `count` bytes at both places, those on the left with their capital letters made small.
    @inlinable
    static func equalFolded(_ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        var index = 0
        while index < count {
            // Both words end at `count`.
            if unsafe lowercased(word(left, index, count)) != word(right, index, count) { return false }
            index &+= 8
        }
        return true
    }

    /// Eight bytes with their ASCII capital letters made small.
    @inlinable @inline(__always)
    static func lowercased(_ word: UInt64) -> UInt64 {
        // Without their high bits no sum carries into the next byte; bytes that had one are no letters.
        let seven = word & ~everyHighBit
        let capital =
            (seven &+ everyByte &* (0x80 - 0x41)) & ~(seven &+ everyByte &* (0x80 - 0x5B)) & ~word & everyHighBit
        return word | capital >> 2
    }

    /// FNV-1a over the bytes, seeded; good enough to spread route keys that only the operator chooses.
    @inlinable
    public static func hash(_ bytes: Span<UInt8>, seed: UInt64) -> UInt64 {
        var state = seed ^ 0xcbf2_9ce4_8422_2325
        for index in bytes.indices { state = (state ^ UInt64(bytes[index])) &* 0x100_0000_01b3 }
        return state ^ (state >> 29)
    }
}
