// Numbers as text, straight into the buffer: the request path formats them without allocating.

extension ByteBuffer {
    /// Appends an integer in decimal, at most 20 bytes.
    @inlinable
    public mutating func appendDecimal(_ value: Int) {
        if value >= 0 && value < 10 {
            append(UInt8(truncatingIfNeeded: 48 &+ value))
            return
        }
        if value < 0 { append(0x2D) }
        var rest = value.magnitude
        var digits = 1
        var bound: UInt = 10
        while digits < 20 && rest >= bound {
            digits &+= 1
            let (next, overflow) = bound.multipliedReportingOverflow(by: 10)
            if overflow { break }
            bound = next
        }
        precondition(digits <= capacity &- end)
        var place = end &+ digits
        end = place
        repeat {
            place &-= 1
            // place stays in the `digits` bytes that were just reserved.
            unsafe base.unsafelyUnwrapped[place] = UInt8(truncatingIfNeeded: 48 &+ rest % 10)
            rest /= 10
        } while rest > 0
    }

    /// Appends an integer in decimal, padded with zeros to `width` digits (1...18); higher digits are cut.
    @inlinable
    public mutating func appendDecimal(_ value: Int, width: Int) {
        precondition(width > 0 && width <= 18 && width <= capacity &- end && value >= 0)
        var rest = value
        var place = end &+ width
        end = place
        for _ in 0..<width {
            place &-= 1
            unsafe base.unsafelyUnwrapped[place] = UInt8(truncatingIfNeeded: 48 &+ rest % 10)
            rest /= 10
        }
    }

    /// Appends 16 lower-case hexadecimal digits.
    @inlinable
    public mutating func appendHexadecimal(_ value: UInt64) {
        precondition(16 <= capacity &- end)
        let target = unsafe UnsafeMutableRawPointer(base.unsafelyUnwrapped + end)
        // The precondition leaves room for both halves.
        unsafe target.storeBytes(of: Self.hexadecimal(UInt32(truncatingIfNeeded: value >> 32)), as: UInt64.self)
        unsafe target.storeBytes(
            of: Self.hexadecimal(UInt32(truncatingIfNeeded: value)), toByteOffset: 8, as: UInt64.self)
        end &+= 16
    }

    /// Writes 16 lower-case hexadecimal digits over waiting bytes, from `index` (0 is the first waiting byte).
    public mutating func overwriteHexadecimal(_ value: UInt64, at index: Int) {
        precondition(index >= 0 && index <= count &- 16)
        let target = unsafe UnsafeMutableRawPointer(base.unsafelyUnwrapped + start + index)
        // The precondition keeps both halves among the waiting bytes.
        unsafe target.storeBytes(of: Self.hexadecimal(UInt32(truncatingIfNeeded: value >> 32)), as: UInt64.self)
        unsafe target.storeBytes(
            of: Self.hexadecimal(UInt32(truncatingIfNeeded: value)), toByteOffset: 8, as: UInt64.self)
    }

    /// Eight digits as they lie in memory, the highest first.
    @inlinable @inline(__always)
    static func hexadecimal(_ value: UInt32) -> UInt64 {
        // 1. Each half, then each byte, then each four bits go to a lane of their own, the higher part to the lower address.
        var lanes = UInt64(value)
        lanes = (lanes & 0xFFFF) << 32 | lanes >> 16
        lanes = (lanes & 0x0000_FF00_0000_FF00) >> 8 | (lanes & 0x0000_00FF_0000_00FF) << 16
        lanes = (lanes & 0x00F0_00F0_00F0_00F0) >> 4 | (lanes & 0x000F_000F_000F_000F) << 8
        // 2. A lane from 10 on becomes a letter: 39 lie between `9` and `a`.
        let letters = (lanes &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return (lanes &+ 0x3030_3030_3030_3030 &+ letters &* 39).littleEndian
    }

    /// Appends an integer in hexadecimal without leading zeros, 1...16 bytes (a chunk size, RFC 9112 §7.1).
    @inlinable
    public mutating func appendChunkSize(_ value: Int) {
        precondition(value >= 0)
        var shift = max(0, (63 &- value.leadingZeroBitCount) & ~3)
        while shift >= 0 {
            let digit = UInt8(truncatingIfNeeded: (value >> shift) & 15)
            append(digit < 10 ? 48 &+ digit : 87 &+ digit)
            shift &-= 4
        }
    }
}
