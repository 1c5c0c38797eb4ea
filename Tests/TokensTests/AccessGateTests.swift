import Testing
import Tokens

@Suite struct AccessGateTests {
    /// Stands for a regular expression: the text begins with it.
    private final class Prefix: ClaimMatcher {
        let prefix: [UInt8]
        init(_ prefix: String) { self.prefix = Array(prefix.utf8) }
        func matches(_ text: Span<UInt8>) -> Bool {
            text.count >= prefix.count && prefix.indices.allSatisfy { text[$0] == prefix[$0] }
        }
    }

    private struct BadExpression: Error {}

    private func judge(_ claims: String, _ change: (inout AccessRequirements) -> Void) throws -> AccessVerdict {
        var requirements = AccessRequirements()
        requirements.rolePaths = ClaimPath.roles(audiences: ["orders"])
        change(&requirements)
        let gate = AccessGate(requirements) { (expression: String) throws(Never) in Prefix(expression) }
        var verdict = AccessVerdict.refused(.claimMismatch)
        try withObject(claims) { verdict = gate.judge($0) }
        return verdict
    }

    @Test func `who asks nothing allows everything`() throws {
        #expect(try judge("{}") { _ in } == .allowed)
    }

    @Test(
        arguments: [
            (["profile"], #""openid email profile""#, true), (["openid", "email"], #""openid email profile""#, true),
            (["openid", "x"], #""openid email profile""#, false), (["mail"], #""openid email""#, false),
            (["email"], #""openid  email""#, true), (["email"], #"" email""#, true), (["email"], #""email ""#, true),
            (["email"], #""""#, false), (["email"], #""x\u0020email""#, true), (["email"], #"["email","x"]"#, true),
            (["email"], #"["email x"]"#, false), (["email"], #"{"email":true}"#, false), (["email"], "null", false),
            (["email"], #""Email""#, false), (["a b"], #""a b""#, false),
        ] as [([String], String, Bool)])
    func `all scopes must be granted`(scopes: [String], granted: String, isAllowed: Bool) throws {
        let verdict = try judge(#"{"scope":\#(granted)}"#) { $0.scopes = scopes }
        #expect(verdict == (isAllowed ? .allowed : .refused(.insufficientScope)))
    }

    @Test func `without a scope claim nothing is granted, and it may stand elsewhere`() throws {
        #expect(try judge("{}") { $0.scopes = ["a"] } == .refused(.insufficientScope))
        let verdict = try judge(#"{"scp":["a"]}"#) {
            $0.scopes = ["a"]
            $0.scopePath = ClaimPath("scp")!
        }
        #expect(verdict == .allowed)
    }

    @Test(
        arguments: [
            (["admin"], .any, true), (["write"], .any, true), (["view-profile"], .any, false),
            (["x", "write"], .any, true),
            (["admin", "write"], .all, true), (["admin", "x"], .all, false), (["adm"], .any, false), ([], .any, true),
            ([], .all, true),
        ] as [([String], AccessRequirements.Quantity, Bool)])
    func `roles are those of the realm and of our own clients`(
        roles: [String], wanted: AccessRequirements.Quantity, isAllowed: Bool
    ) throws {
        let verdict = try judge(claims()) {
            $0.roles = roles
            $0.rolesWanted = wanted
        }
        #expect(verdict == (isAllowed ? .allowed : .refused(.missingRole)))
    }

    @Test(arguments: [
        "{}", #"{"realm_access":{}}"#, #"{"realm_access":null}"#, #"{"realm_access":["admin"]}"#,
        #"{"realm_access":{"roles":{"admin":1}}}"#, #"{"realm_access":{"roles":[["admin"]]}}"#,
        #"{"roles":["admin"]}"#, #"{"resource_access":{"account":{"roles":["admin"]}}}"#,
    ])
    func `without roles, or with roles elsewhere, nobody has one`(text: String) throws {
        #expect(try judge(text) { $0.roles = ["admin"] } == .refused(.missingRole))
    }

    @Test func `a client whose name has dots is found by its names`() throws {
        let verdict = try judge(#"{"resource_access":{"a.b":{"roles":["x"]}}}"#) {
            $0.roles = ["x"]
            $0.rolePaths = [.clientRoles(of: "a.b")]
        }
        #expect(verdict == .allowed)
    }

    @Test(
        arguments: [
            (.present, "0", true), (.present, "null", false), (.present, "{}", true), (.equal("a"), #""a""#, true),
            (.equal("a"), #""A""#, false), (.equal("a"), #""\u0061""#, true), (.equal("a"), #"["b","a"]"#, true),
            (.equal("a"), "[]", false), (.equal("a"), #"[["a"]]"#, false), (.equal("true"), "true", true),
            (.equal("true"), #""true""#, true), (.equal("true"), "false", false), (.equal("3"), "3", true),
            (.equal("3"), "3.0", false), (.equal("null"), "null", false), (.equal(""), #""""#, true),
            (.oneOf(["a", "b"]), #""b""#, true), (.oneOf(["a", "b"]), #""c""#, false), (.oneOf([]), #""c""#, false),
            (.matches("ab"), #""abc""#, true), (.matches("ab"), #""a\u0062c""#, true),
            (.matches("ab"), #""ba""#, false),
            (.matches("ab"), #"["x","abx"]"#, true), (.matches("4"), "42", true), (.matches("{"), "{}", false),
        ] as [(ClaimRequirement.Test, String, Bool)])
    func `claims are tested as texts, arrays by their elements`(
        test: ClaimRequirement.Test, value: String, isAllowed: Bool
    ) throws {
        let verdict = try judge(#"{"x":{"y":\#(value)}}"#) {
            $0.claims = [ClaimRequirement(path: ClaimPath("x.y")!, test: test)]
        }
        #expect(verdict == (isAllowed ? .allowed : .refused(.claimMismatch)))
    }

    @Test func `of several claims all must pass, or any`() throws {
        for (wanted, isAllowed) in [(AccessRequirements.Quantity.all, false), (.any, true)] {
            let verdict = try judge(#"{"a":"1","b":"2"}"#) {
                $0.claims = [
                    ClaimRequirement(path: ClaimPath("a")!, test: .equal("1")),
                    ClaimRequirement(path: ClaimPath("b")!, test: .equal("1")),
                    ClaimRequirement(path: ClaimPath("c")!, test: .present),
                ]
                $0.claimsWanted = wanted
            }
            #expect(verdict == (isAllowed ? .allowed : .refused(.claimMismatch)))
        }
    }

    @Test func `an expression that does not compile makes no gate`() {
        var requirements = AccessRequirements()
        requirements.claims = [ClaimRequirement(path: ClaimPath("a")!, test: .matches("("))]
        #expect(throws: BadExpression.self) {
            _ = try AccessGate(requirements) { (_: String) throws(BadExpression) in throw BadExpression() }
        }
    }
}
