public import Kernel

/// The values of a sticky cookie: one opaque token per endpoint, and the way back.
///
/// A token is the keyed hash of the endpoint's identity as 16 hexadecimal digits. The key outlives restarts and is the same on all
/// gateways in front of the same clients, or they lose their endpoint. It hides an address from a casual look only as long as it is
/// not known: with a key that stands in the source, whoever guesses an address can confirm it, and choose its endpoint.
public struct StickyTokens: Sendable {
    /// Octets of a token.
    public static let tokenBytes = 16

    private let tokens: [UInt64]
    /// Indices of endpoints by ascending token.
    private let order: [Int]

    /// For endpoints with these identities, in the order of their indices.
    public init(identities: [String], key: HashKey) {
        let tokens = identities.map { KeyedHash.hash($0, key: key) }
        self.tokens = tokens
        order = tokens.indices.sorted { (tokens[$0], $0) < (tokens[$1], $1) }
    }

    /// Writes the token of an endpoint.
    public func append(tokenOf index: Int, to buffer: inout ByteBuffer) {
        var rest = tokens[index]
        for _ in 0..<Self.tokenBytes {
            rest = rest &<< 4 | rest &>> 60
            let digit = UInt8(truncatingIfNeeded: rest & 0xF)
            buffer.append(digit < 10 ? 0x30 &+ digit : 0x57 &+ digit)
        }
    }

    /// The endpoint a client's cookie names, or `nil` when it names none of ours. Lower-case digits only, as they were given out.
    public func endpoint(_ cookie: Span<UInt8>) -> Int? {
        guard cookie.count == Self.tokenBytes else { return nil }
        var token: UInt64 = 0
        for index in cookie.indices {
            let byte = cookie[index]
            switch byte {
            case 0x30...0x39: token = token &<< 4 | UInt64(byte &- 0x30)
            case 0x61...0x66: token = token &<< 4 | UInt64(byte &- 0x57)
            default: return nil
            }
        }
        return find(token)
    }

    private func find(_ token: UInt64) -> Int? {
        var low = 0
        var high = order.count
        while low < high {
            let middle = (low + high) / 2
            if tokens[order[middle]] < token { low = middle + 1 } else { high = middle }
        }
        guard low < order.count, tokens[order[low]] == token else { return nil }
        return order[low]
    }
}
