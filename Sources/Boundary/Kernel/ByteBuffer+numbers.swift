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
        var rest = value
        var place = end &+ 16
        end = place
        for _ in 0..<16 {
            place &-= 1
            let digit = UInt8(truncatingIfNeeded: rest & 15)
            unsafe base.unsafelyUnwrapped[place] = digit < 10 ? 48 &+ digit : 87 &+ digit
            rest >>= 4
        }
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
