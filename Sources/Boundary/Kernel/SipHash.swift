/// SipHash-2-4 (Aumasson and Bernstein, 2012) over 64-bit words: a hash that nobody who lacks the key can predict or steer.
///
/// This is its inner state. Whoever feeds it decides how octets become words, and must do so unambiguously; the original packs
/// octets little-endian, with their number modulo 256 in the highest octet of the last word.
@frozen
public struct SipHash: Sendable {
    @usableFromInline var a: UInt64
    @usableFromInline var b: UInt64
    @usableFromInline var c: UInt64
    @usableFromInline var d: UInt64

    /// With the two halves of the key, each read as a little-endian number.
    @inlinable
    public init(low: UInt64, high: UInt64) {
        a = low ^ 0x736F_6D65_7073_6575
        b = high ^ 0x646F_7261_6E64_6F6D
        c = low ^ 0x6C79_6765_6E65_7261
        d = high ^ 0x7465_6462_7974_6573
    }

    /// Takes the next word in.
    @inlinable
    public mutating func absorb(_ word: UInt64) {
        d ^= word
        round()
        round()
        a ^= word
    }

    /// The hash of the words so far; the state is of no use afterwards.
    @inlinable
    public mutating func finish() -> UInt64 {
        c ^= 0xFF
        for _ in 0..<4 { round() }
        return a ^ b ^ c ^ d
    }

    @inlinable @inline(__always)
    mutating func round() {
        a &+= b
        c &+= d
        b = Self.rotated(b, by: 13) ^ a
        d = Self.rotated(d, by: 16) ^ c
        a = Self.rotated(a, by: 32)
        c &+= b
        a &+= d
        b = Self.rotated(b, by: 17) ^ c
        d = Self.rotated(d, by: 21) ^ a
        c = Self.rotated(c, by: 32)
    }

    @inlinable @inline(__always)
    static func rotated(_ word: UInt64, by bits: UInt64) -> UInt64 { word &<< bits | word &>> (64 &- bits) }
}
