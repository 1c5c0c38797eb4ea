/// The checksum of RFC 3309 (Castagnoli's polynomial), bit by bit: a header has few bytes, and a connection has one header.
enum CRC32C {
    /// Of all bytes, with those of one range taken as zeros.
    static func of(_ bytes: Span<UInt8>, withZerosAt zeros: Range<Int>) -> UInt32 {
        var sum: UInt32 = 0xFFFF_FFFF
        for index in bytes.indices {
            sum ^= zeros.contains(index) ? 0 : UInt32(bytes[index])
            for _ in 0..<8 { sum = sum >> 1 ^ (sum & 1 == 1 ? 0x82F6_3B78 : 0) }
        }
        return ~sum
    }
}
