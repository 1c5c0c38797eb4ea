import Signatures
import Testing

@Suite struct SecondOpinionTests {
    private static let claims = #"{"iss":"https://kc/realms/shop","exp":2000000000,"sub":"alice","n":7}"#
    private static let secret = Array("0123456789012345678901234567890123456789012345678901234567890123".utf8)
    private static let common: [SignatureAlgorithm] = [
        .hs256, .hs384, .hs512, .rs256, .rs384, .rs512, .es256, .es384, .es512,
    ]

    private static func isSecret(_ algorithm: SignatureAlgorithm) -> Bool {
        SignatureAlgorithms.secret.contains(algorithm)
    }

    @Test(arguments: common)
    func `what libjwt mints is good to us and to libjwt`(algorithm: SignatureAlgorithm) throws {
        let pair = Keys.key(for: algorithm)
        let isSecret = Self.isSecret(algorithm)
        let token = try #require(
            TokenMint.mint(
                claimsJSON: Self.claims, algorithm: algorithm, key: isSecret ? Self.secret : pair.privatePEM(),
                keyIdentifier: "one"))
        let numbers = isSecret ? KeyMaterial.Numbers.secret(SharedSecret(Self.secret)) : pair.numbers()
        let key = try VerificationKey(KeyMaterial(identifier: "one", numbers: numbers))
        let (input, signature) = parts(token)
        #expect(key.verifies(signature, over: input, algorithm))
        let opinion = try #require(
            SecondOpinion(verifying: token, key: isSecret ? Self.secret : pair.publicPEM()))
        #expect(opinion.algorithm == algorithm)
        #expect(opinion.text(of: "sub") == "alice" && opinion.integer(of: "n") == 7)
        #expect(opinion.text(of: "none") == nil)
        #expect(opinion.holds(issuer: "https://kc/realms/shop", nowSeconds: 1_999_999_999))
        #expect(!opinion.holds(issuer: "https://kc/realms/shop", nowSeconds: 2_000_000_000))
        #expect(!opinion.holds(issuer: "https://kc/realms/other", nowSeconds: 1_999_999_999))
        #expect(opinion.headerJSON()?.contains("\"kid\"") == true && opinion.json()?.contains("\"sub\"") == true)
    }

    @Test(arguments: common)
    func `what we sign is good to libjwt, and a changed signature to nobody`(algorithm: SignatureAlgorithm) throws {
        guard !Self.isSecret(algorithm) else { return }
        let pair = Keys.key(for: algorithm)
        // Headers of two lengths, so that the last character of the input differs.
        let header = #"{"alg":"\#(algorithm.name)","typ":"JWT"}"#
        let input = base64URL(header) + "." + base64URL(Self.claims)
        var signature = try #require(pair.sign(Array(input.utf8), algorithm: algorithm))
        let token = input + "." + base64URL(signature)
        #expect(SecondOpinion(verifying: token, key: pair.publicPEM()) != nil)
        #expect(SecondOpinion(decoding: token) != nil)
        signature[signature.count / 2] ^= 1
        #expect(SecondOpinion(verifying: input + "." + base64URL(signature), key: pair.publicPEM()) == nil)
    }

    @Test func `libjwt mints neither PS nor EdDSA, nor from what is no key or no object`() {
        #expect(TokenMint.mint(claimsJSON: "{}", algorithm: .ps256, key: Keys.rsa.privatePEM()) == nil)
        #expect(TokenMint.mint(claimsJSON: "{}", algorithm: .edDSA, key: Keys.edwards.privatePEM()) == nil)
        #expect(TokenMint.mint(claimsJSON: "{}", algorithm: .rs256, key: Array("no key".utf8)) == nil)
        #expect(TokenMint.mint(claimsJSON: "[", algorithm: .hs256, key: Self.secret) == nil)
    }

    @Test(arguments: ["", ".", "..", "a.b.c", "e30.e30", "e30.e30.", "eyJhbGciOiJ4In0.e30.", "e\0"])
    func `what is no token is none to libjwt`(text: String) {
        #expect(SecondOpinion(decoding: text) == nil)
    }

    private func base64URL(_ text: String) -> String { base64URL(Array(text.utf8)) }

    private func base64URL(_ octets: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let bits = octets.flatMap { octet in (0..<8).map { octet >> (7 - $0) & 1 } }
        return String(
            stride(from: 0, to: bits.count, by: 6).map { start in
                alphabet[(0..<6).reduce(0) { $0 << 1 | Int(start + $1 < bits.count ? bits[start + $1] : 0) }]
            })
    }
}
