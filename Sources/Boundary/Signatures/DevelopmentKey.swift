internal import CSignatures

/// A private key for development tokens and tests. It is no issuer's: what it signs, a gateway accepts only where its public half
/// was configured.
@safe
public final class DevelopmentKey {
    /// What to make.
    public enum Kind: Sendable, Equatable {
        case rsa(modulusBits: Int)
        case elliptic(EllipticCurve)
        case edwards
    }

    public let kind: Kind
    // Made in `init`, never nil, never replaced, freed in `deinit`; only this object uses it.
    private let handle: OpaquePointer

    /// A new key; nil when OpenSSL refuses the size.
    public init?(_ kind: Kind) {
        let made: OpaquePointer?
        switch kind {
        case .rsa(let modulusBits):
            precondition((512...KeyLimits.modulusBitsMax).contains(modulusBits))
            unsafe made = cs_generate(Int32(CS_PAIR_RSA), Int32(modulusBits))
        case .elliptic(let curve): unsafe made = cs_generate(Int32(CS_PAIR_EC), curve.rawValue)
        case .edwards: unsafe made = cs_generate(Int32(CS_PAIR_ED25519), 0)
        }
        guard let made = unsafe made else { return nil }
        unsafe handle = made
        self.kind = kind
    }

    deinit {
        unsafe cs_free_pair(handle)
    }

    /// The public half.
    public func numbers() -> KeyMaterial.Numbers {
        switch kind {
        case .rsa: .rsa(modulus: number(CS_NUMBER_N), exponent: number(CS_NUMBER_E))
        case .elliptic(let curve): .elliptic(curve, x: number(CS_NUMBER_X), y: number(CS_NUMBER_Y))
        case .edwards: .edwards(number(CS_NUMBER_X))
        }
    }

    /// The private half in PEM.
    public func privatePEM() -> [UInt8] { pem(isPrivate: true) }

    /// The public half in PEM.
    public func publicPEM() -> [UInt8] { pem(isPrivate: false) }

    /// The signature as a token carries it; nil when the algorithm is not one of this type of key.
    public func sign(_ signingInput: [UInt8], algorithm: SignatureAlgorithm) -> [UInt8]? {
        let isSuitable =
            switch kind {
            case .rsa: SignatureAlgorithms.rsa.contains(algorithm)
            case .elliptic(let curve): curve.algorithm == algorithm
            case .edwards: algorithm == .edDSA
            }
        guard isSuitable else { return nil }
        var room = [UInt8](repeating: 0, count: KeyLimits.signatureBytesMax)
        // At most `room.count` octets are written; the input is only read during the call.
        let count = unsafe cs_sign(handle, algorithm.rawValue, signingInput, signingInput.count, &room, room.count)
        return count > 0 ? Array(room[..<count]) : nil
    }

    private func number(_ which: Int) -> [UInt8] {
        var room = [UInt8](repeating: 0, count: KeyLimits.modulusBitsMax / 8)
        // At most `room.count` octets are written.
        let count = unsafe cs_number(handle, Int32(which), &room, room.count)
        return Array(room[..<count])
    }

    private func pem(isPrivate: Bool) -> [UInt8] {
        // The private half of the largest modulus takes less than 8 KiB.
        var room = [UInt8](repeating: 0, count: 8_192)
        // At most `room.count` octets are written.
        let count = unsafe cs_pem(handle, isPrivate ? 1 : 0, &room, room.count)
        precondition(count <= room.count)
        return Array(room[..<count])
    }
}
