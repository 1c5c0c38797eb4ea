import Signatures
import Testing

@Suite struct VerificationKeyTests {
    private static let input = Array("eyJhbGciOiJ4In0.e30".utf8)
    private static let asymmetric = SignatureAlgorithm.allCases.filter(SignatureAlgorithms.asymmetric.contains)

    @Test(arguments: asymmetric)
    func `what a key signs, its public half verifies, by that algorithm alone`(algorithm: SignatureAlgorithm) throws {
        let pair = Keys.key(for: algorithm)
        let key = try pair.verificationKey()
        let signature = try #require(pair.sign(Self.input, algorithm: algorithm))
        for other in SignatureAlgorithm.allCases {
            #expect(key.verifies(signature, over: Self.input, other) == (other == algorithm), "\(other)")
        }
    }

    @Test(arguments: asymmetric)
    func `a key for one algorithm serves no other of its type`(algorithm: SignatureAlgorithm) throws {
        let key = try Keys.key(for: algorithm).verificationKey(for: algorithm)
        #expect(key.algorithms == SignatureAlgorithms(algorithm))
        let rsa = SignatureAlgorithm.allCases.filter(SignatureAlgorithms.rsa.contains)
        guard rsa.contains(algorithm) else { return }
        for other in rsa {
            let signature = try #require(Keys.rsa.sign(Self.input, algorithm: other))
            #expect(key.verifies(signature, over: Self.input, other) == (other == algorithm), "\(other)")
        }
    }

    @Test(arguments: [SignatureAlgorithm.es256, .es384, .es512])
    func `many ECDSA signatures verify, whatever leading zeros their halves have`(algorithm: SignatureAlgorithm) throws
    {
        let pair = Keys.key(for: algorithm)
        let key = try pair.verificationKey()
        // One signature in 128 has a half with a leading zero octet.
        for _ in 0..<400 {
            let signature = try #require(pair.sign(Self.input, algorithm: algorithm))
            #expect(key.verifies(signature, over: Self.input, algorithm))
        }
    }

    @Test(arguments: [SignatureAlgorithm.es256, .es384, .es512])
    func `halves that are zero or not below the order are bad`(algorithm: SignatureAlgorithm) throws {
        let pair = Keys.key(for: algorithm)
        let key = try pair.verificationKey()
        let signature = try #require(pair.sign(Self.input, algorithm: algorithm))
        let half = signature.count / 2
        for filler: UInt8 in [0, 0xFF] {
            let part = [UInt8](repeating: filler, count: half)
            #expect(!key.verifies(part + signature[half...], over: Self.input, algorithm))
            #expect(!key.verifies(signature[..<half] + part, over: Self.input, algorithm))
            #expect(!key.verifies(part + part, over: Self.input, algorithm))
        }
    }

    @Test(arguments: [EllipticCurve.p256, .p384, .p521])
    func `coordinates without their leading zeros are the same key`(curve: EllipticCurve) throws {
        // One key in 128 has such a coordinate; on P-521 nearly every second one.
        for _ in 0..<5_000 {
            let pair = try #require(DevelopmentKey(.elliptic(curve)))
            guard case .elliptic(_, let x, let y) = pair.numbers(), x[0] == 0 || y[0] == 0 else { continue }
            let numbers = KeyMaterial.Numbers.elliptic(
                curve, x: Array(x.drop { $0 == 0 }), y: Array(y.drop { $0 == 0 }))
            let key = try VerificationKey(KeyMaterial(identifier: nil, numbers: numbers))
            let signature = try #require(pair.sign(Self.input, algorithm: curve.algorithm))
            #expect(key.verifies(signature, over: Self.input, curve.algorithm))
            return
        }
        Issue.record("no such key was found")
    }

    @Test func `a point beside its curve is no key`() throws {
        guard case .elliptic(_, let x, var y) = Keys.p256.numbers() else { return }
        y[31] ^= 1
        let inputs: [(x: [UInt8], y: [UInt8])] = [(x, y), (x, []), ([], []), ([0] + x, y), (x, [0] + x)]
        for (x, y) in inputs {
            #expect(throws: KeyProblem.invalidNumbers) {
                try VerificationKey(KeyMaterial(identifier: nil, numbers: .elliptic(.p256, x: x, y: y)))
            }
        }
    }

    @Test func `RSA keys are neither small, nor huge, nor degenerate`() throws {
        let small = try #require(DevelopmentKey(.rsa(modulusBits: 1_024))).numbers()
        #expect(throws: KeyProblem.tooSmall) { try KeyMaterial(identifier: nil, numbers: small) }
        guard case .rsa(let modulus, let exponent) = Keys.rsa.numbers() else { return }
        func problem(_ modulus: [UInt8], _ exponent: [UInt8]) -> KeyProblem? {
            do throws(KeyProblem) {
                _ = try KeyMaterial(identifier: nil, numbers: .rsa(modulus: modulus, exponent: exponent))
                return nil
            } catch { return error }
        }
        #expect(problem(modulus, exponent) == nil)
        #expect(problem([0, 0] + modulus, [0] + exponent) == nil)
        #expect(problem([0] + modulus.dropFirst(), exponent) == .tooSmall)
        #expect(problem([], exponent) == .tooSmall)
        #expect(problem([UInt8](repeating: 0xFF, count: 1_025), exponent) == .tooLarge)
        #expect(problem(modulus, [1, 0, 0, 0, 1]) == .tooLarge)
        for exponent: [UInt8] in [[], [0], [1], [0, 1], [2], [1, 0]] {
            #expect(problem(modulus, exponent) == .invalidNumbers, "\(exponent)")
        }
    }

    @Test func `a secret serves the digests that it is long enough for`() throws {
        func algorithms(_ count: Int) throws -> SignatureAlgorithms {
            let secret = SharedSecret([UInt8](repeating: 7, count: count))
            return try KeyMaterial(identifier: nil, numbers: .secret(secret)).algorithms
        }
        #expect(throws: KeyProblem.tooSmall) { try algorithms(31) }
        #expect(try algorithms(32) == SignatureAlgorithms(.hs256))
        #expect(try algorithms(48) == SignatureAlgorithms(.hs256, .hs384))
        #expect(try algorithms(64) == .secret)
        #expect(throws: KeyProblem.tooLarge) { try algorithms(1_025) }
        #expect("\(SharedSecret([1, 2, 3]))" == "•••")
    }

    @Test func `an algorithm of another type is refused with the key`() throws {
        for algorithm in [SignatureAlgorithm.es256, .hs256, .edDSA] {
            #expect(throws: KeyProblem.algorithmOfOtherType) {
                try KeyMaterial(identifier: nil, numbers: Keys.rsa.numbers(), algorithm: algorithm)
            }
        }
        #expect(throws: KeyProblem.algorithmOfOtherType) {
            try KeyMaterial(identifier: nil, numbers: Keys.p256.numbers(), algorithm: .es384)
        }
    }

    @Test func `an Ed25519 key has 32 octets`() {
        for count in [0, 31, 33] {
            #expect(throws: KeyProblem.invalidNumbers) {
                try KeyMaterial(identifier: nil, numbers: .edwards([UInt8](repeating: 1, count: count)))
            }
        }
    }

    @Test func `algorithms are known by their exact names`() {
        for algorithm in SignatureAlgorithm.allCases {
            #expect(SignatureAlgorithm(name: algorithm.name.description) == algorithm)
        }
        for name in ["none", "None", "rs256", "RS256 ", "", "HS1", "RS1", "EDDSA", "RSA-OAEP"] {
            #expect(SignatureAlgorithm(name: name) == nil, "\(name)")
        }
    }
}
