import Declarations
import Filters
import Signatures
import Testing

/// What the upstream is told of a token.
@Suite struct TokenGateTests {
    /// The lines for claims with this member, of a gate that writes `X` from the path.
    private func lines(_ further: String, path: String = "c", _ names: [String] = ["X"]) throws -> String {
        let shop = issuer("shop")
        let desk = TokenDesk([shop])
        desk.give([try key(DeskKeys.one, "one")], shop)
        let gate = try desk.gate("shop") {
            $0.claimHeaders = names.map { ClaimHeaderDeclaration(name: $0, path: path) }
        }
        let token = token(of: "shop", further)
        #expect(desk.check(token, gate) == .allowed)
        let first = desk.linesText
        #expect(desk.check(token, gate) == .allowed)
        #expect(desk.linesText == first)
        return first
    }

    @Test(
        arguments: [
            (#""ada""#, "ada"), ("1", "1"), ("-1.50e3", "-1.50e3"), ("true", "true"), ("false", "false"),
            (#"["a","b"]"#, "a,b"), (#"["a",1,true]"#, "a,1,true"), (#"[""]"#, nil), (#""a b""#, "a b"),
            (#""ä""#, "ä"), (#""\u00e4""#, "ä"), (#""a,b""#, "a,b"),
        ] as [(String, String?)])
    func `texts, numbers and lists of them are told`(claim: String, value: String?) throws {
        #expect(try lines(#","c":\#(claim)"#) == (value.map { "X: \($0)\r\n" } ?? ""))
    }

    @Test(arguments: [
        "null", "{}", #"{"a":1}"#, "[]", "[[1]]", "[null]", #"[{"a":1}]"#, #""""#, #"" a""#, #""a ""#,
        #""a\r\nX-Admin: 1""#,
        #""a\nb""#, #""a\tb""#, #""a\u007fb""#, #"["a","b\r\nc"]"#, #"["user,admin"]"#, #"["a","b,c"]"#,
        "\"\(String(repeating: "a", count: 4_097))\"",
    ])
    func `what would not stand in one line as it is, is not told`(claim: String) throws {
        #expect(try lines(#","c":\#(claim)"#) == "")
    }

    @Test func `a claim lies where its path leads`() throws {
        #expect(try lines(#","a":{"b":"c"}"#, path: "a.b") == "X: c\r\n")
        #expect(try lines(#","a":"b""#, path: "a.b") == "")
        #expect(try lines("", path: "sub", ["X", "Y"]) == "X: ada\r\nY: ada\r\n")
        #expect(try lines(#","c":"\#(String(repeating: "a", count: 4_096))""#).utf8.count == 4_096 + 5)
    }

    @Test func `conditions are compiled, and must match as a whole`() throws {
        let shop = issuer("shop")
        let desk = TokenDesk([shop])
        desk.give([try key(DeskKeys.one, "one")], shop)
        let mail = try desk.gate("shop") { $0.claims = [.init(path: "email", condition: .regex(#".*@example\.com"#))] }
        let either = try desk.gate("shop") {
            $0.claims = [.init(path: "a", condition: .present), .init(path: "b", condition: .oneOf(["1", "2"]))]
            $0.anyClaim = true
        }
        #expect(desk.check(token(of: "shop", #","email":"a@example.com""#), mail) == .allowed)
        for bad in ["a@example.com.evil", "a@example.com\\n", "", "a@example-com"] {
            #expect(desk.check(token(of: "shop", #","email":"\#(bad)""#), mail) == .forbidden(.claimMismatch))
        }
        #expect(desk.check(token(of: "shop", #","a":0"#), either) == .allowed)
        #expect(desk.check(token(of: "shop", #","b":2"#), either) == .allowed)
        #expect(desk.check(token(of: "shop", #","a":null,"b":3"#), either) == .forbidden(.claimMismatch))
        #expect(throws: (any Error).self) {
            try desk.gate("shop") { $0.claims = [.init(path: "a", condition: .regex("("))] }
        }
    }
}
