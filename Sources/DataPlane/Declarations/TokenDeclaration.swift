/// Who issues tokens, and what they must be like.
public struct IssuerDeclaration: Sendable, Equatable {
    /// The name under `issuers`; a label in metrics and logs.
    public var id: String
    /// `iss`, compared to the letter.
    public var issuer = ""
    /// Where the key set is; empty: where the issuer's discovery document says (OpenID Connect Discovery 1.0 §4).
    public var keySetURL = ""
    /// One of these must be in `aud`; empty: the audience is not looked at.
    public var audiences: [String] = []
    /// Names of JOSE; empty: all asymmetric ones.
    public var algorithms: [String] = []
    /// How far the issuer's clock may be from ours.
    public var clockSkewSeconds = 30
    /// Paths to lists of roles; empty: where Keycloak writes those of the realm and of the audiences.
    public var rolePaths: [String] = []
    /// A file with what the provider's certificate must be signed by; empty: what the system trusts.
    public var authoritiesFile = ""
    /// How long a key set is used before it is fetched again; a provider that is down prolongs that.
    public var refreshMilliseconds = 300_000

    public init(id: String) {
        self.id = id
    }

    /// What tells one source of keys from another.
    public var source: String { "\(issuer)\n\(keySetURL)\n\(authoritiesFile)" }
}

/// What a route asks of a request's token.
public struct TokenDeclaration: Sendable, Equatable {
    /// Ids of the issuers whose tokens are accepted; at least one.
    public var issuers: [String] = []
    /// Where the token is.
    public var source = TokenSourceDeclaration.authorization
    /// All of these must be granted.
    public var scopes: [String] = []
    public var roles: [String] = []
    /// All of the roles are needed, not just one.
    public var needsAllRoles = false
    public var claims: [ClaimConditionDeclaration] = []
    /// One of the conditions is enough.
    public var anyClaim = false
    /// A request without a token passes, with none of the header fields of `claimHeaders`.
    public var isOptional = false
    /// The token goes to the upstream.
    public var forwardsToken = true
    /// Claims that go to the upstream as header fields. What clients send under these names is always removed.
    public var claimHeaders: [ClaimHeaderDeclaration] = []

    public init() {}
}

/// Where a request has its token.
public enum TokenSourceDeclaration: Sendable, Equatable {
    /// `Authorization: Bearer …` (RFC 6750 §2.1).
    case authorization
    case cookie(String)
    /// A parameter of the query; for what cannot set header fields, such as a browser's WebSocket.
    case query(String)
}

/// A condition on a claim. An array fulfils it by one of its elements.
public struct ClaimConditionDeclaration: Sendable, Equatable {
    /// Names with dots between them: `realm_access.roles`.
    public var path: String
    public var condition: ClaimTestDeclaration

    public init(path: String, condition: ClaimTestDeclaration) {
        self.path = path
        self.condition = condition
    }
}

/// What a claim must be.
public enum ClaimTestDeclaration: Sendable, Equatable {
    case present
    case oneOf([String])
    /// The expression must match the whole text.
    case regex(String)
}

/// A claim that goes to the upstream as a header field.
public struct ClaimHeaderDeclaration: Sendable, Equatable {
    public var name: String
    public var path: String

    public init(name: String, path: String) {
        self.name = name
        self.path = path
    }
}

/// Keys that clients show to be known by name.
public struct APIKeyDeclaration: Sendable, Equatable {
    /// The header field that has the key, in lower case; empty: the parameter of the query.
    public var header = "x-api-key"
    public var query = ""
    public var keys: [KnownKeyDeclaration] = []
    /// The header field that tells the upstream whose key it was; empty for none.
    public var nameHeader = ""
    /// The key goes to the upstream, where it came in a header field.
    public var forwardsKey = false

    public init() {}
}

/// A key, known by its digest.
public struct KnownKeyDeclaration: Sendable, Equatable {
    /// Whose it is.
    public var name: String
    /// SHA-256, 32 octets.
    public var digest: [UInt8]

    public init(name: String, digest: [UInt8]) {
        self.name = name
        self.digest = digest
    }
}
