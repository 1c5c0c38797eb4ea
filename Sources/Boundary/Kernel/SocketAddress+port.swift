internal import CLinux

extension SocketAddress {
    /// The same address with another port.
    public func with(port: UInt16) -> SocketAddress {
        var other = self
        other.native.port = port
        return other
    }

    /// The interface to which an IPv6 link-local address belongs; 0: none (RFC 4007 §6).
    public var scope: UInt32 { native.scope }
}
