import Declarations
import Filters
import HTTPModel
import Kernel
import Routing
import Testing

@Suite struct PathEditsTests {
    /// The path after the filters, or `nil` when it is refused. A route of the pattern provides the captures.
    private func edit(
        _ path: String, _ filters: [FilterDeclaration], pattern: [PathSegmentDeclaration] = [], room: Int = 256
    ) throws -> String? {
        var route = RouteDeclaration(id: "r", action: .respond(RespondDeclaration()))
        route.match.paths = [.segments(pattern, tail: true, source: "/**")]
        let table = try RouteTable([route])
        var captures = PathCaptures()
        let bytes = Array(path.utf8)
        let get = Array("GET".utf8)
        let host = Array("h".utf8)
        let match = table.match(
            method: .get, methodToken: get.span, host: host.span, path: bytes.span, query: [UInt8]().span,
            fields: FieldTable(limit: 1), head: [UInt8]().span, captures: &captures)
        guard case .route = match else {
            Issue.record("\(path) does not match")
            return nil
        }
        var edits = PathEdits()
        for filter in filters {
            let isOne = try edits.add(filter, captures: CaptureNames(route.match))
            #expect(isOne)
        }
        return apply(edits, bytes, captures, host, room: room)
    }

    private func apply(
        _ edits: PathEdits, _ path: [UInt8], _ captures: borrowing PathCaptures, _ host: [UInt8], room: Int
    ) -> String? {
        var result = ByteBuffer(capacity: room)
        var spare = ByteBuffer(capacity: room)
        var normalized: [UInt8] = []
        // What an earlier request left behind must not show.
        result.append("old")
        spare.append("older")
        let outcome = edits.apply(
            to: path.span, captures: captures, host: host.span, result: &result, spare: &spare, normalized: &normalized)
        return outcome == .edited ? ByteText.string(result.readable) : nil
    }

    @Test(arguments: [
        ("/api", "/api/v1/x", "/v1/x"), ("/api", "/api", "/"), ("/api", "/api/", "/"), ("/api/", "/api/x", "/x"),
        ("/api", "/apix", "/apix"),
        ("/api", "/API/x", "/API/x"), ("/api", "/x/api", "/x/api"), ("/api/v1", "/api/v1/x", "/x"),
        ("/api/v1", "/api/v2/x", "/api/v2/x"),
        ("/", "/a/b", "/a/b"), ("", "/a", "/a"), ("/api", "/api//x", "//x"), ("/a", "/a/a/a", "/a/a"),
        ("/api", "/", "/"),
    ])
    func `a prefix is stripped by whole segments`(prefix: String, path: String, expected: String) throws {
        #expect(try edit(path, [.stripPrefix(prefix)]) == expected)
    }

    @Test(arguments: [
        ("/v2/items/{id}", "/items/42", "/v2/items/42"), ("/{**}", "/items/42/a/b", "/a/b"),
        ("/x/{id}/{**}", "/items/42/a", "/x/42/a"),
        ("/x", "/items/42/a", "/x"), ("/{id}{id}", "/items/4", "/44"), ("/{id}", "/items/a%2Cb", "/a%2Cb"),
    ])
    func `a template inserts captures`(template: String, path: String, expected: String) throws {
        let pattern: [PathSegmentDeclaration] = [.literal("items"), .capture("id")]
        #expect(try edit(path, [.rewritePathTemplate(template)], pattern: pattern) == expected)
    }

    @Test(arguments: [
        ("^/a/(.*)$", "/b/$1", "/a/x/y", "/b/x/y"), ("^/(?<p>[^/]+)", "/${p}-${p}", "/a/b", "/a-a/b"),
        ("b", "$$", "/abc", "/a$c"),
        ("b", "$", "/abc", "/a$c"), ("(b)(x)?", "[$1$2]", "/abc", "/a[b]c"), ("z", "y", "/abc", "/abc"),
        ("/+", "/", "//a//b", "/a//b"),
        ("b", "$0$0", "/abc", "/abbc"), ("b", "", "/abc", "/ac"), ("^", "/p", "/a", "/p/a"),
        ("b", "${1", "/abc", "/a$%7B1c"),
    ])
    func `an expression replaces its first match`(pattern: String, replacement: String, path: String, expected: String)
        throws
    {
        let found = try edit(path, [.rewritePathRegex(pattern: pattern, replacement: replacement)])
        // A brace may not stand in a path, so what would have one is refused.
        #expect(found == (expected.contains("%7B") ? nil : expected))
    }

    @Test func `filters work in the order written`() throws {
        let strip = FilterDeclaration.stripPrefix("/a")
        let add = FilterDeclaration.rewritePathRegex(pattern: "^", replacement: "/a")
        #expect(try edit("/a/x", [strip, add]) == "/a/x")
        #expect(try edit("/a/x", [add, strip]) == "/a/x")
        #expect(try edit("/x", [strip, add, strip]) == "/x")
        #expect(try edit("/a/a/x", [strip, strip]) == "/x")
        #expect(try edit("/a/x", []) == "/a/x")
    }

    @Test(arguments: [
        // What no client may send, put together from what it may: normalised, or refused when it climbs.
        ("x", "", "/a/.x./b", "/b"), ("x", "", "/.x./b", nil), ("^/a", "", "/a/..x/b", "/..x/b"),
        ("x", "/", "/a/..x..", nil),
        ("x", "/", "/a/b/..x..", "/"), ("x", "%2e", "/a/.x/b", "/b"), ("x", "%2f", "/ax", nil),
        ("x", "%5c", "/ax", nil), ("x", "%00", "/ax", nil),
        ("x", "\\", "/ax", nil), ("x", " ", "/ax", nil), ("x", "?q", "/ax", nil), ("x", "#f", "/ax", nil),
        ("x", "é", "/ax", nil),
        ("x", "\r\n", "/ax", nil), ("x", "%", "/ax", nil), ("x", "%4", "/ax1", "/aA"), ("^/", "", "/a", nil),
        ("^.*$", "", "/a", "/"),
        ("^.*$", "http://evil/", "/a", nil), ("x", ".;v", "/a/.x", nil), ("^/a", "", "/a//evil", "//evil"),
        ("x", "%41", "/ax", "/aA"),
    ])
    func `what an expression puts together is normalised or refused`(
        pattern: String, replacement: String, path: String, expected: String?
    ) throws {
        #expect(try edit(path, [.rewritePathRegex(pattern: pattern, replacement: replacement)]) == expected)
    }

    @Test func `a template cannot climb either`() throws {
        let pattern: [PathSegmentDeclaration] = [.capture("a"), .capture("b")]
        #expect(try edit("/./.", [.rewritePathTemplate("/{a}{b}/x")], pattern: pattern) == nil)
        #expect(try edit("/x/..", [.rewritePathTemplate("/s/{b}/t")], pattern: pattern) == "/t")
    }

    @Test func `a path that outgrows its room is refused`() throws {
        let long = "/" + String(repeating: "a", count: 30)
        #expect(try edit(long, [], room: 31) == long)
        #expect(try edit(long, [], room: 30) == nil)
        #expect(try edit(long, [.rewritePathRegex(pattern: "^", replacement: "/b")], room: 32) == nil)
        #expect(try edit(long, [.rewritePathRegex(pattern: "^", replacement: "/b")], room: 33) == "/b" + long)
        #expect(try edit(long, [.rewritePathTemplate("/\(String(repeating: "t", count: 40))")], room: 40) == nil)
        #expect(
            try edit(long, [.rewritePathRegex(pattern: "a", replacement: String(repeating: "$0", count: 40))], room: 40)
                == nil)
    }

    @Test(arguments: [
        (FilterDeclaration.rewritePathTemplate("/{nobody}"), "nobody"),
        (.rewritePathRegex(pattern: "(", replacement: ""), "rewrite-path"),
        (.rewritePathRegex(pattern: "a", replacement: "$1"), "no group '1'"),
        (.rewritePathRegex(pattern: "a", replacement: "${x}"), "no group 'x'"),
        (.rewritePathRegex(pattern: "(a)", replacement: "$2"), "no group '2'"),
        (.rewritePathRegex(pattern: "a", replacement: "${-1}"), "no group '-1'"),
    ])
    func `a filter that does not compile says why`(filter: FilterDeclaration, reason: String) throws {
        var edits = PathEdits()
        let error = #expect(throws: FilterError.self) {
            _ = try edits.add(filter, captures: CaptureNames(MatchDeclaration()))
        }
        #expect(try #require(error).message.contains(reason))
    }

    @Test func `other filters are left to others`() throws {
        var edits = PathEdits()
        let isOne = try edits.add(.requestSize(bytes: 1), captures: CaptureNames(MatchDeclaration()))
        #expect(!isOne)
        #expect(edits.isEmpty)
    }
}
