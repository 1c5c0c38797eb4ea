import Signatures
import Testing

/// The octets of a text in base64url; the tests' own reading, which needs no target above.
func octets(_ text: String) -> [UInt8] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    var bits = 0
    var waiting = 0
    var result: [UInt8] = []
    for character in text.utf8 {
        bits = bits << 6 | alphabet.firstIndex(of: character)!
        waiting += 6
        if waiting >= 8 {
            waiting -= 8
            result.append(UInt8(bits >> waiting & 255))
        }
        bits &= 1 << waiting - 1
    }
    return result
}

/// The signing input and the signature of a token.
func parts(_ token: String) -> (input: [UInt8], signature: [UInt8]) {
    let dot = token.lastIndex(of: ".")!
    return (Array(token[..<dot].utf8), octets(String(token[token.index(after: dot)...])))
}

extension VerificationKey {
    func verifies(_ signature: [UInt8], over input: [UInt8], _ algorithm: SignatureAlgorithm) -> Bool {
        verify(signature.span, over: input.span, algorithm: algorithm)
    }
}

extension DevelopmentKey {
    /// The public half, prepared.
    func verificationKey(for algorithm: SignatureAlgorithm? = nil) throws -> VerificationKey {
        try VerificationKey(KeyMaterial(identifier: nil, numbers: numbers(), algorithm: algorithm))
    }
}

/// Keys that tests share, because making them takes long.
enum Keys {
    nonisolated(unsafe) static let rsa = DevelopmentKey(.rsa(modulusBits: 2_048))!
    nonisolated(unsafe) static let p256 = DevelopmentKey(.elliptic(.p256))!
    nonisolated(unsafe) static let p384 = DevelopmentKey(.elliptic(.p384))!
    nonisolated(unsafe) static let p521 = DevelopmentKey(.elliptic(.p521))!
    nonisolated(unsafe) static let edwards = DevelopmentKey(.edwards)!

    /// The key for an algorithm with a public key.
    static func key(for algorithm: SignatureAlgorithm) -> DevelopmentKey {
        switch algorithm {
        case .es256: p256
        case .es384: p384
        case .es512: p521
        case .edDSA: edwards
        default: rsa
        }
    }
}
