import Signatures
import Testing
import Tokens

/// What RFC 8725 warns of: everything that a token says about how it wants to be checked.
@Suite struct TokenHeaderTests {
    @Test func `a token as Keycloak makes it is valid until its exp`() throws {
        #expect(try verdict(token()) == .valid(expiresAtSeconds: 1_700_000_300))
    }

    @Test(arguments: ["none", "None", "NONE", "nOnE", "", "rs256", "RS256 ", "RS1", "HS256", "ES256", "PS256", "dir"])
    func `another algorithm than that of the key is refused`(name: String) throws {
        let header = #"{"alg":"\#(name)","kid":"one"}"#
        let signed = sign(header: header)
        let keys = [try material(Keys.rsa, "one", .rs256)]
        #expect(try failure(signed, keys: keys) == .algorithmNotAllowed)
        // Without a signature it is no token at all.
        let unsigned = encode(header) + "." + encode(claims()) + "."
        #expect(try failure(unsigned, keys: keys) == .malformed)
    }

    @Test func `a public key is no secret`() throws {
        let policy = TokenPolicy(issuer: issuer, audiences: [], algorithms: [.asymmetric, .secret])
        for secret in [Keys.rsa.publicPEM(), Keys.rsa.publicPEM().dropLast()] {
            let forged = try #require(
                TokenMint.mint(claimsJSON: claims(), algorithm: .hs256, key: Array(secret), keyIdentifier: "one"))
            #expect(try failure(forged, policy: policy) == .algorithmNotAllowed)
            // libjwt trusts the algorithm that the token names, which is why it does not decide.
            #expect(SecondOpinion(verifying: forged, key: Array(secret)) != nil)
        }
    }

    @Test func `an algorithm that the policy leaves out is refused, whatever the key allows`() throws {
        let policy = TokenPolicy(issuer: issuer, audiences: [], algorithms: SignatureAlgorithms(.ps256))
        #expect(try failure(token(), policy: policy) == .algorithmNotAllowed)
        let other = sign(header: #"{"alg":"PS256","kid":"one"}"#, by: Keys.rsa, .ps256)
        #expect(try failure(other, policy: policy) == nil)
    }

    @Test func `secrets serve only when the policy asks for them`() throws {
        let secret = [UInt8](repeating: 0x73, count: 64)
        let keys = [try KeyMaterial(identifier: nil, numbers: .secret(SharedSecret(secret)))]
        let minted = try #require(TokenMint.mint(claimsJSON: claims(), algorithm: .hs512, key: secret))
        #expect(try failure(minted, keys: keys) == .algorithmNotAllowed)
        let policy = TokenPolicy(issuer: issuer, audiences: [], algorithms: .secret)
        #expect(try failure(minted, policy: policy, keys: keys) == nil)
    }

    @Test(arguments: [
        #""crit":["exp"]"#, #""crit":[]"#, #""crit":null"#, #""crit":["b64"],"b64":false"#, #""c\u0072it":[]"#,
    ])
    func `whatever is critical is refused`(member: String) throws {
        #expect(try failure(sign(header: #"{"alg":"RS256","kid":"one",\#(member)}"#)) == .criticalHeader)
    }

    @Test func `keys that the token brings along are not looked at`() throws {
        guard case .rsa(let modulus, let exponent) = Keys.otherRSA.numbers() else { return }
        let jwk =
            #"{"kty":"RSA","kid":"one","n":"\#(Base64URL.encode(modulus))","e":"\#(Base64URL.encode(exponent))"}"#
        let header =
            #"{"alg":"RS256","kid":"one","jwk":\#(jwk),"jku":"https://evil/keys","x5u":"https://evil/x","x5c":["MIIC"]}"#
        #expect(try failure(sign(header: header, by: Keys.otherRSA)) == .badSignature)
        #expect(try failure(sign(header: header, by: Keys.rsa)) == nil)
    }

    @Test(arguments: [
        (#""JWT""#, true), (#""jwt""#, true), (#""at+jwt""#, true), (#""AT+JWT""#, true),
        (#""application/at+jwt""#, true),
        (#""Application/JWT""#, true), (#""dpop+jwt""#, false), (#""logout+jwt""#, false), (#""""#, false),
        ("1", false),
        (#""application/""#, false), (#""JW\u0054""#, false), (#""text/jwt""#, false), ("null", false),
    ])
    func `the type of the token is that of an access token`(type: String, isAccepted: Bool) throws {
        let signed = sign(header: #"{"alg":"RS256","kid":"one","typ":\#(type)}"#)
        #expect(try failure(signed) == (isAccepted ? nil : .otherMediaType))
    }

    @Test(arguments: [
        "{}", #"{"kid":"one"}"#, "[]", "", "null", #"{"alg":"RS256""#, #"{"alg":"RS256","alg":"RS256"}"#,
        #"{"alg":"RS256","kid":1}"#, #"{"alg":"RS256","kid":null}"#, #"{"alg":"RS256","kid":["one"]}"#,
        #"{"alg":"RS256","kid":"one"}x"#, #"{"alg":"RS256","x":{"y":{"z":{"u":[]}}}}"#,
    ])
    func `headers that are no proper ones are refused`(header: String) throws {
        #expect(try failure(sign(header: header)) == .malformed)
    }

    @Test func `every bound holds`() throws {
        // The token.
        let padding = String(repeating: "a", count: 9_000)
        let longest = claims(["x": "\"\(padding)\""])
        #expect(try failure(token(longest)) == nil)
        #expect(try failure(token(claims(["x": "\"\(padding)\(padding)\""]))) == .tooLarge)
        #expect(try failure(String(repeating: "a", count: TokenLimits.tokenBytesMax)) == .malformed)
        #expect(try failure(String(repeating: "a", count: TokenLimits.tokenBytesMax + 1)) == .tooLarge)
        // The header.
        let header = #"{"alg":"RS256","kid":"one","x":"\#(String(repeating: "a", count: 8_100))"}"#
        #expect(try failure(sign(header: header, claims: "{}")) == .wrongIssuer)
        #expect(
            try failure(sign(header: header.replacing("aaaaaaaaaa", with: "aaaaaaaaaaaa"), claims: "{}")) == .malformed)
        // The signature.
        let parts = token().split(separator: ".")
        let signature = String(repeating: "A", count: 1_366)
        #expect(try failure("\(parts[0]).\(parts[1]).\(signature)") == .badSignature)
        #expect(try failure("\(parts[0]).\(parts[1]).\(signature)AA") == .malformed)
        // The claims.
        let nested = String(repeating: "[", count: 15) + String(repeating: "]", count: 15)
        #expect(try failure(token(claims(["x": nested]))) == nil)
        #expect(try failure(token(claims(["x": "[\(nested)]"]))) == .malformed)
        let many = (0..<300).map { "\"\($0)\":1" }.joined(separator: ",")
        #expect(try failure(token("{\(many)}")) == .malformed)
    }

    @Test func `no part of a token is valid`() throws {
        let whole = token()
        let verifier = TokenVerifier(
            policy: TokenPolicy(issuer: issuer, audiences: []), keys: [try material(Keys.rsa, "one")])
        var opened = OpenedToken()
        let bytes = Array(whole.utf8)
        for count in bytes.indices {
            let verdict = verifier.verify(bytes.span.extracting(0..<count), nowSeconds: now, into: &opened)
            let isValid = if case .valid = verdict { true } else { false }
            #expect(!isValid, "\(count) of \(bytes.count) characters")
        }
        #expect(verifier.verify(bytes.span, nowSeconds: now, into: &opened) == .valid(expiresAtSeconds: 1_700_000_300))
    }

    @Test func `one wrong bit anywhere in a token makes it invalid`() throws {
        let verifier = TokenVerifier(
            policy: TokenPolicy(issuer: issuer, audiences: []), keys: [try material(Keys.rsa, "one")])
        var opened = OpenedToken()
        let bytes = Array(token().utf8)
        for bit in 0..<bytes.count * 8 {
            var other = bytes
            other[bit / 8] ^= 1 << UInt8(bit % 8)
            let verdict = verifier.verify(other.span, nowSeconds: now, into: &opened)
            let isValid = if case .valid = verdict { true } else { false }
            #expect(!isValid, "bit \(bit)")
        }
    }

    @Test(arguments: [" ", "\n", "=", "\0", "é", "+"])
    func `no character may be added anywhere`(character: String) throws {
        let whole = token()
        let verifier = TokenVerifier(
            policy: TokenPolicy(issuer: issuer, audiences: []), keys: [try material(Keys.rsa, "one")])
        var opened = OpenedToken()
        for place in stride(from: 0, through: whole.count, by: 7) {
            let index = whole.index(whole.startIndex, offsetBy: place)
            let other = Array((whole[..<index] + character + whole[index...]).utf8)
            let verdict = verifier.verify(other.span, nowSeconds: now, into: &opened)
            let isValid = if case .valid = verdict { true } else { false }
            #expect(!isValid, "at \(place)")
        }
    }
}
