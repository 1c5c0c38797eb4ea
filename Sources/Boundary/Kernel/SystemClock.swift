internal import CLinux

/// The machine's clocks and its dice. Only the outermost layer reads them; everything else takes time as an argument.
public enum SystemClock {
    /// Nanoseconds since some fixed moment; never goes back.
    public static func monotonicNanoseconds() -> UInt64 { cl_monotonic_nanoseconds() }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    public static func wallMilliseconds() -> Int64 { cl_wall_milliseconds() }

    /// 64 bits from the kernel's random source.
    public static func entropy() -> UInt64 {
        var value: UInt64 = 0
        // 8 bytes of a local variable.
        let result = unsafe cl_entropy(&value, 8)
        precondition(result == 0, "getrandom failed")
        return value
    }

    /// Processors this process may run on.
    public static func processorCount() -> Int { max(1, Int(cl_processors())) }

    /// Raises the limit of open files to what the system allows; returns the limit in force.
    public static func raiseDescriptorLimit() -> Int { max(0, Int(cl_raise_descriptor_limit())) }
}

/// xoshiro256**: fast, well-spread numbers for balancing and identifiers; not for secrets.
@frozen
public struct FastRandom: Sendable {
    @usableFromInline var state: (UInt64, UInt64, UInt64, UInt64)

    /// Any seed will do; it is spread by SplitMix64.
    public init(seed: UInt64) {
        var mix = seed
        func next() -> UInt64 {
            mix &+= 0x9E37_79B9_7F4A_7C15
            var z = mix
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
        state = (next(), next(), next(), next())
    }

    /// The next 64 bits.
    @inlinable
    public mutating func next() -> UInt64 {
        let product = state.1 &* 5
        let result = ((product << 7) | (product >> 57)) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = (state.3 << 45) | (state.3 >> 19)
        return result
    }

    /// A number in 0..<bound, bound at least 1, by multiplication (the bias is below 2^-32 for bounds below 2^32).
    @inlinable
    public mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0)
        return Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
    }
}
