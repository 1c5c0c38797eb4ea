/// Why a context could not be made.
public enum TLSConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A listener has no certificate.
    case noCertificate
    /// A certificate of the list, by its index, cannot be served.
    case certificate(index: Int, [CertificateProblem])
    /// The authorities cannot be used.
    case authorities([CertificateProblem])
    /// A protocol name for ALPN is empty or has more than 255 octets, or the list has more than 65,535.
    case applicationProtocols
    /// OpenSSL refused, in its words.
    case library(String)

    /// For people.
    public var description: String {
        switch self {
        case .noCertificate: "a listener with TLS needs a certificate"
        case .certificate(let index, let problems):
            "certificate \(index + 1): " + problems.map(\.description).joined(separator: "; ")
        case .authorities(let problems): "authorities: " + problems.map(\.description).joined(separator: "; ")
        case .applicationProtocols: "a protocol name for ALPN has 1 to 255 octets, and the list 65,535 at most"
        case .library(let text): "OpenSSL: \(text)"
        }
    }
}
