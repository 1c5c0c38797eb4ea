import HTTPModel
import Testing

@testable import HTTP1

/// The classes of attack that live on two readers of one message: framing, line ends, field syntax.
@Suite struct RequestFramingTests {
    private static func post(_ lines: String, version: String = "1.1") -> String {
        "POST / HTTP/\(version)\r\nHost: h\r\n\(lines)\r\n"
    }

    @Test(arguments: [
        ("", BodyFraming.none), ("Content-Length: 0\r\n", .none), ("Content-Length: 5\r\n", .length(5)),
        ("content-length:\t5 \t\r\n", .length(5)), ("CONTENT-LENGTH: 007\r\n", .length(7)),
        ("Content-Length: 999999999999999999\r\n", .length(999_999_999_999_999_999)),
        ("Transfer-Encoding: chunked\r\n", .chunked), ("transfer-encoding: ChunkeD\r\n", .chunked),
        ("Transfer-Encoding:chunked \t\r\n", .chunked), ("Transfer-Encoding: , chunked,,\r\n", .chunked),
        ("Content_Length: 9\r\nContent-Length: 5\r\n", .length(5)), ("Transfer_Encoding: chunked\r\n", .none),
        ("X-Content-Length: 7\r\n", .none),
    ])
    func `a body ends where exactly one rule says`(lines: String, framing: BodyFraming) {
        let string = Self.post(lines)
        expectRequest(string, .complete(headEnd: string.utf8.count))
        #expect(ReadRequest(string).framing == framing)
    }

    @Test(arguments: [
        "Content-Length: 5\r\nContent-Length: 5\r\n", "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5,5\r\n",
        "Content-Length: 5, 5\r\n", "Content-Length: +5\r\n", "Content-Length: -5\r\n", "Content-Length: 5.0\r\n",
        "Content-Length: 5e0\r\n", "Content-Length: 0x5\r\n", "Content-Length: 5 5\r\n", "Content-Length: \r\n",
        "Content-Length: a\r\n", "Content-Length: 5;\r\n", "Content-Length: \"5\"\r\n", "Content-Length: ٥\r\n",
        "Content-Length: 1000000000000000000\r\n", "Content-Length: 18446744073709551621\r\n",
        "Content-Length: 1_0\r\n",
        "Content-Length: 0\r\nContent-Length: 0\r\n", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", "Content-Length: 0\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding: identity\r\n", "Transfer-Encoding: gzip\r\n", "Transfer-Encoding: chunked, gzip\r\n",
        "Transfer-Encoding: chunked, identity\r\n", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: xchunked\r\n", "Transfer-Encoding: chunkedx\r\n", "Transfer-Encoding: chunked;q=0\r\n",
        "Transfer-Encoding: \"chunked\"\r\n", "Transfer-Encoding: chunked chunked\r\n", "Transfer-Encoding:\r\n",
        "Transfer-Encoding: ,\r\n", "Transfer-Encoding: chunked\r\nTransfer-Encoding:\r\n",
        "Transfer-Encoding: x\u{00A0}chunked\r\n",
    ])
    func `a body whose end is in doubt is refused`(lines: String) {
        expectRequest(Self.post(lines), .failed(.badRequest))
    }

    @Test(arguments: ["gzip, chunked", "identity, chunked", "gzip\r\nTransfer-Encoding: chunked", "x;a=b, chunked"])
    func `other codings below chunked are not spoken`(value: String) {
        expectRequest(Self.post("Transfer-Encoding: \(value)\r\n"), .failed(.notImplemented))
    }

    @Test(arguments: ["chunked", "gzip", "identity", "gzip, chunked"])
    func `HTTP 1.0 knows no transfer coding`(value: String) {
        expectRequest(Self.post("Transfer-Encoding: \(value)\r\n", version: "1.0"), .failed(.badRequest))
    }

    @Test(arguments: [
        "A : b\r\n", "A\t: b\r\n", " A: b\r\n", "\tA: b\r\n", "A: b\r\n c\r\n", "A: b\r\n\tc\r\n", "A: b\nB: c\r\n",
        "A: b\r\rB: c\r\n",
        "A: b\rB: c\r\n", "A: b\0\r\n", "A: \u{01}\r\n", "A: \u{1F}\r\n", "A: \u{7F}\r\n", "A: b\u{0B}c\r\n",
        "A: b\u{0C}c\r\n", "A\r\n", "A b\r\n",
        ": b\r\n", "A\0: b\r\n", "A(: b\r\n", "A/: b\r\n", "A@: b\r\n", "A\"B: c\r\n", "É: b\r\n", "A: b\r\n: c\r\n",
        "\n", "A: b\n\r\n",
        "Content-Length : 5\r\n", "Transfer-Encoding\t: chunked\r\n", "Transfer-Encoding\r\n : chunked\r\n",
        "Transfer-Encoding: \u{0B}chunked\r\n", "Host\r\n", "Transfer-Encoding:\r\n chunked\r\n", "A: b\r\n\n",
    ])
    func `a line that two readers may read differently is refused`(lines: String) {
        expectRequest(Self.post(lines), .failed(.badRequest))
    }

    @Test(arguments: [
        "POST  / HTTP/1.1", "POST /  HTTP/1.1", " POST / HTTP/1.1", "POST\t/ HTTP/1.1", "POST / HTTP/1.1 ",
        "POST / HTTP/1.1\t", "POST / http/1.1",
        "POST / HTTP/1", "POST / HTTP/11", "POST / HTTP/1.1.", "POST / HTTP/1,1", "POST / HTTPS/1.1", "POST /", "POST",
        "/ HTTP/1.1", "P(ST / HTTP/1.1",
        "POST /\u{01} HTTP/1.1", "POST /\u{7F} HTTP/1.1", "POST /é HTTP/1.1", "POST / HTTP/x.1", "POST / HTTP/1.x",
        "POST /a b HTTP/1.1",
        "POST /\tHTTP/1.1", "PO\0ST / HTTP/1.1", "POST / HTTP/1.1\r", "POST / HTTP/01.1", "POST / HTTP/1.01",
        "POST / HTTP/+1.1",
    ])
    func `a malformed request line is refused`(line: String) {
        expectRequest("\(line)\r\nHost: h\r\n\r\n", .failed(.badRequest))
    }

    @Test(arguments: ["0.9", "1.2", "1.9", "2.0", "3.0", "0.0", "9.9"])
    func `other versions are told so`(version: String) {
        expectRequest("GET / HTTP/\(version)\r\nHost: h\r\n\r\n", .failed(.versionNotSupported))
    }

    @Test func `lines end in CRLF and in nothing else`() {
        expectRequest("GET / HTTP/1.1\nHost: h\n\n", .failed(.badRequest))
        expectRequest("GET / HTTP/1.1\r\nHost: h\n\r\n", .failed(.badRequest))
        expectRequest("GET / HTTP/1.1\r\nHost: h\r\n\n", .failed(.badRequest))
        expectRequest("GET / HTTP/1.1\r\nHost: h\r\n\rX", .failed(.badRequest))
        expectRequest("\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", .failed(.badRequest))
    }

    @Test(arguments: 0...2)
    func `up to two empty lines before a request are forgiven`(count: Int) {
        let string = String(repeating: "\r\n", count: count) + "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
        expectRequest(string, .complete(headEnd: string.utf8.count))
    }

    @Test(arguments: ["\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", "\rGET / HTTP/1.1\r\n", "\r\n\rG", "\r\r\n"])
    func `more of them, or half ones, are not`(string: String) {
        expectRequest(string, .failed(.badRequest))
    }
}
