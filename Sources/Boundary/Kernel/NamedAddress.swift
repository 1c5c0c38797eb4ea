/// A host by name, and a port: what leads to socket addresses that may change.
public struct NamedAddress: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// A host name, or an IPv4 or IPv6 literal without brackets.
    public let host: String
    /// In host order.
    public let port: UInt16

    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// `db.internal:5432`.
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// By host, then by port.
    public static func < (left: NamedAddress, right: NamedAddress) -> Bool {
        (left.host, left.port) < (right.host, right.port)
    }
}
