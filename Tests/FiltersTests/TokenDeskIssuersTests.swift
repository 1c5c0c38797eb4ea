import Declarations
import Filters
import Signatures
import Testing

/// Gates that take the tokens of several issuers.
@Suite struct TokenDeskIssuersTests {
    private let shop = issuer("shop")
    private let bank = issuer("bank")

    @Test func `each issuer's tokens are checked by its own keys and rules`() throws {
        let strict = issuer("bank") { $0.audiences = ["accounts"] }
        let desk = TokenDesk([shop, strict])
        desk.give([try key(DeskKeys.one, "one")], shop)
        desk.give([try key(DeskKeys.other, "two")], strict)
        let both = try desk.gate("bank", "shop")
        let one = try desk.gate("shop")
        let accounts = #","aud":"accounts""#
        #expect(desk.check(token(of: "shop"), both) == .allowed)
        #expect(desk.check(token(of: "bank", accounts, by: DeskKeys.other, kid: "two"), both) == .allowed)
        #expect(desk.check(token(of: "bank", by: DeskKeys.other, kid: "two"), both) == .invalid(.wrongAudience))
        // Seen by one gate is not seen by another.
        #expect(desk.check(token(of: "bank", accounts, by: DeskKeys.other, kid: "two"), one) == .unknownKey([0]))
        // A key is good for its issuer alone.
        #expect(desk.check(token(of: "bank", accounts), both) == .unknownKey([1]))
        #expect(desk.check(token(of: "shop", by: DeskKeys.other, kid: "two"), both) == .unknownKey([0]))
    }

    @Test func `a key of the same name decides nothing for another issuer`() throws {
        let desk = TokenDesk([shop, bank])
        let both = try desk.gate("shop", "bank")
        desk.give([try key(DeskKeys.one, "one")], shop)
        let theirs = token(of: "bank", by: DeskKeys.other, kid: "one")
        #expect(desk.check(theirs, both) == .noKeys([1]))
        desk.give([], bank)
        #expect(desk.check(theirs, both) == .unknownKey([1]))
        desk.give([try key(DeskKeys.other, "one")], bank)
        #expect(desk.check(theirs, both) == .allowed)
        #expect(desk.check(token(of: "bank", kid: "one"), both) == .invalid(.badSignature))
    }

    @Test func `what one issuer may not sign with another may`() throws {
        let curved = issuer("bank") { $0.algorithms = ["ES256"] }
        let desk = TokenDesk([curved, shop])
        let both = try desk.gate("bank", "shop")
        desk.give([try key(DeskKeys.p256, "p")], curved)
        #expect(desk.check(token(of: "shop"), both) == .noKeys([1]))
        desk.give([try key(DeskKeys.other, "two")], shop)
        #expect(desk.check(token(of: "shop"), both) == .unknownKey([1]))
        desk.give([try key(DeskKeys.one, "one")], shop)
        #expect(desk.check(token(of: "shop"), both) == .allowed)
        #expect(desk.check(token(of: "bank", by: DeskKeys.p256, kid: "p"), both) == .allowed)
        #expect(desk.check(token(of: "bank", by: DeskKeys.one, kid: "one"), both) == .invalid(.algorithmNotAllowed))
    }

    @Test func `what is wrong with a token that an issuer has signed needs no other`() throws {
        let desk = TokenDesk([bank, shop])
        let both = try desk.gate("bank", "shop")
        desk.give([try key(DeskKeys.one, "one")], shop)
        #expect(desk.check(token(of: "shop", expires: deskNow - 31), both) == .invalid(.expired))
        #expect(desk.check(token(of: "shop"), both) == .allowed)
    }

    @Test func `two entries for one issuer do not lend each other what they found`() throws {
        let lenient = issuer("lenient") {
            ($0.issuer, $0.clockSkewSeconds, $0.rolePaths) = ("https://shop", 3_600, ["groups"])
        }
        let desk = TokenDesk([lenient, shop])
        // Both have the keys from one place.
        desk.give([try key(DeskKeys.one, "one")], shop)
        #expect(lenient.source == shop.source)
        let token = token(of: "shop", #","groups":["admin"],"realm_access":{"roles":["user"]}"#)
        let admins: (inout TokenDeclaration) -> Void = { $0.roles = ["admin"] }
        let loose = try desk.gate("lenient", change: admins)
        let tight = try desk.gate("shop", change: admins)
        let either = try desk.gate("shop", "lenient", change: admins)
        for _ in 0..<2 {
            #expect(desk.check(token, loose) == .allowed)
            #expect(desk.check(token, tight) == .forbidden(.missingRole))
            #expect(desk.check(token, either) == .forbidden(.missingRole))
        }
        let later = deskNow + 400
        for _ in 0..<2 {
            #expect(desk.check(token, tight, at: later) == .invalid(.expired))
            #expect(desk.check(token, either, at: later) == .invalid(.expired))
            #expect(desk.check(token, loose, at: later) == .allowed)
        }
    }
}
