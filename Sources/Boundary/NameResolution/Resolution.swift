public import Kernel

/// Where a name leads, and for how long.
public struct Resolution: Sendable, Equatable {
    /// At least one and at most `addressesMax`, without repetition, IPv4 first, in numerical order: servers rotate their answers,
    /// and a rotated answer is not another one.
    public let addresses: [SocketAddress]
    /// The least of the answer's records, aliases included; 0: ask again each time.
    public let timeToLiveSeconds: Int

    /// Addresses of one name that are used; those beyond are left out.
    public static let addressesMax = 64
    /// What stands for the time to live of an entry of the hosts file, which has none.
    public static let hostsFileSeconds = 30
    /// What stands for the time to live of a literal address: a year.
    public static let literalSeconds = 31_536_000

    init(_ addresses: [SocketAddress], timeToLiveSeconds: Int) {
        var unique: [SocketAddress] = []
        for address in addresses.sorted(by: Self.stands) where unique.last != address { unique.append(address) }
        self.addresses = Array(unique.prefix(Self.addressesMax))
        // RFC 2181 §8: a time with its highest bit set counts as 0.
        self.timeToLiveSeconds = max(0, timeToLiveSeconds)
    }

    private static func stands(_ left: SocketAddress, before right: SocketAddress) -> Bool {
        if left.isIPv4 != right.isIPv4 { return left.isIPv4 }
        return (left.high, left.low) < (right.high, right.low)
    }
}
