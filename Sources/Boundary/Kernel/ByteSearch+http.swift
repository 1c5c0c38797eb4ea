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
}
