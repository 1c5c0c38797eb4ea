/// How a listener speaks TLS. Plain values: every shard makes its own context from a copy.
public struct TLSServerOptions: Sendable {
    /// Whether clients show certificates.
    public enum ClientCertificates: Sendable {
        /// They are not asked.
        case off
        /// They may; one that is shown must be good. The bytes are the PEM of the authorities.
        case optional(authorities: [UInt8])
        /// They must. The bytes are the PEM of the authorities.
        case required(authorities: [UInt8])
    }

    /// Name of the listener: tickets of one listener are worth nothing at another.
    public var listener: String
    /// At least one. The names in them decide which a client gets; the first serves clients that name no host, or an unknown one.
    public var certificates: [TLSCertificate]
    /// The oldest version that is spoken.
    public var minimumVersion = TLSVersion.tls12
    /// Protocols for ALPN (RFC 7301), most wanted first. A client that offers only others is refused. Empty: no ALPN.
    public var applicationProtocols: [String] = []
    /// Whether clients show certificates.
    public var clientCertificates = ClientCertificates.off
    /// Keys of session tickets; `nil`: no tickets, hence no resumption.
    public var ticketKeys: TicketKeyRing?
    /// How long a ticket may be used, in seconds, at most 604,800 (RFC 8446 §4.6.1).
    public var ticketLifetimeSeconds = 7_200
    /// Lets the kernel make and open the records where it can.
    public var kernelOffload = false

    /// With the defaults for everything else.
    public init(listener: String, certificates: [TLSCertificate]) {
        self.listener = listener
        self.certificates = certificates
    }
}

/// How an upstream is spoken to. Plain values, like `TLSServerOptions`.
public struct TLSClientOptions: Sendable {
    /// Whose signatures count.
    public enum Authorities: Sendable {
        /// Those of the system.
        case system
        /// Those in this PEM text.
        case pem([UInt8])
    }

    /// Whose signatures count.
    public var authorities = Authorities.system
    /// False takes any certificate.
    public var verifies = true
    /// The certificate shown to an origin that asks for one.
    public var certificate: TLSCertificate?
    /// The oldest version that is spoken.
    public var minimumVersion = TLSVersion.tls12
    /// Protocols for ALPN, most wanted first. Empty: no ALPN.
    public var applicationProtocols: [String] = []
    /// Keeps sessions, so that later connections need no full handshake.
    public var resumes = true
    /// Lets the kernel make and open the records where it can.
    public var kernelOffload = false

    /// The system's authorities, verification on.
    public init() {}
}
