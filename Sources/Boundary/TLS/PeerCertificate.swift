internal import COpenSSL

/// The certificate that a peer showed, as text for headers, logs and rules. Every text is printable ASCII without line breaks, escaped
/// as RFC 2253 §2.4 describes, so that it cannot break out of a header field.
public struct PeerCertificate: Sendable, Equatable {
    /// Octets of the subject or of an alternative name beyond which the text is left out: a cut text could be taken for another's.
    public static let textBytesMax = 2_048
    /// Alternative names that are told.
    public static let alternativeNamesMax = 64

    /// Its chain was checked and is good. False only where checking was switched off.
    public let isVerified: Bool
    /// The subject in RFC 2253 form: `CN=alice,O=Example`. `nil` when it is too long.
    public let subject: String?
    /// The issuer in the same form.
    public let issuer: String?
    /// Alternative names that are host names.
    public let hostNames: [String]
    /// Alternative names that are URIs, such as SPIFFE identities.
    public let uris: [String]
    /// Alternative names that are email addresses.
    public let emailAddresses: [String]
    /// SHA-256 of the certificate: 64 hexadecimal digits in lower case.
    public let fingerprint: String
    /// The serial number in hexadecimal.
    public let serialNumber: String
    /// Unix seconds after which it does not count.
    public let notAfter: Int64

    /// Reads a certificate that lives through the call.
    init(_ certificate: OpaquePointer, isVerified: Bool) {
        let facts = unsafe X509Facts(certificate)
        self.isVerified = isVerified
        subject = Self.bounded(facts.subject)
        issuer = Self.bounded(facts.issuer)
        let names = facts.alternativeNames?.prefix(Self.alternativeNamesMax) ?? []
        func texts(_ kind: X509Facts.AlternativeName.Kind) -> [String] {
            names.filter { $0.kind == kind }.compactMap { Self.bounded(PrintableText.escaped($0.octets)) }
        }
        hostNames = texts(.host)
        uris = texts(.uri)
        emailAddresses = texts(.email)
        fingerprint = facts.fingerprint
        serialNumber = facts.serialNumber
        notAfter = facts.notAfter
    }

    private static func bounded(_ text: String) -> String? {
        text.utf8.count <= textBytesMax ? text : nil
    }
}
