/// How a token is signed (RFC 7518 §3.1, RFC 8037 §3.1). `none` is not among them.
public enum SignatureAlgorithm: Int32, Sendable, CaseIterable {
    // Numbered as `CSignatures` does.
    case rs256, rs384, rs512, ps256, ps384, ps512, es256, es384, es512, hs256, hs384, hs512, edDSA

    /// The name as tokens and keys spell it, such as `RS256`.
    public var name: StaticString {
        switch self {
        case .rs256: "RS256"
        case .rs384: "RS384"
        case .rs512: "RS512"
        case .ps256: "PS256"
        case .ps384: "PS384"
        case .ps512: "PS512"
        case .es256: "ES256"
        case .es384: "ES384"
        case .es512: "ES512"
        case .hs256: "HS256"
        case .hs384: "HS384"
        case .hs512: "HS512"
        case .edDSA: "EdDSA"
        }
    }

    /// The algorithm of this name; names are compared exactly.
    public init?(name: String) {
        for algorithm in Self.allCases where algorithm.name.description == name {
            self = algorithm
            return
        }
        return nil
    }
}

/// A set of algorithms.
public struct SignatureAlgorithms: OptionSet, Sendable, Hashable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// These algorithms.
    public init(_ algorithms: SignatureAlgorithm...) {
        self.init(rawValue: algorithms.reduce(0) { $0 | 1 << UInt32($1.rawValue) })
    }

    /// Whether the algorithm is in the set.
    @inlinable
    public func contains(_ algorithm: SignatureAlgorithm) -> Bool {
        rawValue >> UInt32(algorithm.rawValue) & 1 != 0
    }

    /// RSA with PKCS #1 v1.5 and with PSS.
    public static let rsa = SignatureAlgorithms(.rs256, .rs384, .rs512, .ps256, .ps384, .ps512)
    /// ECDSA.
    public static let elliptic = SignatureAlgorithms(.es256, .es384, .es512)
    /// Secrets that both sides know.
    public static let secret = SignatureAlgorithms(.hs256, .hs384, .hs512)
    /// All with a public key: what an issuer's published keys may serve.
    public static let asymmetric: SignatureAlgorithms = [.rsa, .elliptic, SignatureAlgorithms(.edDSA)]
}
