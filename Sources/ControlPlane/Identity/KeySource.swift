/// Where the keys of an issuer come from.
public struct KeySource: Sendable, Equatable {
    /// What tells it from others.
    public var id: String
    /// `iss`; what a discovery document must name.
    public var issuer: String
    /// Empty: the issuer's discovery document says.
    public var keySetURL: String
    /// A file with the certificates that the provider's must be signed by; `nil`: the system's.
    public var authoritiesFile: String?
    /// How long a key set is used before it is fetched again.
    public var refreshMilliseconds: Int

    public init(
        id: String, issuer: String, keySetURL: String, authoritiesFile: String?, refreshMilliseconds: Int
    ) {
        self.id = id
        self.issuer = issuer
        self.keySetURL = keySetURL
        self.authoritiesFile = authoritiesFile
        self.refreshMilliseconds = refreshMilliseconds
    }

    var refreshNanoseconds: UInt64 { UInt64(refreshMilliseconds) * 1_000_000 }

    /// Where OpenID Connect Discovery 1.0 §4 has an issuer describe itself.
    var discoveryURL: String {
        (issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer) + "/.well-known/openid-configuration"
    }
}

/// What is known of a source's keys, for metrics and admin.
public struct KeySetState: Sendable, Equatable {
    public var source: String
    public var issuer: String
    /// Keys in force.
    public var keys = 0
    /// Keys of the set that cannot be used.
    public var skipped = 0
    /// When the set was fetched last, in monotonic nanoseconds; 0 for never.
    public var fetchedAt: UInt64 = 0
    public var fetches = 0
    public var failures = 0
    /// Why the last fetch failed; empty when it did not.
    public var problem = ""
}
