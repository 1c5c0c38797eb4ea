import Declarations
import Filters
import Signatures
import Testing
import Tokens

@Suite struct TokenDeskTests {
    private let shop = issuer("shop")

    /// A desk that knows the key of `shop`.
    private func desk() throws -> TokenDesk {
        let desk = TokenDesk([shop])
        desk.give([try key(DeskKeys.one, "one")], shop)
        return desk
    }

    @Test func `a good token is allowed, however often it comes`() throws {
        let desk = try desk()
        #expect(desk.isEmpty)
        let gate = try desk.gate("shop")
        #expect(!desk.isEmpty)
        let token = token(of: "shop")
        for _ in 0..<3 {
            #expect(desk.check(token, gate) == .allowed)
            #expect(desk.subjectText == "ada" && desk.lines.isEmpty)
        }
    }

    @Test func `one bit of difference is another token`() throws {
        let desk = try desk()
        let gate = try desk.gate("shop")
        let token = token(of: "shop")
        #expect(desk.check(token, gate) == .allowed)
        // Same end, so the same place in the cache.
        #expect(desk.check("A" + token.dropFirst(), gate) == .invalid(.malformed))
        let claims = token.split(separator: ".")[1]
        let forged = Base64URL.encode(Array(#"{"iss":"https://shop","sub":"eve","exp":1700000300}"#.utf8))
        #expect(desk.check(token.replacing(claims, with: forged), gate) == .invalid(.badSignature))
        #expect(desk.subject.isEmpty)
        #expect(desk.check(token, gate) == .allowed)
    }

    @Test func `no token is missing, or optional`() throws {
        let desk = try desk()
        let strict = try desk.gate("shop") { $0.claimHeaders = [ClaimHeaderDeclaration(name: "X-User", path: "sub")] }
        let lenient = try desk.gate("shop") { $0.isOptional = true }
        #expect(desk.check(token(of: "shop"), strict) == .allowed)
        #expect(desk.linesText == "X-User: ada\r\n")
        #expect(desk.check("", strict) == .missing)
        #expect(desk.lines.isEmpty && desk.subject.isEmpty)
        #expect(desk.check("", lenient) == .allowed)
        #expect(desk.lines.isEmpty && desk.subject.isEmpty)
        #expect(desk.check("x", lenient) == .invalid(.malformed))
    }

    @Test func `a token that was seen expires like any other`() throws {
        let desk = try desk()
        let gate = try desk.gate("shop")
        let token = token(of: "shop")
        #expect(desk.check(token, gate) == .allowed)
        #expect(desk.check(token, gate, at: deskNow + 329) == .allowed)
        #expect(desk.check(token, gate, at: deskNow + 330) == .invalid(.expired))
        #expect(desk.check(token, gate, at: deskNow + 331) == .invalid(.expired))
    }

    @Test func `a token that was seen is nothing when its key is gone`() throws {
        let desk = try desk()
        let gate = try desk.gate("shop")
        let token = token(of: "shop")
        #expect(desk.check(token, gate) == .allowed)
        desk.give([try key(DeskKeys.one, "one")], shop)
        #expect(desk.check(token, gate) == .allowed)
        desk.give([try key(DeskKeys.other, "two")], shop)
        #expect(desk.check(token, gate) == .unknownKey([0]))
        desk.give([try key(DeskKeys.other, "one")], shop)
        #expect(desk.check(token, gate) == .invalid(.badSignature))
        desk.give([try key(DeskKeys.one, "one")], shop)
        #expect(desk.check(token, gate) == .allowed)
        desk.give([], shop)
        #expect(desk.check(token, gate) == .unknownKey([0]))
    }

    @Test func `without any keys the issuer must be asked`() throws {
        let desk = TokenDesk([shop])
        let gate = try desk.gate("shop")
        #expect(desk.check(token(of: "shop"), gate) == .noKeys([0]))
        #expect(desk.hasSource(shop.source) && !desk.hasSource("x"))
        #expect(desk.source(ofIssuer: 0) == shop.source)
        desk.replaceKeys([try key(DeskKeys.one, "one")], source: "another source")
        #expect(desk.check(token(of: "shop"), gate) == .noKeys([0]))
    }

    @Test func `each gate judges for itself`() throws {
        let desk = try desk()
        let any = try desk.gate("shop")
        let orders = try desk.gate("shop") { $0.scopes = ["orders", "profile"] }
        let admins = try desk.gate("shop") { $0.roles = ["admin"] }
        let token = token(of: "shop", #","scope":"profile orders","realm_access":{"roles":["user"]}"#)
        for _ in 0..<3 {
            #expect(desk.check(token, any) == .allowed)
            #expect(desk.check(token, admins) == .forbidden(.missingRole))
            #expect(desk.subjectText == "ada" && desk.lines.isEmpty)
            #expect(desk.check(token, orders) == .allowed)
        }
        #expect(desk.scopeText(gate: orders) == "orders profile" && desk.scopeText(gate: any).isEmpty)
    }

    @Test func `more gates than are remembered for one token are still right`() throws {
        let desk = try desk()
        let gates = try (0..<40).map { number in
            try desk.gate("shop") { $0.claims = [.init(path: "n", condition: .oneOf(["\(number)"]))] }
        }
        let token = token(of: "shop", #","n":[7,33]"#)
        for _ in 0..<2 {
            for (number, gate) in gates.enumerated() {
                let isAllowed = number == 7 || number == 33
                #expect(desk.check(token, gate) == (isAllowed ? .allowed : .forbidden(.claimMismatch)))
            }
        }
    }

    @Test func `a subject is cut`() throws {
        let desk = try desk()
        let gate = try desk.gate("shop")
        let token = withSubject(String(repeating: "s", count: 5_000))
        for _ in 0..<2 {
            #expect(desk.check(token, gate) == .allowed)
            #expect(desk.subject.count == 256)
        }
        #expect(desk.check(withSubject(""), gate) == .allowed && desk.subject.isEmpty)
    }

    private func withSubject(_ subject: String) -> String {
        let input =
            Base64URL.encode(Array(#"{"alg":"EdDSA","kid":"one"}"#.utf8)) + "."
            + Base64URL.encode(Array(#"{"iss":"https://shop","sub":"\#(subject)","exp":1700000300}"#.utf8))
        return input + "." + Base64URL.encode(DeskKeys.one.sign(Array(input.utf8), algorithm: .edDSA)!)
    }
}
