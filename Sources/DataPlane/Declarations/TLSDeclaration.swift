/// How a listener terminates TLS.
public struct ListenerTLSDeclaration: Sendable, Equatable {
    /// At least one. The names in them decide which a client gets; the first serves clients that name no host, or an unknown one.
    public var certificates: [CertificateDeclaration]
    /// The oldest version of the protocol that is spoken.
    public var minimumVersion = TLSVersionDeclaration.tls12
    /// Protocols offered by ALPN, most wanted first.
    public var protocols = ["http/1.1"]
    /// How long one key seals session tickets; it opens them for as long again. 0: no tickets.
    public var ticketRotationMilliseconds = 12 * 3_600_000
    public var clientCertificates = ClientCertificatesDeclaration()
    /// Hands records to the kernel when it can take them.
    public var kernelOffload = false

    public init(certificates: [CertificateDeclaration]) {
        self.certificates = certificates
    }
}

/// A certificate chain, its key, and what is stapled to it.
public struct CertificateDeclaration: Sendable, Equatable {
    /// PEM file: the certificate, then its intermediates.
    public var chainFile: String
    /// PEM file of the private key.
    public var keyFile: String
    /// DER file of an OCSP response to staple; `nil`: none.
    public var ocspFile: String?

    public init(chainFile: String, keyFile: String, ocspFile: String? = nil) {
        self.chainFile = chainFile
        self.keyFile = keyFile
        self.ocspFile = ocspFile
    }
}

/// Versions of TLS that may be spoken.
public enum TLSVersionDeclaration: String, Sendable, Equatable, CaseIterable {
    case tls12 = "1.2"
    case tls13 = "1.3"
}

/// Whether clients show certificates, and who must have signed them.
public struct ClientCertificatesDeclaration: Sendable, Equatable {
    /// What is asked of a client.
    public enum Mode: String, Sendable, Equatable, CaseIterable {
        case off
        case optional
        case required
    }

    public var mode = Mode.off
    /// PEM file of the authorities; needed unless `mode` is off.
    public var authoritiesFile: String?

    public init() {}
}

/// How an upstream is spoken to over TLS.
public struct UpstreamTLSDeclaration: Sendable, Equatable {
    /// The name sent as SNI and looked for in the origin's certificate; `nil`: the endpoint's host.
    public var serverName: String?
    /// PEM file of the authorities; `nil`: those of the system.
    public var authoritiesFile: String?
    /// The certificate shown to the origin.
    public var certificate: CertificateDeclaration?
    /// False trusts any certificate.
    public var verifies = true
    public var minimumVersion = TLSVersionDeclaration.tls12

    public init() {}
}

/// Versions of the PROXY protocol.
public enum ProxyProtocolDeclaration: String, Sendable, Equatable, CaseIterable {
    case v1
    case v2
}
