import Signatures
import Testing
import Tokens

@Suite struct KeySetDocumentTests {
    private static let x = Base64URL.encode([UInt8](repeating: 1, count: 32))

    private func rsa(_ members: String = "", key: DevelopmentKey = Keys.rsa) -> String {
        guard case .rsa(let n, let e) = key.numbers() else { return "" }
        return #"{"kty":"RSA","n":"\#(Base64URL.encode(n))","e":"\#(Base64URL.encode(e))"\#(members)}"#
    }

    private func elliptic(_ members: String = "") -> String {
        guard case .elliptic(_, let x, let y) = Keys.p256.numbers() else { return "" }
        return
            #"{"kty":"EC","crv":"P-256","x":"\#(Base64URL.encode(x))","y":"\#(Base64URL.encode(y))"\#(members)}"#
    }

    private func edwards(_ members: String = "") -> String {
        guard case .edwards(let x) = Keys.edwards.numbers() else { return "" }
        return #"{"kty":"OKP","crv":"Ed25519","x":"\#(Base64URL.encode(x))"\#(members)}"#
    }

    private func read(_ keys: [String], acceptsSecrets: Bool = false) throws -> KeySetDocument {
        let text = #"{"keys":[\#(keys.joined(separator: ","))],"more":1}"#
        return try KeySetDocument(Array(text.utf8).span, acceptsSecrets: acceptsSecrets)
    }

    @Test func `keys as Keycloak publishes them are read, that for encryption is not`() throws {
        let set = try read([
            rsa(#","kid":"enc1","alg":"RSA-OAEP","use":"enc","x5c":["MIIC"],"x5t":"a","x5t#S256":"b""#),
            rsa(#","kid":"sig2","alg":"RS256","use":"sig","x5c":["MIIC"]"#),
            elliptic(#","kid":"ec3","alg":"ES256","use":"sig""#), edwards(#","kid":"ed4","alg":"EdDSA","use":"sig""#),
        ])
        #expect(set.keys.map(\.identifier) == ["sig2", "ec3", "ed4"])
        #expect(set.keys.map(\.algorithms) == [.init(.rs256), .init(.es256), .init(.edDSA)])
        #expect(set.skipped == [SkippedKey(position: 0, identifier: "enc1", reason: .notForSignatures)])
        #expect(set.keys[0].numbers == Keys.rsa.numbers() && set.keys[1].numbers == Keys.p256.numbers())
        #expect(try failure(token(), keys: read([rsa(#","kid":"one""#)]).keys) == nil)
    }

    @Test func `a key without alg serves all of its type`() throws {
        #expect(
            try read([rsa(), elliptic(), edwards()]).keys.map(\.algorithms) == [.rsa, .init(.es256), .init(.edDSA)])
    }

    @Test(
        arguments: [
            ("1", .notAnObject), ("[]", .notAnObject), ("null", .notAnObject), ("{}", .unknownType),
            (#"{"kty":"AKP","alg":"ML-DSA-65","pub":"AA"}"#, .unknownAlgorithm),
            (#"{"kty":"AKP","pub":"AA"}"#, .unknownType),
            (#"{"kty":"rsa"}"#, .unknownType), (#"{"kty":1}"#, .unknownType),
            (#"{"kty":"RSA","kty":"EC"}"#, .duplicateMember),
            (#"{"kty":"RSA"}"#, .invalidMember("n")), (#"{"kty":"RSA","n":"AQ"}"#, .invalidMember("e")),
            (#"{"kty":"RSA","n":"A","e":"AQAB"}"#, .invalidMember("n")),
            (#"{"kty":"RSA","n":"","e":"AQAB"}"#, .invalidMember("n")),
            (#"{"kty":"RSA","n":1,"e":"AQAB"}"#, .invalidMember("n")),
            (#"{"kty":"RSA","n":"AQ==","e":"AQAB"}"#, .invalidMember("n")),
            (#"{"kty":"RSA","n":"AQ","e":"AQAB"}"#, .problem(.tooSmall)),
            (#"{"kty":"EC","crv":"secp256k1"}"#, .unknownCurve),
            (#"{"kty":"EC"}"#, .unknownCurve), (#"{"kty":"EC","crv":"P-256"}"#, .invalidMember("x")),
            (#"{"kty":"EC","crv":"P-256","x":"\#(x)"}"#, .invalidMember("y")),
            (#"{"kty":"EC","crv":"P-256","x":"\#(x)","y":"\#(x)"}"#, .problem(.invalidNumbers)),
            (#"{"kty":"EC","crv":"P-384","alg":"ES256","x":"\#(x)","y":"\#(x)"}"#, .problem(.algorithmOfOtherType)),
            (#"{"kty":"OKP","crv":"X25519","x":"\#(x)"}"#, .unknownCurve),
            (#"{"kty":"OKP","crv":"Ed25519"}"#, .invalidMember("x")),
            (#"{"kty":"OKP","crv":"Ed25519","x":"AQ"}"#, .problem(.invalidNumbers)),
            (#"{"kty":"oct","k":"\#(x)"}"#, .secret),
            (#"{"kty":"OKP","crv":"Ed25519","x":"\#(x)","use":"enc"}"#, .notForSignatures),
            (#"{"kty":"OKP","crv":"Ed25519","x":"\#(x)","use":1}"#, .notForSignatures),
            (#"{"kty":"OKP","crv":"Ed25519","x":"\#(x)","key_ops":["sign"]}"#, .notForSignatures),
            (#"{"kty":"OKP","crv":"Ed25519","x":"\#(x)","key_ops":"verify"}"#, .notForSignatures),
            (#"{"kty":"OKP","crv":"Ed25519","x":"\#(x)","alg":"none"}"#, .unknownAlgorithm),
            (#"{"kty":"OKP","crv":"Ed25519","x":"\#(x)","alg":"HS256"}"#, .problem(.algorithmOfOtherType)),
            (#"{"kty":"OKP","crv":"Ed25519","x":"\#(x)","kid":7}"#, .invalidMember("kid")),
        ] as [(String, SkippedKey.Reason)])
    func `one bad key never loses the others`(bad: String, reason: SkippedKey.Reason) throws {
        let set = try read([rsa(#","kid":"a""#), bad, elliptic(#","kid":"b","key_ops":["verify"]"#)])
        #expect(set.keys.map(\.identifier) == ["a", "b"])
        #expect(set.skipped == [SkippedKey(position: 1, identifier: nil, reason: reason)])
    }

    @Test func `coordinates without leading zeros are read`() throws {
        for _ in 0..<5_000 {
            let pair = try #require(DevelopmentKey(.elliptic(.p256)))
            guard case .elliptic(_, let x, let y) = pair.numbers(), x[0] == 0 else { continue }
            let short = Base64URL.encode(Array(x.drop { $0 == 0 }))
            let set = try read([
                #"{"kty":"EC","crv":"P-256","kid":"u","x":"\#(short)","y":"\#(Base64URL.encode(y))"}"#
            ])
            let signed = sign(header: #"{"alg":"ES256","kid":"u"}"#, by: pair, .es256)
            #expect(try failure(signed, keys: set.keys) == nil)
            return
        }
        Issue.record("no such key was found")
    }

    @Test func `secrets are read when they are asked for`() throws {
        let secret = #"{"kty":"oct","k":"\#(Self.x)","kid":"s"}"#
        let set = try read([secret, #"{"kty":"oct","k":"AQ"}"#], acceptsSecrets: true)
        #expect(set.keys.map(\.algorithms) == [SignatureAlgorithms(.hs256)])
        #expect(set.skipped == [SkippedKey(position: 1, identifier: nil, reason: .problem(.tooSmall))])
    }

    @Test func `more keys than the limit are skipped`() throws {
        let one = edwards()
        let set = try read([String](repeating: one, count: KeySetDocument.keysMax + 2))
        #expect(set.keys.count == KeySetDocument.keysMax)
        #expect(set.skipped.map(\.reason) == [.tooMany, .tooMany])
    }

    @Test(arguments: [
        "{}", #"{"keys":null}"#, #"{"keys":{}}"#, #"{"keys":"x"}"#, #"{"keys":[],"keys":[]}"#, #"{"Keys":[]}"#,
    ])
    func `a document without an array of keys is none`(text: String) {
        #expect(throws: KeySetProblem.noKeys) { try KeySetDocument(Array(text.utf8).span) }
    }

    @Test func `what is no JSON, or too long, is refused as a whole, wherever it is cut`() throws {
        let text = Array(#"{"keys":[\#(edwards(#","kid":"a""#))]}"#.utf8)
        for count in 0..<text.count {
            #expect(throws: KeySetProblem.notReadable(JSONFailure(reason: .cutShort, offset: count))) {
                try KeySetDocument(text.span.extracting(0..<count))
            }
        }
        let long = [UInt8](repeating: 0x20, count: KeySetDocument.bytesMax + 1)
        #expect(throws: KeySetProblem.notReadable(JSONFailure(reason: .tooLarge, offset: KeySetDocument.bytesMax))) {
            try KeySetDocument(long.span)
        }
        #expect(try read([]).keys.isEmpty)
    }
}
