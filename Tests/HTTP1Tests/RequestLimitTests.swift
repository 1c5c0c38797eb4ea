import HTTPModel
import Testing

@testable import HTTP1

@Suite struct RequestLimitTests {
    @Test func `a target may be as long as its limit and no longer`() {
        let longest = "/" + String(repeating: "a", count: HeadLimits.forTests.targetBytes - 1)
        let fits = "GET \(longest) HTTP/1.1\r\nHost: h\r\n\r\n"
        expectRequest(fits, .complete(headEnd: fits.utf8.count))
        expectRequest("GET \(longest)a HTTP/1.1\r\nHost: h\r\n\r\n", .failed(.targetTooLong))
        expectRequest("GET \(longest)a", .failed(.targetTooLong))
    }

    @Test func `a method may have 32 octets`() {
        let longest = String(repeating: "M", count: 32)
        let fits = "\(longest) / HTTP/1.1\r\nHost: h\r\n\r\n"
        expectRequest(fits, .complete(headEnd: fits.utf8.count))
        #expect(ReadRequest(fits).method == .extension)
        expectRequest("\(longest)M / HTTP/1.1\r\nHost: h\r\n\r\n", .failed(.notImplemented))
    }

    @Test func `there may be as many lines as the limit, dropped ones included`() {
        let limit = HeadLimits.forTests.fields
        for name in ["A", "A_B"] {
            let lines = String(repeating: "\(name): b\r\n", count: limit - 1)
            let fits = "GET / HTTP/1.1\r\nHost: h\r\n\(lines)\r\n"
            expectRequest(fits, .complete(headEnd: fits.utf8.count))
            expectRequest("GET / HTTP/1.1\r\nHost: h\r\n\(lines)\(name): b\r\n\r\n", .failed(.headTooLarge))
        }
    }

    @Test func `a head may have as many octets as its limit, empty line included`() {
        let limit = 128
        let limits = HeadLimits(headBytes: limit, targetBytes: 64, fields: 8)
        let frame = "GET / HTTP/1.1\r\nHost: h\r\nA: \r\n\r\n".utf8.count
        for (extra, outcome) in [(0, HeadOutcome.complete(headEnd: limit)), (1, .failed(.headTooLarge))] {
            let value = String(repeating: "v", count: limit - frame + extra)
            expectRequest("GET / HTTP/1.1\r\nHost: h\r\nA: \(value)\r\n\r\n", outcome, limits: limits)
        }
        expectRequest(String(repeating: "A", count: 30), .incomplete, limits: limits)
        expectRequest(
            "GET / HTTP/1.1\r\nA:" + String(repeating: " ", count: 200), .failed(.headTooLarge), limits: limits)
    }
}

@Suite struct RequestConnectionTests {
    private func read(_ lines: String, version: String = "1.1") -> ReadRequest {
        ReadRequest("GET / HTTP/\(version)\r\nHost: h\r\n\(lines)\r\n")
    }

    @Test(arguments: [
        ("", true, false), ("Connection: close\r\n", false, false), ("Connection: CLOSE\r\n", false, false),
        ("Connection: keep-alive\r\n", true, true), ("Connection: keep-alive, close\r\n", false, false),
        ("Connection: close\r\nConnection: keep-alive\r\n", false, false),
        ("Connection: x, Keep-Alive ,y\r\n", true, true),
        ("Connection: closed\r\n", true, false), ("Connection: \"close\"\r\n", true, false),
        ("Connection:\r\n", true, false),
    ])
    func `a connection lives on by its version and options, and close always wins`(
        lines: String, in11: Bool, in10: Bool
    ) {
        #expect(read(lines).keepsAlive == in11)
        #expect(read(lines, version: "1.0").keepsAlive == in10)
    }

    @Test func `options other than close and keep-alive are collected, without white space and empty ones`() {
        #expect(read("Connection: a ,, b\r\nConnection: close,\tC\r\n").connectionTokens == ["a", "b", "C"])
    }

    @Test func `more options than anyone uses are refused`() {
        let sixteen = (0..<16).map { "t\($0)" }.joined(separator: ", ")
        #expect(read("Connection: \(sixteen)\r\n").connectionTokens.count == 16)
        #expect(read("Connection: \(sixteen), t\r\n").outcome == .failed(.badRequest))
        #expect(read("Connection: \(sixteen)\r\nConnection: t\r\n").outcome == .failed(.badRequest))
    }

    @Test func `a named field is for this hop, before or behind, in any case`() {
        let read = read("X-A: 1\r\nConnection: x-a, Server\r\nx-A: 2\r\nX-Ab: 3\r\nServer: s\r\n")
        #expect(read.fields.filter { $0.known == .hopByHop }.map(\.value) == ["1", "2", "s"])
    }

    @Test(arguments: KnownField.allCases)
    func `what the gateway or the origin relies on cannot be named away`(field: KnownField) {
        let removable: Set<KnownField> = [.other, .hopByHop, .contentEncoding, .maxForwards, .server]
        guard !removable.contains(field),
            ![.host, .connection, .contentLength, .transferEncoding, .expect].contains(field)
        else {
            return
        }
        let read = read("Connection: \(field.name)\r\n\(field.name): v\r\n")
        #expect(read.fields.map(\.known) == [.host, .connection, field])
    }

    @Test func `Host and Content-Length stay although they are named`() {
        let read = read("Connection: Host, Content-Length\r\nContent-Length: 4\r\n")
        #expect(read.fields.map(\.known) == [.host, .connection, .contentLength])
        #expect(read.framing == .length(4))
        #expect(read.host == "h")
    }

    @Test(arguments: [
        ("TE: trailers\r\n", true), ("TE: gzip, Trailers\r\n", true), ("TE: trailers;q=1\r\n", false),
        ("TE: gzip\r\n", false),
        ("TE: x\r\nTE: trailers\r\n", true), ("TE:\r\n", false), ("", false),
    ])
    func `trailers are welcome when the client says so`(lines: String, welcome: Bool) {
        #expect(read(lines).acceptsTrailers == welcome)
    }

    @Test func `the one expectation is continue, with a body to wait for`() {
        #expect(read("Expect: 100-Continue\r\nContent-Length: 1\r\n").expectsContinue)
        #expect(read("Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n").expectsContinue)
        #expect(!read("Expect: 100-continue\r\nContent-Length: 0\r\n").expectsContinue)
        #expect(!read("Expect: 100-continue\r\nContent-Length: 1\r\n", version: "1.0").expectsContinue)
        for value in ["", "x", "100-continue, x", "100-continue;a", "100"] {
            #expect(read("Expect: \(value)\r\n").outcome == .failed(.expectationFailed))
            #expect(read("Expect: \(value)\r\nExpect: 100-continue\r\n").outcome == .failed(.expectationFailed))
        }
        #expect(read("Expect: x\r\n", version: "1.0").outcome == .complete(headEnd: 38))
    }

    @Test func `values lose the white space around them and nothing else`() {
        let read = read("A: \t b c\t \r\nB:\r\nC:x\r\nD:  \"q, \\\"\"\r\nE: é\r\n")
        #expect(read.fields.dropFirst().map(\.value) == ["b c", "", "x", "\"q, \\\"\"", "é"])
    }
}
