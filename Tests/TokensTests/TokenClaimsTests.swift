import Signatures
import Testing
import Tokens

@Suite struct TokenClaimsTests {
    @Test func `exp is the second from which the token is expired, but for skewed clocks`() throws {
        let exact = TokenPolicy(issuer: issuer, audiences: [], clockSkewSeconds: 0)
        #expect(try failure(token(), policy: exact, at: 1_700_000_299) == nil)
        #expect(try failure(token(), policy: exact, at: 1_700_000_300) == .expired)
        #expect(try failure(token(), at: 1_700_000_359) == nil)
        #expect(try failure(token(), at: 1_700_000_360) == .expired)
        #expect(try failure(token(), at: .max) == .expired)
    }

    @Test(
        arguments: [
            (["exp": nil], .missingClaim), (["exp": "0"], .missingClaim), (["exp": "-1"], .expired),
            (["exp": "1700000300.9"], nil), (["exp": "1.7000003e9"], nil), (["exp": #""1700000300""#], .malformed),
            (["exp": "null"], .malformed), (["exp": "1e300"], .malformed), (["exp": "1e999"], .malformed),
            (["exp": "99999999999999999999"], .malformed), (["exp": "9007199254740992"], nil),
            (["exp": "[1]"], .malformed),
            (["nbf": "1700000160"], nil), (["nbf": "1700000161"], .notYetValid), (["nbf": "0"], nil),
            (["nbf": #""x""#], .malformed), (["nbf": "-9007199254740992"], nil),
            (["iat": "1700000160"], nil), (["iat": "1700000161"], .issuedInFuture), (["iat": nil], nil),
            (["iat": "0"], nil),
            (["iss": nil], .wrongIssuer), (["iss": #""https://kc/realms/shop/""#], .wrongIssuer),
            (["iss": #""https://kc/realms/other""#], .wrongIssuer),
            (["iss": #"["https://kc/realms/shop"]"#], .wrongIssuer),
            (["iss": #""https:\/\/kc\/realms\/shop""#], nil), (["iss": "null"], .wrongIssuer),
            (["iss": #""""#], .wrongIssuer),
            (["typ": nil], nil), (["typ": #""bearer""#], nil), (["typ": #""ID""#], .otherTokenType),
            (["typ": #""Refresh""#], .otherTokenType), (["typ": #""Offline""#], .otherTokenType),
            (["typ": #""Logout""#], .otherTokenType), (["typ": "1"], .otherTokenType),
            (["typ": "null"], .otherTokenType),
            (["aud": #""orders""#], nil), (["aud": #"["x","orders"]"#], nil), (["aud": #""account""#], .wrongAudience),
            (["aud": #"["order","orders2"]"#], .wrongAudience), (["aud": "[]"], .wrongAudience),
            (["aud": nil], .wrongAudience),
            (["aud": "null"], .wrongAudience), (["aud": #"{"orders":1}"#], .wrongAudience),
            (["aud": #"[["orders"]]"#], .wrongAudience),
            (["aud": nil, "azp": #""orders""#], .wrongAudience), (["sub": nil], nil),
        ] as [([String: String?], TokenFailure?)])
    func `claims are checked one by one`(changes: [String: String?], expected: TokenFailure?) throws {
        #expect(try failure(token(claims(changes))) == expected)
    }

    @Test func `any of several audiences suffices, and with none the claim is not looked at`() throws {
        let several = TokenPolicy(issuer: issuer, audiences: ["x", "account"])
        #expect(try failure(token(), policy: several) == nil)
        let none = TokenPolicy(issuer: issuer, audiences: [])
        #expect(try failure(token(claims(["aud": nil])), policy: none) == nil)
    }

    @Test func `required claims must be there`() throws {
        let policy = TokenPolicy(
            issuer: issuer, audiences: [],
            requiredClaims: [ClaimPath("sub")!, ClaimPath("realm_access.roles")!])
        #expect(try failure(token(), policy: policy) == nil)
        for changes: [String: String?] in [
            ["sub": nil], ["sub": "null"], ["realm_access": "{}"], ["realm_access": "[]"],
        ] {
            #expect(try failure(token(claims(changes)), policy: policy) == .missingClaim)
        }
    }

    @Test(arguments: ["[]", "null", "1", #""x""#, "{", "{}}", #"{"iss":1,"iss":1}"#, "{\"a\":\"\u{1}\"}"])
    func `claims that are no strict object are refused, though well signed`(text: String) throws {
        #expect(try failure(token(text)) == .malformed)
    }

    @Test func `a token without claims has no three parts`() throws {
        #expect(try failure(sign(header: #"{"alg":"RS256","kid":"one"}"#, claims: "")) == .malformed)
    }

    @Test func `claims are looked at only behind a good signature`() throws {
        let forged = sign(header: #"{"alg":"RS256","kid":"one"}"#, claims: "no claims", by: Keys.otherRSA)
        #expect(try failure(forged) == .badSignature)
    }

    @Test func `libjwt agrees about honest tokens`() throws {
        let minted = try #require(
            TokenMint.mint(
                claimsJSON: claims(), algorithm: .rs256, key: Keys.rsa.privatePEM(), keyIdentifier: "one"))
        #expect(try failure(minted) == nil)
        let opinion = try #require(SecondOpinion(verifying: minted, key: Keys.rsa.publicPEM()))
        #expect(opinion.holds(issuer: issuer, nowSeconds: Int(now)))
        let ours = try #require(SecondOpinion(verifying: token(), key: Keys.rsa.publicPEM()))
        #expect(ours.holds(issuer: issuer, nowSeconds: Int(now)) && ours.text(of: "sub") == "f9")
    }

    @Test func `what an answer says needs no quoting and repeats nothing`() {
        let failures: [TokenFailure] = [
            .tooLarge, .malformed, .criticalHeader, .otherMediaType, .algorithmNotAllowed,
            .unknownKey(identifier: "secret"), .keyNotNamed, .badSignature, .wrongIssuer, .wrongAudience,
            .otherTokenType, .expired, .notYetValid, .issuedInFuture, .missingClaim,
        ]
        for failure in failures {
            // RFC 6750 §3: what may stand in error_description.
            let text = failure.summary.description
            #expect(text.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C })
            #expect(!text.contains("secret") && failure.errorWord.description == "invalid_token")
        }
        #expect(Set(failures.map(\.label.description)).count == failures.count)
    }
}
