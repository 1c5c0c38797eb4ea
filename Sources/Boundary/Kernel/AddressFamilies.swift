internal import CLinux

/// IPv4, IPv6 or both.
public struct AddressFamilies: OptionSet, Sendable, Hashable {
    public let rawValue: Int

    /// From `rawValue` of another set.
    public init(rawValue: Int) {
        self.rawValue = rawValue
    }

    public static let ipv4 = AddressFamilies(rawValue: Int(CL_FAMILY_IPV4))
    public static let ipv6 = AddressFamilies(rawValue: Int(CL_FAMILY_IPV6))
    public static let both: AddressFamilies = [.ipv4, .ipv6]

    /// The families of which this machine has an address now. A machine that has none, or does not tell, counts as having both:
    /// then the attempt to connect finds out.
    ///
    /// - Parameter countsLoopback: whether 127.0.0.1 and ::1 are addresses too; nobody else is reached from them.
    public static func ofThisMachine(countsLoopback: Bool) -> AddressFamilies {
        let found = cl_address_families(countsLoopback ? 1 : 0)
        return found > 0 ? AddressFamilies(rawValue: Int(found)) : .both
    }

    /// Whether an address belongs to one of the families.
    public func contains(familyOf address: SocketAddress) -> Bool {
        contains(address.isIPv4 ? .ipv4 : .ipv6)
    }
}
