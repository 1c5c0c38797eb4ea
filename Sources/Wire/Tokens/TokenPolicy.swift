public import Signatures

/// What one issuer's tokens must be like. A plain value, as it is configured.
public struct TokenPolicy: Sendable, Equatable {
    /// The allowance for skewed clocks where nothing is said: that of Spring and Envoy.
    public static let clockSkewSecondsDefault: Int64 = 60
    /// The largest allowance: beyond it `exp` would mean little.
    public static let clockSkewSecondsMax: Int64 = 3_600

    /// `iss`, compared exactly: no trailing slash is added or taken away.
    public var issuer: String
    /// One of these must be in `aud`. With none the audience is not looked at.
    public var audiences: [String]
    /// What a token may be signed with, if its key allows it too. Secrets must be asked for.
    public var algorithms: SignatureAlgorithms
    /// How far the issuer's clock may be from ours.
    public var clockSkewSeconds: Int64
    /// What the header's `typ` may be, without `application/`, in any case. A token without one passes.
    public var mediaTypes: [String]
    /// What the `typ` claim may be, in any case. A token without one passes: only Keycloak writes it.
    public var tokenTypes: [String]
    /// Claims that must be there and not null, besides `iss` and `exp`.
    public var requiredClaims: [ClaimPath]

    public init(
        issuer: String, audiences: [String], algorithms: SignatureAlgorithms = .asymmetric,
        clockSkewSeconds: Int64 = clockSkewSecondsDefault, mediaTypes: [String] = ["JWT", "at+jwt"],
        tokenTypes: [String] = ["Bearer"], requiredClaims: [ClaimPath] = []
    ) {
        precondition((0...Self.clockSkewSecondsMax).contains(clockSkewSeconds))
        self.issuer = issuer
        self.audiences = audiences
        self.algorithms = algorithms
        self.clockSkewSeconds = clockSkewSeconds
        self.mediaTypes = mediaTypes
        self.tokenTypes = tokenTypes
        self.requiredClaims = requiredClaims
    }
}
