/// A verification key as a plain value (a JWK, RFC 7517), from which each shard prepares its own `VerificationKey`.
public struct KeyMaterial: Sendable, Equatable {
    /// The numbers of a key, highest octet first.
    public enum Numbers: Sendable, Equatable {
        case rsa(modulus: [UInt8], exponent: [UInt8])
        /// Coordinates may lack their leading zeros: old releases of Keycloak leave them out.
        case elliptic(EllipticCurve, x: [UInt8], y: [UInt8])
        /// Ed25519: 32 octets.
        case edwards([UInt8])
        case secret(SharedSecret)
    }

    /// `kid`, compared octet by octet.
    public let identifier: String?
    public let numbers: Numbers
    /// What the key may verify. The key decides this, never the token (RFC 8725 §3.1).
    public let algorithms: SignatureAlgorithms

    /// A key; `algorithm` (JWK's `alg`) narrows it to one algorithm, else it serves all of its type and size.
    public init(identifier: String?, numbers: Numbers, algorithm: SignatureAlgorithm? = nil) throws(KeyProblem) {
        let suitable = try Self.suitable(for: numbers)
        if let algorithm, !suitable.contains(algorithm) { throw .algorithmOfOtherType }
        self.identifier = identifier
        self.numbers = numbers
        algorithms = algorithm.map { SignatureAlgorithms($0) } ?? suitable
    }

    private static func suitable(for numbers: Numbers) throws(KeyProblem) -> SignatureAlgorithms {
        switch numbers {
        case .rsa(let modulus, let exponent):
            let bits = bits(of: modulus)
            guard bits >= KeyLimits.modulusBitsMin else { throw .tooSmall }
            guard bits <= KeyLimits.modulusBitsMax, Self.bits(of: exponent) <= KeyLimits.exponentBitsMax else {
                throw .tooLarge
            }
            // An exponent of 1 would make every message its own signature.
            guard let last = exponent.last, last & 1 == 1, Self.bits(of: exponent) > 1 else { throw .invalidNumbers }
            return .rsa
        case .elliptic(let curve, _, _): return SignatureAlgorithms(curve.algorithm)
        case .edwards(let octets):
            guard octets.count == 32 else { throw .invalidNumbers }
            return SignatureAlgorithms(.edDSA)
        case .secret(let secret): return try secret.suitable
        }
    }

    private static func bits(of number: [UInt8]) -> Int {
        guard let first = number.firstIndex(where: { $0 != 0 }) else { return 0 }
        return (number.count - first) * 8 - number[first].leadingZeroBitCount
    }
}

/// The curves of ECDSA, each with its one algorithm (RFC 7518 §3.4).
public enum EllipticCurve: Int32, Sendable, CaseIterable {
    // Numbered as `CSignatures` does.
    case p256, p384, p521

    /// The name in a JWK's `crv`.
    public var name: StaticString {
        switch self {
        case .p256: "P-256"
        case .p384: "P-384"
        case .p521: "P-521"
        }
    }

    /// The algorithm that goes with it.
    public var algorithm: SignatureAlgorithm {
        switch self {
        case .p256: .es256
        case .p384: .es384
        case .p521: .es512
        }
    }
}

/// The key of an HMAC, which no message shows.
public struct SharedSecret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    let octets: [UInt8]

    /// From octets.
    public init(_ octets: [UInt8]) {
        self.octets = octets
    }

    /// Always `•••`.
    public var description: String { "•••" }
    /// Always `•••`.
    public var debugDescription: String { "•••" }
    /// Empty, so that a dump shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// A secret must be as long as the digest (RFC 7518 §3.2): a shorter one can be guessed from a single token.
    var suitable: SignatureAlgorithms {
        get throws(KeyProblem) {
            guard octets.count >= 32 else { throw .tooSmall }
            guard octets.count <= KeyLimits.secretBytesMax else { throw .tooLarge }
            if octets.count < 48 { return SignatureAlgorithms(.hs256) }
            return octets.count < 64 ? SignatureAlgorithms(.hs256, .hs384) : .secret
        }
    }
}

/// Bounds on keys.
public enum KeyLimits {
    /// The least that RFC 7518 §3.3 allows.
    public static let modulusBitsMin = 2_048
    /// A check costs with the square of this; at 8192 bits it takes a quarter of a millisecond.
    public static let modulusBitsMax = 8_192
    /// A check costs in proportion to this, and 65537 needs 17.
    public static let exponentBitsMax = 32
    /// Octets of a secret; longer ones gain nothing.
    public static let secretBytesMax = 1_024
    /// Octets of a signature: that of the largest modulus.
    public static let signatureBytesMax = modulusBitsMax / 8
}

/// Why a key is not used.
public enum KeyProblem: Error, Sendable, Hashable {
    /// An RSA modulus or a secret below the least size.
    case tooSmall
    /// An RSA modulus, exponent or secret that would cost too much.
    case tooLarge
    /// No such key exists: a point beside its curve, an even exponent, a wrong length.
    case invalidNumbers
    /// The key is said to serve an algorithm that its type or size cannot.
    case algorithmOfOtherType
}
