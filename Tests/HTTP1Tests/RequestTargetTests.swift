import HTTPModel
import Testing

@testable import HTTP1

@Suite struct RequestTargetTests {
    struct Target: Sendable, CustomTestStringConvertible {
        var line: String
        var form: TargetForm
        var path: String
        var query: String?
        var authority: String
        var host: String
        var testDescription: String { line }

        init(_ line: String, _ form: TargetForm, _ path: String, _ query: String?, _ authority: String, _ host: String)
        {
            self.line = line
            self.form = form
            self.path = path
            self.query = query
            self.authority = authority
            self.host = host
        }
    }

    static let targets: [Target] = [
        Target("GET /", .origin, "/", nil, "h:1", "h"),
        Target("GET /a/b;c?d=e&f", .origin, "/a/b;c", "d=e&f", "h:1", "h"),
        Target("GET /?", .origin, "/", "", "h:1", "h"), Target("GET //a", .origin, "//a", nil, "h:1", "h"),
        Target("GET /a?b?c", .origin, "/a", "b?c", "h:1", "h"), Target("OPTIONS *", .asterisk, "", nil, "h:1", "h"),
        Target("GET http://x/a?b", .absoluteHTTP, "/a", "b", "x", "x"),
        Target("GET HTTP://X.Y:80", .absoluteHTTP, "", nil, "X.Y:80", "X.Y"),
        Target("GET http://x?b", .absoluteHTTP, "", "b", "x", "x"),
        Target("GET https://x/", .absoluteHTTPS, "/", nil, "x", "x"),
        Target("GET ftp+a.b-c://x/", .absoluteOther, "/", nil, "x", "x"),
        Target("GET http://[::1]:8/", .absoluteHTTP, "/", nil, "[::1]:8", "[::1]"),
        Target("OPTIONS http://x", .absoluteHTTP, "", nil, "x", "x"),
    ]

    @Test(arguments: targets)
    func `a target is split, and the absolute form wins over Host`(target: Target) {
        let string = "\(target.line) HTTP/1.1\r\nHost: h:1\r\n\r\n"
        expectRequest(string, .complete(headEnd: string.utf8.count))
        let read = ReadRequest(string)
        #expect(read.form == target.form)
        #expect(read.path == target.path)
        #expect(read.query == target.query)
        #expect(read.authority == target.authority)
        #expect(read.host == target.host)
    }

    @Test(arguments: [
        "GET x", "GET *", "POST *", "OPTIONS **", "GET x/y", "GET :80", "GET http:/x", "GET http:x", "GET http:///x",
        "GET http://", "GET ://x/", "GET 1http://x/", "GET ht*tp://x/", "GET http://u@x/", "GET http://u:p@x/",
        "GET http://x:y/",
        "GET http://x\\y/", "GET http://x#y/", "GET http://[::1/", "GET http://[x]/", "GET http://[::1]x/",
        "GET http://x:65536/",
        "GET http://x:123456/", "GET http://a[::1]/", "GET http://]/", "GET h", "GET http", "GET a:b",
    ])
    func `what is no target of HTTP is refused`(line: String) {
        expectRequest("\(line) HTTP/1.1\r\nHost: h\r\n\r\n", .failed(.badRequest))
    }

    @Test(arguments: ["CONNECT h:443", "CONNECT /", "CONNECT http://h/"])
    func `nobody tunnels through here`(line: String) {
        expectRequest("\(line) HTTP/1.1\r\nHost: h\r\n\r\n", .failed(.notImplemented))
    }

    @Test(arguments: [
        ("a", "a"), ("A.Example", "A.Example"), ("a:", "a"), ("a:0", "a"), ("a:65535", "a"), ("a:00080", "a"),
        ("1.2.3.4:5", "1.2.3.4"),
        ("[::1]", "[::1]"), ("[::1]:", "[::1]"), ("[::ffff:1.2.3.4]:8080", "[::ffff:1.2.3.4]"), ("a%2Db", "a%2Db"),
        ("x!$&'()*+,;=~-_", "x!$&'()*+,;=~-_"),
    ])
    func `host and port`(authority: String, host: String) {
        let string = "GET / HTTP/1.1\r\nHost: \(authority)\r\n\r\n"
        expectRequest(string, .complete(headEnd: string.utf8.count))
        #expect(ReadRequest(string).host == host)
        #expect(ReadRequest(string).authority == authority)
    }

    @Test(arguments: [
        "", ":80", "a b", "a\tb", "a/b", "a?b", "a#b", "u@a", "u:p@a", "a:b", "a:-1", "a:+1", "a:65536", "a:000080",
        "a:1:2", "::1", "[::1",
        "::1]", "[]", "[:]", "[::1]80", "[::g]", "[::1%25eth0]", "a%", "a%2", "a%zz", "a\"b", "a\\b", "a<b", "a,b/",
        "é", "a|b", "[v1.x]",
    ])
    func `a host that could be read in two ways is refused`(authority: String) {
        expectRequest("GET / HTTP/1.1\r\nHost: \(authority)\r\n\r\n", .failed(.badRequest))
    }

    @Test func `an authority has a bounded length`() {
        let longest = String(repeating: "a", count: 260)
        let fits = "GET / HTTP/1.1\r\nHost: \(longest)\r\n\r\n"
        expectRequest(fits, .complete(headEnd: fits.utf8.count))
        expectRequest("GET / HTTP/1.1\r\nHost: \(longest)a\r\n\r\n", .failed(.badRequest))
    }

    @Test func `the Host of an absolute request may be anything once, and is not used`() {
        let read = ReadRequest("GET http://real/ HTTP/1.1\r\nHost: other\r\n\r\n")
        #expect(read.host == "real")
        expectRequest("GET http://a/ HTTP/1.1\r\n\r\n", .failed(.badRequest))
        expectRequest("GET http://a/ HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", .failed(.badRequest))
    }

    @Test func `HTTP 1.0 does without a host`() {
        let read = ReadRequest("GET / HTTP/1.0\r\n\r\n")
        #expect(read.outcome == .complete(headEnd: 18))
        #expect(read.host.isEmpty && read.authority.isEmpty)
        #expect(ReadRequest("GET / HTTP/1.0\r\nHost: a/b\r\n\r\n").outcome == .failed(.badRequest))
        #expect(ReadRequest("GET http://b:1/ HTTP/1.0\r\n\r\n").host == "b")
    }
}
