import Declarations
import HTTPModel
import Kernel
import Patterns
import Routing
import Testing

@Suite struct RouteTableTests {
    @Test func `a table without routes finds none`() throws {
        #expect(try Probe([]).match("GET", "a.example", "/") == .notFound)
    }

    @Test(arguments: [
        ("/a/b", "/a/b", true), ("/a/b", "/a/b/", false), ("/a/b", "/a", false), ("/a", "/A", false), ("/", "/", true),
        ("/", "//", false), ("/a/", "/a/", true), ("/a/", "/a", false), ("/a/**", "/a", true), ("/a/**", "/a/", true),
        ("/a/**", "/a/b/c", true), ("/a/**", "/ab", false), ("/**", "/", true), ("/**", "/x//y", true),
        ("/a/*", "/a/b", true), ("/a/*", "/a/", false), ("/a/*", "/a", false), ("/a/*", "/a/b/c", false),
        ("/a/*/c", "/a/b/c", true), ("/a/*/c", "/a//c", false), ("/*/**", "/a", true), ("/*/**", "/", false),
        ("/a/{id}/**", "/a/1", true), ("/a/{id}/**", "/a/", false), ("~/a/[0-9]+", "/a/12", true),
        ("~/a/[0-9]+", "/a/12/", false), ("/eightchr", "/eightchr", true), ("/eightchr/x", "/eightchr/x", true),
        ("/sixteen-letters/x", "/sixteen-letters/x", true), ("/sixteen-letterz", "/sixteen-letters", false),
    ])
    func `a path pattern takes exactly its paths`(pattern: String, path: String, matches: Bool) throws {
        let probe = try Probe([route("r", pattern)])
        #expect(probe.match("GET", "h", path) == (matches ? .route("r") : .notFound))
    }

    @Test(arguments: [
        (["a.io"], "a.io", true), (["a.io"], "A.IO", true), (["a.io"], "a.io.", true), (["a.io"], "b.a.io", false),
        (["*.a.io"], "b.a.io", true), (["*.a.io"], "c.b.a.io", true), (["*.a.io"], "a.io", false),
        (["*.a.io"], ".a.io", false),
        (["*.a.io"], "xa.io", false), (["*.a.io"], "B.A.Io", true), (["a.io", "b.io"], "b.io", true),
        (["[::1]"], "[::1]", true),
        (["a.io"], "", false), (["*.a.io"], ".", false), (["*.a.io"], "..a.io", false),
        (["127.0.0.1"], "127.0.0.1", true),
    ])
    func `a host pattern takes exactly its names`(hosts: [String], name: String, matches: Bool) throws {
        let probe = try Probe([route("r", hosts: hosts)])
        #expect(probe.match("GET", name, "/") == (matches ? .route("r") : .notFound))
    }

    /// Each list is in the order in which its routes win, all of them over the request `GET a.b.io/x/y`.
    @Test func `the documented order decides`() throws {
        let present = FieldPredicateDeclaration(name: "n", condition: .present)
        let order = [
            route("priority", priority: 5),
            route("exact-host", hosts: ["a.b.io"]),
            route("longer-suffix", hosts: ["*.b.io"]),
            route("suffix", hosts: ["*.io"]),
            route("exact-path-three", "/x/y", methods: ["GET"], headers: [present]),
            route("exact-path-one", "/x/y", methods: ["GET"]),
            route("exact-path-a", "/x/y"),
            route("exact-path-b", "/x/y"),
            route("literal-then-any", "/x/*"),
            route("literal-any-tail", "/x/*/**"),
            route("literal-tail", "/x/**"),
            route("any-then-literal", "/*/y"),
            route("long-expression", "~/x/[a-z]"),
            route("expression", "~/.*"),
            route("wildcards", "/*/{b}"),
            route("wildcard-tail", "/*/**"),
            route("everything-one", methods: ["GET"]),
            route("everything-a", "/**"),
            route("everything-b"),
        ]
        for start in order.indices {
            let probe = try Probe(Array(order[start...].shuffled()))
            let found = probe.match("GET", "a.b.io", "/x/y", headers: [("N", "")])
            #expect(found == .route(order[start].id))
            #expect(probe.table.rankedOrder.map { probe.declarations[$0].id } == order[start...].map(\.id))
        }
    }

    @Test func `a route whose predicates fail gives way to the next`() throws {
        let probe = try Probe([
            route("staging", "/a", headers: [FieldPredicateDeclaration(name: "x-env", condition: .equal("staging"))]),
            route("regex", "/a", headers: [FieldPredicateDeclaration(name: "x-env", condition: .regex("v[0-9]+"))]),
            route("page", "/a", query: [FieldPredicateDeclaration(name: "page", condition: .present)]),
            route("rest", "/**"),
        ])
        #expect(
            probe.match("GET", "h", "/a", headers: [("X-Env", "other"), ("X-ENV", "staging")]) == .route("staging"))
        #expect(probe.match("GET", "h", "/a", headers: [("x-env", "v12")]) == .route("regex"))
        #expect(probe.match("GET", "h", "/a", query: "x=1&page") == .route("page"))
        #expect(probe.match("GET", "h", "/a", headers: [("x-envy", "staging")]) == .route("rest"))
    }

    @Test(arguments: [
        ("a b", "a+b", true), ("a b", "a%20b", true), ("é", "%c3%A9", true), ("a%", "a%", true), ("a%4", "a%4", true),
        ("", "", true), ("a", "b", false), ("a", "aa", false), ("aa", "a", false), ("a=b", "a=b", true),
    ])
    func `query values are compared decoded`(expected: String, value: String, matches: Bool) throws {
        let probe = try Probe([route("r", query: [FieldPredicateDeclaration(name: "n m", condition: .equal(expected))])]
        )
        for name in ["n+m", "n%20m", "%6e+m"] {
            let query = "z=1&&\(name)=\(value)&y"
            #expect(probe.match("GET", "h", "/", query: query) == (matches ? .route("r") : .notFound))
        }
    }

    @Test func `query values are decoded for expressions`() throws {
        let probe = try Probe([route("r", query: [FieldPredicateDeclaration(name: "q", condition: .regex("a b+"))])])
        #expect(probe.match("GET", "h", "/", query: "q=x&q=a%20b%62b") == .route("r"))
        #expect(probe.match("GET", "h", "/", query: "q=a%20") == .notFound)
    }

    @Test func `known fields are asked too`() throws {
        let probe = try Probe([
            route("r", headers: [FieldPredicateDeclaration(name: "content-type", condition: .present)])
        ])
        #expect(probe.match("GET", "h", "/", headers: [("Content-Type", "a/b")]) == .route("r"))
        #expect(probe.match("GET", "h", "/", headers: [("Content-Tape", "a/b")]) == .notFound)
    }

    @Test func `methods that would do are told when only the method is wrong`() throws {
        let probe = try Probe([
            route("a", "/a", methods: ["POST", "PURGE"]), route("b", "/a", methods: ["GET"]),
            route("c", "/a", methods: ["PUT"], headers: [FieldPredicateDeclaration(name: "n", condition: .present)]),
            route("d", "/*", methods: ["LOCK", "PURGE"]),
        ])
        #expect(probe.match("DELETE", "h", "/a") == .notAllowed(["GET", "POST", "PURGE", "LOCK"]))
        #expect(probe.match("SPEAK", "h", "/x") == .notAllowed(["PURGE", "LOCK"]))
        #expect(probe.match("purge", "h", "/x") == .notAllowed(["PURGE", "LOCK"]))
        #expect(probe.match("PURGE", "h", "/a") == .route("a"))
        #expect(probe.match("LOCK", "h", "/a") == .route("d"))
        #expect(probe.match("DELETE", "h", "/a/b") == .notFound)
    }

    @Test func `captures and tails lie where the pattern says`() throws {
        let probe = try Probe([
            route("one", "/a/{x}/b/{y}/**"), route("two", "/c/{y}", "/d/{z}/{y}"),
            route("expression", "~/e/(?<first>[a-z]+)-(?<rest>.*)"),
        ])
        #expect(probe.match("GET", "h", "/a/1/b/22/t/u") == .route("one"))
        #expect(probe.capture("x", of: "one") == "1")
        #expect(probe.capture("y", of: "one") == "22")
        #expect(probe.capture("**", of: "one") == "t/u")
        #expect(probe.match("GET", "h", "/a/1/b/22") == .route("one"))
        #expect(probe.capture("**", of: "one") == "")
        #expect(probe.match("GET", "h", "/a/1/b/22/") == .route("one"))
        #expect(probe.capture("**", of: "one") == "")
        #expect(probe.match("GET", "h", "/d/zz/yy") == .route("two"))
        #expect(probe.capture("y", of: "two") == "yy")
        #expect(probe.capture("z", of: "two") == "zz")
        #expect(probe.match("GET", "h", "/c/y") == .route("two"))
        #expect(probe.capture("y", of: "two") == "y")
        #expect(probe.capture("z", of: "two") == "")
        #expect(probe.match("GET", "h", "/e/ab-c/d") == .route("expression"))
        #expect(probe.capture("first", of: "expression") == "ab")
        #expect(probe.capture("rest", of: "expression") == "c/d")
    }
}
