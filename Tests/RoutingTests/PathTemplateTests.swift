import Declarations
import Routing
import Testing

@Suite struct PathTemplateTests {
    private func write(
        _ source: String, _ use: PathTemplate.Use, route pattern: String, _ path: String, host: String = "h.io"
    ) throws -> String {
        let declaration = route("r", pattern)
        let template = try PathTemplate(source, use: use, captures: CaptureNames(declaration.match))
        let probe = try Probe([declaration])
        #expect(probe.match("GET", host, path) == .route("r"))
        return probe.write(template, host: host)
    }

    @Test(arguments: [
        ("/v2/items/{id}", "/items/{id}", "/items/4%20", "/v2/items/4%20"), ("/x/{**}", "/a/**", "/a/b/c", "/x/b/c"),
        ("/x/{**}", "/a/**", "/a", "/x/"), ("/{b}-{a}", "/{a}/{b}", "/1/2", "/2-1"), ("/fixed", "/**", "/a", "/fixed"),
        ("/q/{id}.json", "~/a/(?<id>[0-9]+)", "/a/7", "/q/7.json"),
    ])
    func `a path is put together from captures`(template: String, pattern: String, path: String, expected: String)
        throws
    {
        #expect(try write(template, .path, route: pattern, path) == expected)
    }

    @Test(arguments: [
        ("https://example.com{path}", "/**", "/a/b", "https://example.com/a/b"),
        ("https://{host}/new/{id}", "/{id}", "/7", "https://h.io/new/7"),
        ("/new/{id}?x=1#f", "/{id}", "/7", "/new/7?x=1#f"),
        ("{path}/", "/**", "/a", "/a/"), ("https://e.io/{**}", "/o/**", "/o//x", "https://e.io//x"),
    ])
    func `a location may name path and host`(template: String, pattern: String, path: String, expected: String) throws {
        #expect(try write(template, .location, route: pattern, path) == expected)
    }

    @Test func `a location of this host never turns into another host`() throws {
        #expect(try write("/{**}", .location, route: "/old/**", "/old//evil.io/x") == "/evil.io/x")
        #expect(try write("/{**}", .location, route: "/old/**", "/old////evil.io") == "/evil.io")
        #expect(try write("{path}", .location, route: "/**", "//evil.io/x") == "/evil.io/x")
        #expect(try write("{path}{path}", .location, route: "/**", "///") == "/")
        #expect(try write("{path}/new", .location, route: "/**", "/") == "/new")
        #expect(try write("//cdn.io{path}", .location, route: "/**", "/a") == "//cdn.io/a")
        #expect(try write("/{path}", .location, route: "/**", "//evil.io") == "/evil.io")
    }

    @Test func `control characters are left out whatever the caller brings`() throws {
        let declaration = route("r", "/**")
        let template = try PathTemplate("https://{host}/", use: .location, captures: CaptureNames(declaration.match))
        let probe = try Probe([declaration])
        _ = probe.match("GET", "h", "/")
        #expect(probe.write(template, host: "a\r\nX: y") == "https://aX:y/")
    }

    @Test(arguments: [
        ("x", PathTemplate.Use.path, "/{id}", PathTemplateError.Reason.notAbsolute, 0),
        ("", .path, "/{id}", .notAbsolute, 0),
        ("/{id", .path, "/{id}", .unclosedBrace, 1), ("/a}", .path, "/{id}", .strayBrace, 2),
        ("/{no}", .path, "/{id}", .unknownCapture("no", known: ["id"]), 1), ("/{**}", .path, "/{id}", .noTail, 1),
        ("/{host}", .path, "/{id}", .unknownCapture("host", known: ["id"]), 1),
        ("/a b", .path, "/{id}", .forbiddenCharacter, 2),
        ("/a\r", .location, "/{id}", .forbiddenCharacter, 2), ("/a?b", .path, "/{id}", .forbiddenCharacter, 2),
        ("/%4", .path, "/{id}", .badPercentEncoding, 1), ("/a/../b", .path, "/{id}", .notNormal, 0),
        ("https://{id}/", .location, "/{id}", .captureInHost("id"), 8),
        ("https://e.io{id}", .location, "/{id}", .captureInHost("id"), 12),
        ("{id}", .location, "/{id}", .captureInHost("id"), 0),
        ("//e.io{id}", .location, "/{id}", .captureInHost("id"), 6),
    ])
    func `faults are told with their place`(
        source: String, use: PathTemplate.Use, pattern: String, reason: PathTemplateError.Reason, offset: Int
    ) {
        let captures = CaptureNames(route("r", pattern).match)
        let error = #expect(throws: PathTemplateError.self) { try PathTemplate(source, use: use, captures: captures) }
        #expect(error?.reason == reason)
        #expect(error?.offset == offset)
    }

    @Test func `only what every path captures may be used`() {
        let names = CaptureNames(route("r", "/a/{x}/{y}/**", "/b/{y}").match)
        #expect(names.names == ["x", "y"])
        #expect(names.everywhere == ["y"])
        #expect(!names.hasTail)
        #expect(CaptureNames(MatchDeclaration()).hasTail)
    }
}
