internal import COpenSSL
public import Kernel

/// Why a session failed: a kind for metrics and decisions, a text for the log.
public struct TLSFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// Kinds of failures; the raw value is a metric's label.
    public enum Kind: String, Sendable, Equatable, CaseIterable {
        /// The peer went away in the middle.
        case closed
        /// A system call failed.
        case system
        /// The peer sent a fatal alert; `alert` says which.
        case alert
        /// What the peer sent is no TLS at all.
        case notTLS = "not_tls"
        /// The peer speaks only versions that are refused.
        case version
        /// No cipher suite, group or signature algorithm in common.
        case cipher
        /// No protocol in common (RFC 7301 §3.2).
        case applicationProtocol = "application_protocol"
        /// The client must show a certificate and did not.
        case certificateMissing = "certificate_missing"
        /// The peer's certificate did not pass.
        case certificateRefused = "certificate_refused"
        /// Too many key updates, tickets or attempts to negotiate anew.
        case flooded
        /// Anything else the peer did wrong.
        case violation
    }

    /// What kind of failure.
    public let kind: Kind
    /// The alert that the peer sent (RFC 8446 §6).
    public let alert: UInt8?
    /// The failed system call.
    public let system: SystemError?
    private let code: UInt
    private let verdict: Int

    /// For people, in plain ASCII.
    public var description: String {
        switch kind {
        case .closed: return "the peer closed the connection during the handshake"
        case .system: return system.map { "\($0)" } ?? "a system call failed"
        case .alert:
            // The text is static.
            guard let alert, let text = unsafe SSL_alert_desc_string_long(Int32(alert)) else { return "alert" }
            return unsafe "the peer refused: \(String(cString: text)) (alert \(alert))"
        case .certificateRefused:
            // The text is static.
            guard verdict != 0, let text = unsafe X509_verify_cert_error_string(verdict) else { break }
            return unsafe "the peer's certificate was refused: \(String(cString: text))"
        case .flooded: return "too many messages without content"
        default: break
        }
        return OpenSSLErrors.text(of: code)
    }

    static let flooded = TLSFailure(kind: .flooded)
    static let closed = TLSFailure(kind: .closed)

    static func system(_ error: SystemError) -> TLSFailure {
        TLSFailure(kind: .system, system: error)
    }

    /// From OpenSSL's code and the result of the check of the certificate.
    init(code: UInt, verdict: Int) {
        let reason = OpenSSLErrors.library(of: code) == ERR_LIB_SSL ? OpenSSLErrors.reason(of: code) : 0
        let isAlert = co_is_fatal_alert(reason) != 0
        self.init(
            kind: isAlert ? .alert : Self.kind(of: reason),
            alert: isAlert ? UInt8(truncatingIfNeeded: reason - SSL_AD_REASON_OFFSET) : nil, code: code,
            verdict: verdict)
    }

    private init(kind: Kind, alert: UInt8? = nil, system: SystemError? = nil, code: UInt = 0, verdict: Int = 0) {
        self.kind = kind
        self.alert = alert
        self.system = system
        self.code = code
        self.verdict = verdict
    }

    private static func kind(of reason: Int32) -> Kind {
        switch reason {
        case SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST, SSL_R_WRONG_VERSION_NUMBER, SSL_R_BAD_RECORD_TYPE,
            SSL_R_PACKET_LENGTH_TOO_LONG, SSL_R_ENCRYPTED_LENGTH_TOO_LONG:
            .notTLS
        case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_UNSUPPORTED_SSL_VERSION, SSL_R_VERSION_TOO_LOW, SSL_R_VERSION_TOO_HIGH,
            SSL_R_NO_PROTOCOLS_AVAILABLE, SSL_R_UNKNOWN_PROTOCOL, SSL_R_INAPPROPRIATE_FALLBACK:
            .version
        case SSL_R_NO_SHARED_CIPHER, SSL_R_NO_SHARED_GROUPS, SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS,
            SSL_R_NO_SUITABLE_KEY_SHARE, SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, SSL_R_NO_SUITABLE_GROUPS,
            SSL_R_WRONG_SIGNATURE_TYPE:
            .cipher
        case SSL_R_NO_APPLICATION_PROTOCOL: .applicationProtocol
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE: .certificateMissing
        case SSL_R_CERTIFICATE_VERIFY_FAILED: .certificateRefused
        case SSL_R_UNEXPECTED_EOF_WHILE_READING: .closed
        default: .violation
        }
    }
}
