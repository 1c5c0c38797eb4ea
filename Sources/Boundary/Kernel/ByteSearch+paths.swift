// What routing asks of paths and host names: one pass over a segment that finds its end and hashes it, and comparisons by words.
//
// A hash here only spreads keys that the operator chose; whoever finds an entry compares the bytes as well.

/// Where a segment of a path ends, and the hash of its bytes.
@frozen
public struct PathSegmentScan: Sendable {
    /// Index of the slash behind the segment, or the span's count.
    public var end: Int
    /// The same for the same bytes, wherever they stand.
    public var hash: UInt64

    @inlinable
    init(end: Int, hash: UInt64) {
        self.end = end
        self.hash = hash
    }
}

extension ByteSearch {
    // Computed, because a stored constant would be read through its address.
    @inlinable static var everyByte: UInt64 { 0x0101_0101_0101_0101 }
    @inlinable static var everyHighBit: UInt64 { 0x8080_8080_8080_8080 }

    /// Mixes a word into a hash: both halves of a full product, so that every bit reaches every bit.
    @inlinable @inline(__always)
    static func mix(_ state: UInt64, _ word: UInt64) -> UInt64 {
        let product = (state ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low ^ 0x2545_F491_4F6C_DD1D
    }

    /// The 8 bytes from `index`, little endian; bytes behind `count` read as zero. `index < count`.
    @inlinable @inline(__always)
    static func word(_ base: UnsafePointer<UInt8>, _ index: Int, _ count: Int) -> UInt64 {
        if index &+ 8 <= count {
            // 8 bytes from `index` lie within the span.
            return unsafe UInt64(littleEndian: UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self))
        }
        if count >= 8 {
            // The last 8 bytes of the span, less those before `index`.
            let last = unsafe UInt64(littleEndian: UnsafeRawPointer(base + (count &- 8)).loadUnaligned(as: UInt64.self))
            return last >> UInt64(truncatingIfNeeded: 8 &* (index &+ 8 &- count))
        }
        var word: UInt64 = 0
        var place = count
        while place > index {
            place &-= 1
            // index <= place < count.
            word = unsafe word << 8 | UInt64(base[place])
        }
        return word
    }

    /// Finds the end of the segment that begins at `start` (0...count) and hashes the segment, 8 bytes at a time.
    @inlinable
    public static func scanSegment(_ bytes: Span<UInt8>, from start: Int) -> PathSegmentScan {
        precondition(start >= 0 && start <= bytes.count)
        let count = bytes.count
        return unsafe bytes.withUnsafeBufferPointer { buffer in
            var hash: UInt64 = 0
            var index = start
            guard let base = buffer.baseAddress else { return PathSegmentScan(end: count, hash: mix(mix(0, 0), 0)) }
            while index < count {
                let word = unsafe word(base, index, count)
                // A byte of `other` is zero where the word has a slash; the lowest high bit of `slashes` marks the first one.
                let other = word ^ (everyByte &* 0x2F)
                let slashes = (other &- everyByte) & ~other & everyHighBit
                if slashes != 0 {
                    let length = slashes.trailingZeroBitCount >> 3
                    let kept = word & ((1 << UInt64(truncatingIfNeeded: 8 &* length)) &- 1)
                    let end = index &+ length
                    return PathSegmentScan(
                        end: end, hash: mix(mix(hash, kept), UInt64(truncatingIfNeeded: end &- start)))
                }
                hash = mix(hash, word)
                index &+= 8
            }
            // Here the last word was cut by the span's end. A length that is a multiple of 8 adds one empty word, so that the same
            // segment has the same hash before a slash and at the end.
            if (count &- start) & 7 == 0 { hash = mix(hash, 0) }
            return PathSegmentScan(end: count, hash: mix(hash, UInt64(truncatingIfNeeded: count &- start)))
        }
    }

    /// Hashes all bytes from `start` (0...count), ASCII letters of either case alike.
    @inlinable
    public static func hashIgnoringCase(_ bytes: Span<UInt8>, from start: Int) -> UInt64 {
        precondition(start >= 0 && start <= bytes.count)
        let count = bytes.count
        return unsafe bytes.withUnsafeBufferPointer { buffer in
            var hash: UInt64 = UInt64(truncatingIfNeeded: count &- start)
            var index = start
            guard let base = buffer.baseAddress else { return mix(hash, 0) }
            while index < count {
                // Folding with one bit makes some other bytes alike too, which a hash may do. Bytes behind the end get it as well,
                // always in the same places for the same length.
                hash = unsafe mix(hash, word(base, index, count) | everyByte &* 0x20)
                index &+= 8
            }
            return mix(hash, 0)
        }
    }

    /// True when `bytes` from `start` hold exactly `expected`, 8 bytes at a time.
    @inlinable
    public static func holds(_ bytes: Span<UInt8>, from start: Int, _ expected: Span<UInt8>) -> Bool {
        let count = expected.count
        guard start >= 0, start <= bytes.count, count <= bytes.count &- start else { return false }
        return unsafe bytes.withUnsafeBufferPointer { a in
            unsafe expected.withUnsafeBufferPointer { b in
                guard let left = a.baseAddress, let right = b.baseAddress else { return true }
                var index = 0
                while index < count {
                    // Both words end at `count`, which both spans reach; `start` was checked above.
                    if unsafe word(left + start, index, count) != word(right, index, count) { return false }
                    index &+= 8
                }
                return true
            }
        }
    }

    /// True when a path (which begins with a slash) is plainly in normal form: behind its first byte there are only letters, digits
    /// and `-./:_~`, and no dot behind a slash. Other paths may be normal too; they need a closer look.
    ///
    /// Eight bytes at a time in a general register: the same with vector masks (`all`, `.!`) was not compiled to vector code.
    @inlinable
    public static func isPlainPath(_ bytes: Span<UInt8>) -> Bool {
        let count = bytes.count
        return unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return false }
            var index = 1
            while index &+ 8 <= count {
                // 8 bytes from `index`, and the 8 that begin one before: within the span, for 1 <= index <= count - 8.
                if unsafe !isPlain(word(base, index, count), after: word(base, index &- 1, count)) { return false }
                index &+= 8
            }
            guard index < count else { return true }
            if count > 8 {
                // The last 8 bytes, some of them once more.
                return unsafe isPlain(word(base, count &- 8, count), after: word(base, count &- 9, count))
            }
            // Missing bytes become letters.
            let missing = UInt64(truncatingIfNeeded: 8 &* (count &- index))
            let filler = (everyByte &* 0x61) << missing
            return unsafe isPlain(word(base, index, count) | filler, after: word(base, index &- 1, count))
        }
    }

    /// `isPlainPath` of 8 bytes, given the 8 that begin one byte earlier.
    @inlinable @inline(__always)
    static func isPlain(_ word: UInt64, after before: UInt64) -> Bool {
        // For bytes below 0x80 the sum with `0x80 - low` has its high bit set when the byte is at least `low`, and no sum carries
        // into the next byte.
        let folded = word | everyByte &* 0x20
        let letter = (folded &+ everyByte &* (0x80 - 0x61)) & ~(folded &+ everyByte &* (0x80 - 0x7B))
        let digit = (word &+ everyByte &* (0x80 - 0x2D)) & ~(word &+ everyByte &* (0x80 - 0x3B))
        // The sum with 0x7F has its high bit clear only for zero.
        let other =
            ~((word ^ everyByte &* 0x5F) &+ everyByte &* 0x7F) | ~((word ^ everyByte &* 0x7E) &+ everyByte &* 0x7F)
        let hidden =
            ~((word ^ everyByte &* 0x2E) &+ everyByte &* 0x7F) & ~((before ^ everyByte &* 0x2F) &+ everyByte &* 0x7F)
        // A byte from 0x80 on may have carried into its neighbour, but it fails the whole word by itself.
        let plain = (letter | digit | other) & ~hidden & ~word
        return plain & everyHighBit == everyHighBit
    }
}
