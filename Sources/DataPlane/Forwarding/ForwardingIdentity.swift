public import Kernel

/// What the forwarding fields say of one downstream connection; made once when it is accepted.
///
/// A class, so that each request counts one reference and not one for each text.
public final class ForwardingIdentity: Sendable {
    /// The peer.
    public let address: SocketAddress
    /// The peer's address as text, IPv6 without brackets.
    public let peer: [UInt8]
    /// `address:port`, for logs.
    public let peerAndPort: [UInt8]
    /// The peer is a proxy whose `X-Forwarded-*` and `Forwarded` fields are believed.
    public let isTrusted: Bool
    /// The port the client connected to, as text.
    public let listenerPort: [UInt8]
    /// The client came by TLS.
    public let isSecure: Bool
    /// Field lines that tell the origin of the client's verified certificate; empty without one.
    public let certificateLines: [UInt8]
    let isIPv6: Bool

    /// From the accepted connection.
    public init(peer: SocketAddress, isTrusted: Bool, listenerPort: [UInt8], isSecure: Bool = false) {
        address = peer
        self.peer = Array(peer.hostText.utf8)
        peerAndPort = Array(peer.text.utf8)
        self.isSecure = isSecure
        certificateLines = []
        self.isTrusted = isTrusted
        self.listenerPort = listenerPort
        isIPv6 = !peer.isIPv4
    }

    private init(_ other: ForwardingIdentity, certificateLines: [UInt8]) {
        address = other.address
        peer = other.peer
        peerAndPort = other.peerAndPort
        isTrusted = other.isTrusted
        listenerPort = other.listenerPort
        isSecure = other.isSecure
        isIPv6 = other.isIPv6
        self.certificateLines = certificateLines
    }

    /// The same with what is known of the client's certificate, at most `ClientCertificateFields.bytesMax`.
    public func with(certificateLines: [UInt8]) -> ForwardingIdentity {
        ForwardingIdentity(self, certificateLines: certificateLines)
    }
}

/// A network whose members are trusted.
public struct TrustedNetwork: Sendable {
    private let high: UInt64
    private let low: UInt64
    private let highMask: UInt64
    private let lowMask: UInt64

    /// From the 16 bytes of an address (IPv4 as `::ffff:a.b.c.d`) and the number of leading bits that must agree, 0...128.
    public init(bytes: [UInt8], prefixBits: Int) {
        precondition(bytes.count == 16 && (0...128).contains(prefixBits))
        func word(_ from: Int) -> UInt64 { bytes[from..<from + 8].reduce(0) { $0 << 8 | UInt64($1) } }
        func mask(_ bits: Int) -> UInt64 { bits <= 0 ? 0 : bits >= 64 ? .max : ~(UInt64.max >> UInt64(bits)) }
        highMask = mask(prefixBits)
        lowMask = mask(prefixBits - 64)
        high = word(0) & highMask
        low = word(8) & lowMask
    }

    /// True when the address lies in the network.
    public func contains(_ address: SocketAddress) -> Bool {
        address.high & highMask == high && address.low & lowMask == low
    }
}
