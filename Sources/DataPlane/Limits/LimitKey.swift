public import Kernel

/// Whom a limit counts, as 64 bits of a keyed hash: what of the request they stand for is `LimitKeyHasher`'s business.
public struct LimitKey: Sendable, Equatable {
    /// The hash.
    public let hash: UInt64

    /// From a hash that clients cannot predict.
    public init(hash: UInt64) { self.hash = hash }
}

/// What makes the hashes of one process unlike those of any other, so that no client can look for keys that meet. From
/// the kernel's random source, once, at the start.
public struct LimitSeed: Sendable, Equatable {
    let low: UInt64
    let high: UInt64

    /// Both halves.
    public init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }
}

/// Builds the key of a request from one or several components, by SipHash-2-4.
///
/// Each component begins with a word that tells its kind and its length, so that no two sequences of components are the
/// same words: `ab` and `c` are not `a` and `bc`, and a field that is missing is not one that is empty.
public struct LimitKeyHasher: Sendable {
    private var state: SipHash

    private enum Kind: UInt64 {
        case octets = 1
        case number, address, missing
    }

    /// Without components.
    public init(_ seed: LimitSeed) { state = SipHash(low: seed.low, high: seed.high) }

    /// A field value, a cookie, a claim, a name.
    public mutating func append(_ octets: Span<UInt8>) {
        begin(.octets, octets.count)
        let wordsEnd = octets.count & ~7
        var at = 0
        while at < wordsEnd {
            var word: UInt64 = 0
            for offset in 0..<8 { word |= UInt64(octets[at &+ offset]) &<< UInt64(8 &* offset) }
            state.absorb(word)
            at &+= 8
        }
        guard wordsEnd < octets.count else { return }
        var last: UInt64 = 0
        for offset in wordsEnd..<octets.count {
            last |= UInt64(octets[offset]) &<< UInt64(8 &* (offset &- wordsEnd))
        }
        state.absorb(last)
    }

    /// A number, such as a route's.
    public mutating func append(number: UInt64) {
        begin(.number, 8)
        state.absorb(number)
    }

    /// A client: its IPv4 address, or the first 64 bits of its IPv6 address, for whoever has one of these has all of
    /// them.
    public mutating func append(client: SocketAddress) {
        if client.isIPv4 {
            begin(.address, 4)
            state.absorb(client.low & 0xFFFF_FFFF)
        } else {
            begin(.address, 8)
            state.absorb(client.high)
        }
    }

    /// In place of a component that the request does not have.
    public mutating func appendMissing() { begin(.missing, 0) }

    /// The key; the hasher stays as it is, so a common beginning can be hashed once.
    public func finish() -> LimitKey {
        var state = state
        return LimitKey(hash: state.finish())
    }

    private mutating func begin(_ kind: Kind, _ count: Int) {
        state.absorb(kind.rawValue &<< 56 | UInt64(truncatingIfNeeded: count))
    }
}
