public import Declarations
public import Kernel

/// Networks, compiled: ranges of addresses that neither touch nor overlap, in order, so that a search takes the logarithm of their
/// number. IPv4 addresses are those of `::ffff:0:0/96`.
public struct AddressSet: Sendable {
    private struct Address: Comparable, Sendable {
        var high: UInt64
        var low: UInt64

        static func < (left: Address, right: Address) -> Bool {
            left.high != right.high ? left.high < right.high : left.low < right.low
        }

        /// The next address; `nil` behind the last.
        var next: Address? {
            if low < .max { return Address(high: high, low: low + 1) }
            return high < .max ? Address(high: high + 1, low: 0) : nil
        }
    }

    private var firsts: [Address] = []
    private var lasts: [Address] = []

    /// From any number of networks, in any order.
    public init(_ networks: [NetworkDeclaration]) {
        let ranges = networks.map(Self.range).sorted { $0.first < $1.first }
        for range in ranges {
            // A range that begins within the one before, or right behind it, prolongs that.
            if let last = lasts.last, last.next.map({ range.first <= $0 }) ?? true {
                lasts[lasts.count - 1] = max(last, range.last)
            } else {
                firsts.append(range.first)
                lasts.append(range.last)
            }
        }
    }

    /// True when the address lies in one of the networks.
    public func contains(_ address: SocketAddress) -> Bool {
        let wanted = Address(high: address.high, low: address.low)
        // The last range that does not begin behind the address.
        var low = 0
        var high = firsts.count
        while low < high {
            let middle = low + (high - low) / 2
            if firsts[middle] <= wanted { low = middle + 1 } else { high = middle }
        }
        return low > 0 && wanted <= lasts[low - 1]
    }

    private static func range(_ network: NetworkDeclaration) -> (first: Address, last: Address) {
        precondition(network.bytes.count == 16 && (0...128).contains(network.prefixBits))
        func word(_ from: Int) -> UInt64 { network.bytes[from..<from + 8].reduce(0) { $0 << 8 | UInt64($1) } }
        func rest(_ bits: Int) -> UInt64 { bits <= 0 ? .max : bits >= 64 ? 0 : UInt64.max >> UInt64(bits) }
        let high = rest(network.prefixBits)
        let low = rest(network.prefixBits - 64)
        return (
            Address(high: word(0) & ~high, low: word(8) & ~low), Address(high: word(0) | high, low: word(8) | low)
        )
    }
}
