/// A certificate chain with its key, as bytes that travel to every shard.
public struct TLSCertificate: Sendable {
    /// PEM: the certificate, then its intermediates, each signed by the next.
    public var chain: [UInt8]
    /// PEM: the private key, without a passphrase.
    public var key: SecretBytes
    /// DER: an OCSP response to staple (RFC 6066 §8). One that is not good, not current, or not about this certificate is left out;
    /// `CertificateInspection` says why.
    public var stapledResponse: [UInt8]?

    /// From bytes.
    public init(chain: [UInt8], key: [UInt8], stapledResponse: [UInt8]? = nil) {
        self.chain = chain
        self.key = SecretBytes(key)
        self.stapledResponse = stapledResponse
    }
}

/// Bytes that no message shows.
public struct SecretBytes: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    let octets: [UInt8]

    /// From bytes.
    public init(_ octets: [UInt8]) {
        self.octets = octets
    }

    /// Always `•••`.
    public var description: String { "•••" }
    /// Always `•••`.
    public var debugDescription: String { "•••" }
    /// Empty, so that a dump shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
