internal import Kernel

/// The key of a `KeyedHash`: 128 bits.
public struct HashKey: Sendable, Equatable {
    /// The first eight octets of the key, read as a little-endian number.
    public let low: UInt64
    /// The last eight.
    public let high: UInt64

    /// Both halves.
    public init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// For placing keys of requests on endpoints: the same in every shard, process and host, so that several gateways agree.
    /// It is no secret; whoever knows it can aim at an endpoint, which is what the bound of load is for.
    public static let placement = HashKey(low: 0x6D61_7274_6C65_7421, high: 0x706C_6163_656D_656E)
}

/// SipHash-2-4 (Aumasson and Bernstein, 2012): 64 bits that nobody who lacks the key can predict or reverse.
///
/// Fast enough for a request (a key of 24 octets takes 12 rounds), and its values mean the same on every machine, which those of
/// Swift's `Hasher` do not.
public enum KeyedHash {
    /// The hash of these octets.
    public static func hash(_ bytes: Span<UInt8>, key: HashKey) -> UInt64 {
        var state = SipHash(low: key.low, high: key.high)
        let wordsEnd = bytes.count & ~7
        var at = 0
        while at < wordsEnd {
            var word: UInt64 = 0
            for offset in 0..<8 { word |= UInt64(bytes[at &+ offset]) &<< UInt64(8 &* offset) }
            state.absorb(word)
            at &+= 8
        }
        var last = UInt64(truncatingIfNeeded: bytes.count) &<< 56
        for offset in wordsEnd..<bytes.count {
            last |= UInt64(bytes[offset]) &<< UInt64(8 &* (offset &- wordsEnd))
        }
        state.absorb(last)
        return state.finish()
    }

    /// The hash of a text's UTF-8. Copies it, so for tables rather than for requests.
    public static func hash(_ text: String, key: HashKey) -> UInt64 {
        hash(Array(text.utf8).span, key: key)
    }

    /// Another well-spread number from a hash, by SplitMix64: a chain of them is a fixed random walk.
    static func following(_ hash: UInt64) -> UInt64 {
        var mixed = hash &+ 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed &>> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed &>> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed &>> 31)
    }
}
