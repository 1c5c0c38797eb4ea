/// A built-in filter, as written.
public enum FilterDeclaration: Sendable, Equatable {
    /// Removes leading whole segments (`/api/v1`); a path that does not begin with them stays as it is.
    case stripPrefix(String)
    /// Replaces the path by a template over the captures of the match: `{name}`, and `{**}` for the tail.
    case rewritePathTemplate(String)
    /// Replaces the first match of the expression; `$1` or `${name}` in the replacement insert groups.
    case rewritePathRegex(pattern: String, replacement: String)
    case setRequestHeader(name: String, value: String)
    case removeRequestHeader(name: String)
    case setResponseHeader(name: String, value: String)
    case removeResponseHeader(name: String)
    /// Octets of the request body; overrides `limits.request-body`. 0 means no limit.
    case requestSize(bytes: Int)
    /// Refuses clients outside of these networks.
    case ipAllow([NetworkDeclaration])
    /// Refuses clients inside of these networks.
    case ipDeny([NetworkDeclaration])
    case crossOrigin(CrossOriginDeclaration)
    case secureHeaders(SecureHeadersDeclaration)
    case token(TokenDeclaration)
    case apiKey(APIKeyDeclaration)
    case rateLimit(RateLimitDeclaration)
    case concurrencyLimit(ConcurrencyLimitDeclaration)
    case fault(FaultDeclaration)
}

/// What all filters that count have in common.
public struct CountingDeclaration: Sendable, Equatable {
    public var name: String
    public var key: [LimitKeyDeclaration]
    public var keysMax: Int
}

extension FilterDeclaration {
    /// Of a filter that counts; `nil` for the others.
    public var counting: CountingDeclaration? {
        switch self {
        case .rateLimit(let limit): CountingDeclaration(name: limit.name, key: limit.key, keysMax: limit.keysMax)
        case .concurrencyLimit(let limit):
            CountingDeclaration(name: limit.name, key: limit.key, keysMax: limit.keysMax)
        default: nil
        }
    }
}

/// Faults on purpose, to see what clients make of them.
public struct FaultDeclaration: Sendable, Equatable {
    /// Share of the requests that are delayed, in percent.
    public var delayPercent = 100
    /// 0: none is.
    public var delayMilliseconds = 0
    /// Share of the requests that are answered here, in percent.
    public var abortPercent = 100
    /// 400 to 599; 0: none is.
    public var abortStatus = 0

    public init() {}
}

/// Which pages of other origins may read answers (the Fetch standard's CORS protocol).
public struct CrossOriginDeclaration: Sendable, Equatable {
    /// `https://shop.example.com`, with a port unless it is the scheme's own, in lower case; `https://*.example.com` for every name
    /// below one; `*` for all.
    public var origins: [String] = []
    /// Methods that a page may use beside GET, HEAD and POST.
    public var methods: [String] = []
    /// Header fields that a page may send beside those that every page may.
    public var headers: [String] = []
    /// Header fields of answers that a page may read beside those that every page may.
    public var exposedHeaders: [String] = []
    /// Cookies and other credentials may come with the request. Never beside the origin `*`.
    public var allowsCredentials = false
    /// How long a page may remember the answer to a preflight; 0: it may not.
    public var maxAgeSeconds = 600

    public init() {}
}

/// Fields that tell browsers to be careful. An empty text leaves a field to the origin.
public struct SecureHeadersDeclaration: Sendable, Equatable {
    /// `Strict-Transport-Security` (RFC 6797): seconds; 0 leaves it out. Sent over TLS only.
    public var transportMaxAgeSeconds = 31_536_000
    public var transportIncludesSubdomains = true
    /// `X-Frame-Options`.
    public var frameOptions = "DENY"
    /// `Referrer-Policy`.
    public var referrerPolicy = "strict-origin-when-cross-origin"
    /// `Content-Security-Policy`.
    public var contentSecurityPolicy = ""
    /// `Permissions-Policy`.
    public var permissionsPolicy = ""

    public init() {}
}
