// Character classes of RFC 9110 and RFC 3986 as two 64-bit masks each: one shift and one test per byte, no table in memory.

/// A set of ASCII bytes.
@frozen
public struct ByteSet: Sendable {
    @usableFromInline let low: UInt64
    @usableFromInline let high: UInt64

    @inlinable
    init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// The bytes of a literal, all below 0x80.
    public init(_ members: StaticString) {
        var low: UInt64 = 0
        var high: UInt64 = 0
        members.withSpan { span in
            for index in span.indices {
                let byte = span[index]
                precondition(byte < 0x80)
                if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte &- 64) }
            }
        }
        self.init(low: low, high: high)
    }

    /// True when the byte is a member.
    @inlinable
    public func contains(_ byte: UInt8) -> Bool {
        if byte < 64 { return (low >> UInt64(byte)) & 1 != 0 }
        if byte < 128 { return (high >> UInt64(byte &- 64)) & 1 != 0 }
        return false
    }

    /// `tchar` (RFC 9110 §5.6.2): letters, digits and !#$%&'*+-.^_`|~.
    @inlinable public static var token: ByteSet { ByteSet(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE) }
    /// Visible ASCII, 0x21...0x7E: what a request target may consist of before it is looked at closely.
    @inlinable public static var visible: ByteSet { ByteSet(low: 0xFFFF_FFFE_0000_0000, high: 0x7FFF_FFFF_FFFF_FFFF) }
    /// Bytes of a host and port (RFC 3986 §3.2.2): unreserved, sub-delims, %, [, ], and the colon.
    @inlinable public static var authority: ByteSet { ByteSet(low: 0x2FFF_7FF2_0000_0000, high: 0x47FF_FFFE_AFFF_FFFE) }
}

extension ByteSearch {
    /// The index of the first byte at or after `start` that is not in `set`, or the span's count.
    @inlinable
    public static func firstIndex(notIn set: ByteSet, _ bytes: Span<UInt8>, from start: Int) -> Int {
        precondition(start >= 0 && start <= bytes.count)
        let count = bytes.count
        return unsafe bytes.withUnsafeBufferPointer { buffer in
            var index = start
            // The loop's condition keeps `index` within the span.
            while index < count, set.contains(unsafe buffer[index]) { index &+= 1 }
            return index
        }
    }

    /// The same for `ByteSet.token`: names consist of letters, digits and hyphens, which are found eight at a time.
    @inlinable
    public static func endOfToken(_ bytes: Span<UInt8>, from start: Int) -> Int {
        precondition(start >= 0 && start <= bytes.count)
        let count = bytes.count
        return unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return count }
            var index = start
            while index < count {
                let word = unsafe word(base, index, count)
                let folded = word | everyByte &* 0x20
                let letter = (folded &+ everyByte &* (0x80 - 0x61)) & ~(folded &+ everyByte &* (0x80 - 0x7B))
                let digit = (word &+ everyByte &* (0x80 - 0x30)) & ~(word &+ everyByte &* (0x80 - 0x3A))
                let hyphen = ~((word ^ everyByte &* 0x2D) &+ everyByte &* 0x7F)
                // A byte from 0x80 on carries into the next one, but it is marked itself: the lowest mark is exact.
                let marks = ~((letter | digit | hyphen) & ~word) & everyHighBit
                guard marks != 0 else {
                    index &+= 8
                    continue
                }
                index &+= marks.trailingZeroBitCount >> 3
                guard index < count else { return count }
                // `index` lies within the span.
                if unsafe !ByteSet.token.contains(base[index]) { return index }
                index &+= 1
            }
            return count
        }
    }

    /// The same for `ByteSet.visible`.
    @inlinable
    public static func endOfVisible(_ bytes: Span<UInt8>, from start: Int) -> Int {
        precondition(start >= 0 && start <= bytes.count)
        let count = bytes.count
        return unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return count }
            var index = start
            while index < count {
                // Bytes behind the end read as zero, and are marked.
                let word = unsafe word(base, index, count)
                let below = (word &- everyByte &* 0x21) & ~word
                let marks = (below | hasZero(word ^ (everyByte &* 0x7F)) | word) & everyHighBit
                if marks != 0 { return min(count, index &+ marks.trailingZeroBitCount >> 3) }
                index &+= 8
            }
            return count
        }
    }
}
