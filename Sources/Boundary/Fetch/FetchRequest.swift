public import Kernel

/// What to ask of whom, and within which bounds. Redirects are never followed.
public struct FetchRequest: Sendable, Equatable {
    /// A method's token (RFC 9110 §9).
    public var method = "GET"
    /// An absolute URL of the scheme `http` or `https`. Its path is sent as it is written.
    public var url: String
    /// Sent as they are; `Host` replaces the one of the URL.
    public var fields: [FetchField] = []
    /// Sent when it is not empty, with its length and no `Content-Type` of our own.
    public var body: [UInt8] = []
    /// To the end of the TCP and TLS handshakes; at least 1.
    public var connectMilliseconds = 5_000
    /// From the start of the transfer (not from its place in the queue) to the end of the response; at least 1.
    public var wholeMilliseconds = 10_000
    /// Where to connect, whatever the URL says; `nil`: to the URL's host and port.
    public var address: SocketAddress?
    public var tls = FetchTLS()
    public var connection = FetchConnection.shared
    public var version = FetchVersion.any
    public var proxy = FetchProxy.none
    /// Begins the connection with a header of the PROXY protocol, version 1, that names our own end.
    public var sendsProxyHeader = false
    public var bodyLimit = FetchBodyLimit.refuse(beyondBytes: 1_048_576)
    /// Of the status line and all fields; beyond, the transfer ends as too large.
    public var headBytesMax = 65_536

    /// A plain `GET`.
    public init(url: String) {
        self.url = url
    }
}

/// How TLS is spoken and whom it believes.
public struct FetchTLS: Sendable, Equatable {
    /// PEM file of the authorities; `nil`: those of the system. Another content of the same file counts after a minute at the latest.
    public var authoritiesFile: String?
    /// PEM file of the certificate that is shown, with its intermediates; `nil`: none.
    public var certificateFile: String?
    /// PEM file of that certificate's key, not sealed by a password.
    public var keyFile: String?
    /// Whether the certificate must be valid for the name. False trusts anyone.
    public var verifies = true
    /// The name for SNI and in the certificate, when it is not the URL's host. The `Host` field stays the URL's.
    public var serverName: String?
    public var minimumVersion = FetchTLSVersion.tls12

    /// The system's authorities, verified.
    public init() {}
}

/// The oldest version of TLS that is spoken.
public enum FetchTLSVersion: Sendable, Equatable {
    case tls12, tls13
}

/// Which connection a transfer goes over.
public enum FetchConnection: Sendable, Equatable {
    /// One that is idle, or a new one, which is kept.
    case shared
    /// One of its own, with a full handshake, closed afterwards: what is asked is whether one can connect.
    case fresh
}

/// Which HTTP is spoken.
public enum FetchVersion: Sendable, Equatable {
    case http1
    /// HTTP/2 when TLS agrees on it, otherwise HTTP/1.1.
    case any
}

/// Whether a proxy is between.
public enum FetchProxy: Sendable, Equatable {
    /// None, whatever the environment says.
    case none
    /// As `http_proxy`, `https_proxy` and `no_proxy` say.
    case environment
    /// This one, as a URL.
    case url(String)
}

/// What happens to a body that is too large. Bytes beyond the limit are not read.
public enum FetchBodyLimit: Sendable, Equatable {
    /// The transfer fails as too large.
    case refuse(beyondBytes: Int)
    /// The response counts, with the bytes up to there.
    case cut(atBytes: Int)

    var bytes: Int {
        switch self {
        case .refuse(let bytes), .cut(let bytes): bytes
        }
    }
}
