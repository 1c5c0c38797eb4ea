internal import COpenSSL

/// Versions of the protocol that may be spoken.
public enum TLSVersion: Int32, Sendable, Equatable, Comparable {
    /// RFC 5246, with forward secrecy and authenticated encryption alone.
    case tls12 = 0x0303
    /// RFC 8446.
    case tls13 = 0x0304

    /// As it is usually written: `TLSv1.3`.
    public var text: StaticString { self == .tls13 ? "TLSv1.3" : "TLSv1.2" }

    /// Older is less.
    public static func < (left: TLSVersion, right: TLSVersion) -> Bool { left.rawValue < right.rawValue }
}

/// What is negotiated, the same for listeners and upstreams.
///
/// The suites of TLS 1.2 are those of Mozilla's intermediate profile without the finite-field exchange; all are strong, so the
/// client's order counts: it knows whether its processor has AES.
enum TLSDefaults {
    static let ciphers12 =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
        + "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
    static let groups = "X25519:P-256:P-384"
    /// Neither SHA-1 nor SHA-224 nor DSA.
    static let signatures =
        "ed25519:ecdsa_secp256r1_sha256:ecdsa_secp384r1_sha384:ecdsa_secp521r1_sha512:rsa_pss_rsae_sha256:"
        + "rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:rsa_pss_pss_sha256:rsa_pss_pss_sha384:rsa_pss_pss_sha512:"
        + "rsa_pkcs1_sha256:rsa_pkcs1_sha384:rsa_pkcs1_sha512"
    /// 112 bits: keys of RSA have 2,048 bits at least.
    static let securityLevel: Int32 = 2
    /// Octets of a peer's certificate chain; a usual one has three to six thousand.
    static let peerChainBytesMax = 32_768
    /// Octets of content in a record (RFC 8446 §5.1).
    static let recordBytes = 16_384
    /// Octets of a server name (RFC 1035 §2.3.4).
    static let serverNameBytesMax = 255
    /// Certificates in one PEM text; the system's authorities are about 150.
    static let certificatesMax = 4_096

    /// Sets what does not depend on the role.
    static func apply(to context: OpaquePointer, minimumVersion: TLSVersion, offloads: Bool)
        throws(TLSConfigurationError)
    {
        // The context is live, and the texts are read during the calls.
        guard unsafe co_set_versions(context, minimumVersion.rawValue, TLSVersion.tls13.rawValue) == 1,
            unsafe SSL_CTX_set_cipher_list(context, ciphers12) == 1,
            unsafe co_set_groups(context, groups) == 1,
            unsafe co_set_signatures(context, signatures) == 1
        else { throw .library(OpenSSLErrors.takeText()) }
        unsafe SSL_CTX_set_security_level(context, securityLevel)
        unsafe co_set_habits(context, offloads ? 1 : 0)
        unsafe co_set_max_cert_list(context, peerChainBytesMax)
    }
}
