import Filters
import HTTPModel
import Kernel
import Testing

@testable import Forwarding

@Suite struct RequestHeadWriterTests {
    @Test func `a request from a stranger, to the byte`() throws {
        let request = "GET /a?b=c HTTP/1.1\r\nHost: h:1\r\nAccept:x\r\ncookie:  a \r\nCookie: b\r\n\r\n"
        #expect(
            try Forwarded(request).write().head == """
                GET /a?b=c HTTP/1.1\r
                Host: h:1\r
                Accept: x\r
                cookie: a\r
                Cookie: b\r
                X-Forwarded-For: 192.0.2.7\r
                X-Forwarded-Proto: http\r
                X-Forwarded-Host: h:1\r
                X-Forwarded-Port: 8080\r
                Forwarded: for=192.0.2.7;host="h:1";proto=http\r
                X-Request-Id: id\r
                Via: 1.1 martlet\r
                \r\n
                """)
    }

    @Test func `a request from a trusted proxy over IPv6, to the byte`() throws {
        let request = """
            POST http://real/x HTTP/1.1\r
            Host: other\r
            X-Forwarded-For: 1.2.3.4\r
            X-Forwarded-For: 5.6.7.8\r
            X-Forwarded-Proto: https\r
            X-Forwarded-Host: shop\r
            X-Forwarded-Port: 443\r
            Forwarded: for=1.2.3.4\r
            Via: 1.1 other\r
            TE: trailers\r
            Transfer-Encoding: chunked\r
            \r\n
            """
        var forwarded = Forwarded(request, peer: "2001:db8::1", isTrusted: true)
        forwarded.path = "/y"
        #expect(
            try forwarded.write().head == """
                POST /y HTTP/1.1\r
                Host: real\r
                Via: 1.1 other\r
                X-Forwarded-For: 1.2.3.4, 5.6.7.8, 2001:db8::1\r
                X-Forwarded-Proto: https\r
                X-Forwarded-Host: shop\r
                X-Forwarded-Port: 443\r
                Forwarded: for=1.2.3.4, for="[2001:db8::1]";host="real";proto=http\r
                X-Request-Id: id\r
                Via: 1.1 martlet\r
                TE: trailers\r
                Connection: TE\r
                Transfer-Encoding: chunked\r
                \r\n
                """)
    }

    @Test(arguments: [
        "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port", "Forwarded", "X-Request-Id",
    ])
    func `what a stranger says about the way it came is never passed on`(name: String) throws {
        for spelling in [name, name.lowercased(), name.uppercased(), name.replacing("-", with: "_")] {
            let request = "GET / HTTP/1.1\r\nHost: h\r\n\(spelling): evil\r\n\(spelling): evil\r\n\r\n"
            #expect(try !Forwarded(request).write().head.contains("evil"))
            let named = "GET / HTTP/1.1\r\nHost: h\r\nConnection: \(name)\r\n\(name): evil\r\n\r\n"
            #expect(try Forwarded(named).values(name).count == 1)
            #expect(try !Forwarded(named).write().head.contains("evil"))
        }
    }

    @Test func `two different claims of a trusted proxy are replaced by what we know`() throws {
        let lines = "X-Forwarded-Proto: https\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host:\r\n"
        let forwarded = Forwarded("GET / HTTP/1.1\r\nHost: h\r\n\(lines)\r\n", isTrusted: true)
        #expect(try forwarded.values("X-Forwarded-Proto") == ["http"])
        #expect(try forwarded.values("X-Forwarded-Host") == ["h"])
    }

    @Test(arguments: [
        "Connection: keep-alive", "Keep-Alive: timeout=5", "Proxy-Connection: keep-alive", "Upgrade: websocket",
        "TE: gzip",
        "Proxy-Authorization: Basic eA==", "X-Hop: a\r\nConnection: x-hop", "Trailer: X-Sum", "Expect: 100-continue",
    ])
    func `what is meant for this hop ends here`(lines: String) throws {
        let name = String(try #require(lines.split(separator: ":").first))
        #expect(try Forwarded("GET / HTTP/1.1\r\nHost: h\r\n\(lines)\r\n\r\n").values(name).isEmpty)
    }

    @Test func `no connection option disarms the origin's checks`() throws {
        let lines = "Authorization: secret\r\nCookie: c\r\nConnection: close, Authorization, Cookie, Host, Via\r\n"
        let forwarded = Forwarded("GET / HTTP/1.1\r\nHost: h\r\n\(lines)\r\n")
        #expect(try forwarded.values("Authorization") == ["secret"])
        #expect(try forwarded.values("Cookie") == ["c"])
        #expect(try forwarded.values("Host") == ["h"])
        #expect(try forwarded.values("Connection").isEmpty)
    }

    @Test(arguments: [
        ("POST", "Content-Length: 0\r\n", ["Content-Length: 0"]), ("PUT", "", ["Content-Length: 0"]),
        ("PATCH", "", ["Content-Length: 0"]),
        ("GET", "", []), ("DELETE", "Content-Length: 0\r\n", []),
        ("GET", "Content-Length: 007\r\n", ["Content-Length: 7"]),
        ("QUERY", "transfer-encoding:CHUNKED\r\n", ["Transfer-Encoding: chunked"]),
        ("POST", "Content_Length: 9\r\nContent-Length: 3\r\n", ["Content-Length: 3"]),
    ])
    func `framing is written anew, once`(method: String, lines: String, framing: [String]) throws {
        let written = try Forwarded("\(method) / HTTP/1.1\r\nHost: h\r\n\(lines)\r\n").lines()
        let found = written.filter {
            let line = $0.lowercased()
            return line.contains("content-length") || line.contains("content_length")
                || line.contains("transfer-encoding")
        }
        #expect(found == framing)
    }

    @Test func `trailers and expectations are announced when there is a body for them`() throws {
        let lines = "Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\nExpect: 100-continue\r\n"
        let forwarded = Forwarded("POST / HTTP/1.1\r\nHost: h\r\n\(lines)\r\n")
        #expect(try forwarded.values("Trailer") == ["X-Sum"])
        #expect(try forwarded.values("Expect") == ["100-continue"])
        #expect(try forwarded.values("TE").isEmpty)
    }

    @Test func `a request of HTTP 1.0 becomes one of 1.1, and says so`() throws {
        let head = try Forwarded("GET / HTTP/1.0\r\n\r\n").write().head
        #expect(head.hasPrefix("GET / HTTP/1.1\r\nHost: \r\nX-Forwarded-For: 192.0.2.7\r\n"))
        #expect(head.contains("\r\nVia: 1.0 martlet\r\n"))
        #expect(!head.contains("X-Forwarded-Host"))
        #expect(head.contains("\r\nForwarded: for=192.0.2.7;proto=http\r\n"))
    }

    @Test(arguments: [
        "Host", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port", "Forwarded",
        "X-Request-Id", "Via",
    ])
    func `an edit decides alone over a field that the gateway writes`(name: String) throws {
        var forwarded = Forwarded("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        forwarded.edits.set(name, to: "mine")
        #expect(try forwarded.values(name) == ["mine"])
        forwarded.edits.remove(name)
        #expect(try forwarded.values(name).isEmpty)
    }

    @Test func `a question mark without a query is passed on`() throws {
        #expect(try Forwarded("GET /? HTTP/1.1\r\nHost: h\r\n\r\n").write().head.hasPrefix("GET /? HTTP/1.1\r\n"))
    }
}

@Suite struct RequestHeadBoundTests {
    @Test func `a thousand lines without a space behind the colon stay within the bound`() throws {
        for count in [1, 100, 600, 999] {
            let (head, bytesMax) = try Forwarded(
                "GET / HTTP/1.1\r\nHost:h\r\n\(String(repeating: "a:\r\n", count: count - 1))\r\n"
            ).write()
            #expect(head.utf8.count <= bytesMax, "\(count) lines")
        }
    }

    @Test func `the bound counts a long target once, so that the largest head fits its buffer`() throws {
        let target = "/" + String(repeating: "p", count: 32_000) + "?" + String(repeating: "q", count: 32_000)
        let (head, bytesMax) = try Forwarded("GET \(target) HTTP/1.1\r\nHost: h\r\n\r\n").write()
        #expect(head.utf8.count <= bytesMax)
        #expect(bytesMax <= 65_536 + 2_048)
    }

    @Test func `random heads never exceed the bound`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = FastRandom(seed: seed)
        let names = [
            "A", "X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "X-Request-Id", "Via", "Cookie",
            "X-Forwarded-Host", "TE",
        ]
        for _ in 0..<2_000 {
            let host = String(repeating: "h", count: 1 + random.below(250))
            var lines = ""
            for _ in 0..<random.below(40) {
                let value = String(repeating: "v", count: random.below(random.below(50) + 1))
                lines += "\(names[random.below(names.count)]):\(random.below(2) == 0 ? "trailers" : value)\r\n"
            }
            switch random.below(4) {
            case 0: lines += "Content-Length:\(random.next() >> 5)\r\n"
            case 1: lines += "Transfer-Encoding:chunked\r\n"
            default: break
            }
            let target =
                random.below(2) == 0 ? "/p?q" : "http://\(host)/?\(String(repeating: "q", count: random.below(99)))"
            let request =
                "\(random.below(2) == 0 ? "G" : "POST") \(target) HTTP/1.1\r\nHost:\(random.below(2) == 0 ? "x" : host)\r\n\(lines)\r\n"
            var forwarded = Forwarded(
                request, peer: random.below(2) == 0 ? "1.2.3.4" : "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff0")
            forwarded.isTrusted = random.below(2) == 0
            forwarded.requestID = String(repeating: "i", count: 1 + random.below(128))
            forwarded.path = "/" + String(repeating: "p", count: random.below(300))
            for index in 0..<random.below(4) {
                forwarded.edits.set("N\(index)", to: String(repeating: "v", count: random.below(99)))
            }
            let (head, bytesMax) = try forwarded.write()
            try #require(head.utf8.count <= bytesMax, "seed \(seed): \(request)")
        }
    }
}
