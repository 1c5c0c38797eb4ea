import Signatures
import Testing
import Tokens

/// Which key a token is checked with.
@Suite struct TokenKeyTests {
    private let named = sign(header: #"{"alg":"RS256","kid":"one"}"#)
    private let unnamed = sign(header: #"{"alg":"RS256"}"#)

    @Test func `a named key is the only one that counts`() throws {
        #expect(try failure(named, keys: [material(Keys.otherRSA, "two"), material(Keys.rsa, "one")]) == nil)
        #expect(try failure(named, keys: [material(Keys.rsa, "two")]) == .unknownKey(identifier: "one"))
        #expect(try failure(named, keys: [material(Keys.rsa, nil)]) == .unknownKey(identifier: "one"))
        #expect(try failure(named, keys: []) == .unknownKey(identifier: "one"))
        #expect(try failure(named, keys: [material(Keys.otherRSA, "one")]) == .badSignature)
        #expect(try failure(named, keys: [material(Keys.p256, "one")]) == .algorithmNotAllowed)
        #expect(try failure(named, keys: [material(Keys.rsa, "one", .rs512)]) == .algorithmNotAllowed)
    }

    @Test func `keys of the same name are told apart by type, and tried`() throws {
        #expect(try failure(named, keys: [material(Keys.p256, "one"), material(Keys.rsa, "one")]) == nil)
        #expect(try failure(named, keys: [material(Keys.otherRSA, "one"), material(Keys.rsa, "one")]) == nil)
        let others = try (0..<TokenLimits.keysTriedMax).map { _ in try material(Keys.otherRSA, "one") }
        #expect(try failure(named, keys: others.dropLast() + [material(Keys.rsa, "one")]) == nil)
        #expect(try failure(named, keys: others + [material(Keys.rsa, "one")]) == .badSignature)
    }

    @Test func `without a name the only suitable key counts`() throws {
        #expect(try failure(unnamed, keys: [material(Keys.rsa, "one")]) == nil)
        #expect(try failure(unnamed, keys: [material(Keys.p256, "two"), material(Keys.rsa, "one")]) == nil)
        #expect(try failure(unnamed, keys: [material(Keys.otherRSA, "one")]) == .badSignature)
        #expect(try failure(unnamed, keys: [material(Keys.p256, "one")]) == .algorithmNotAllowed)
        #expect(try failure(unnamed, keys: []) == .keyNotNamed)
    }

    @Test func `without a name, and with several suitable keys, those without a name count`() throws {
        let two = [try material(Keys.rsa, "one"), try material(Keys.otherRSA, "two")]
        #expect(try failure(unnamed, keys: two) == .keyNotNamed)
        #expect(try failure(unnamed, keys: two + [material(Keys.rsa, nil)]) == nil)
        #expect(try failure(unnamed, keys: two + [material(Keys.otherRSA, nil)]) == .badSignature)
        let others = try (0..<TokenLimits.keysTriedMax).map { _ in try material(Keys.otherRSA, nil) }
        #expect(try failure(unnamed, keys: others + [material(Keys.rsa, nil)]) == .badSignature)
    }

    @Test func `names are compared by what they mean, and exactly`() throws {
        let keys = [try material(Keys.rsa, "k/é")]
        #expect(try failure(sign(header: #"{"alg":"RS256","kid":"k\/\u00e9"}"#), keys: keys) == nil)
        for kid in ["K/é", "k/é ", "k/", ""] {
            let signed = sign(header: #"{"alg":"RS256","kid":"\#(kid)"}"#)
            #expect(try failure(signed, keys: keys) == .unknownKey(identifier: kid))
        }
        let longest = String(repeating: "k", count: TokenLimits.keyIdentifierBytesMax)
        #expect(
            try failure(sign(header: #"{"alg":"RS256","kid":"\#(longest)"}"#)) == .unknownKey(identifier: longest))
        #expect(try failure(sign(header: #"{"alg":"RS256","kid":"\#(longest)k"}"#)) == .malformed)
    }

    @Test func `each type of key serves its tokens`() throws {
        let keys = [
            try material(Keys.rsa, "r"), try material(Keys.p256, "e"), try material(Keys.edwards, "o"),
        ]
        let signed: [(String, DevelopmentKey, SignatureAlgorithm)] = [
            ("r", Keys.rsa, .rs256), ("r", Keys.rsa, .rs512), ("r", Keys.rsa, .ps384), ("e", Keys.p256, .es256),
            ("o", Keys.edwards, .edDSA),
        ]
        for (kid, key, algorithm) in signed {
            let token = sign(header: #"{"alg":"\#(algorithm.name)","kid":"\#(kid)"}"#, by: key, algorithm)
            #expect(try failure(token, keys: keys) == nil, "\(algorithm)")
        }
    }

    @Test func `new keys replace the old ones`() throws {
        let verifier = TokenVerifier(
            policy: TokenPolicy(issuer: issuer, audiences: []), keys: [try material(Keys.rsa, "one")])
        var opened = OpenedToken()
        let bytes = Array(named.utf8)
        #expect(verifier.verify(bytes.span, nowSeconds: now, into: &opened) == .valid(expiresAtSeconds: 1_700_000_300))
        verifier.replaceKeys([try material(Keys.otherRSA, "two")])
        #expect(
            verifier.verify(bytes.span, nowSeconds: now, into: &opened) == .refused(.unknownKey(identifier: "one")))
    }
}
