import HTTPModel
import Testing

@testable import HTTP1

@Suite struct ResponseFramingTests {
    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\n\r\n", 200, "OK", BodyFraming.untilClose),
        ("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", 200, "", .none),
        ("HTTP/1.1 200\r\nContent-Length: 3\r\n\r\n", 200, "", .length(3)),
        ("HTTP/1.0 200 Very well é\r\nContent-Length: 003\r\n\r\n", 200, "Very well é", .length(3)),
        ("HTTP/1.1 404 Not\tFound\r\nTransfer-Encoding: Chunked\r\n\r\n", 404, "Not\tFound", .chunked),
        ("HTTP/1.1 204 No\r\nContent-Length: 3\r\n\r\n", 204, "No", .none),
        ("HTTP/1.1 304 No\r\nTransfer-Encoding: chunked\r\n\r\n", 304, "No", .none),
        ("HTTP/1.1 103 Early\r\nLink: a\r\n\r\n", 103, "Early", .none),
        ("HTTP/1.1 599 x\r\nContent-Length: 1\r\n\r\n", 599, "x", .length(1)),
        ("HTTP/1.2 200 x\r\nContent-Length: 1\r\n\r\n", 200, "x", .length(1)),
        ("HTTP/1.1 200  x \r\n\r\n", 200, " x ", .untilClose),
        ("HTTP/1.1 200 OK\r\nX_Y: kept\r\n\r\n", 200, "OK", .untilClose),
    ])
    func `a valid head is complete at its last byte and never before`(
        string: String, status: Int, reason: String, framing: BodyFraming
    ) {
        expectResponse(string, .complete(headEnd: string.utf8.count))
        let read = ReadResponse(string)
        #expect(read.status == status)
        #expect(read.reason == reason)
        #expect(read.framing == framing)
    }

    @Test(arguments: [
        "\r\nHTTP/1.1 200 OK\r\n\r\n", " HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1\t200 OK\r\n\r\n",
        "HTTP/1.1  200 OK\r\n\r\n", "http/1.1 200 OK\r\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.x 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 2x0 OK\r\n\r\n",
        "HTTP/1.1 000 OK\r\n\r\n", "HTTP/1.1 099 OK\r\n\r\n", "HTTP/1.1 -20 OK\r\n\r\n", "HTTP/1.1 200\tOK\r\n\r\n",
        "HTTP/1.1 200 O\0K\r\n\r\n",
        "HTTP/1.1 200 OK\n\r\n\r\n", "HTTP/1.1 200 O\rK\r\n\r\n", "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
        "HTTP/1.1 200 OK\r\n A: b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\nB: c\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA\r\n\r\n", "HTTP/1.1 200 OK\r\n: b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: \u{7F}\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\r\n\n", "GET / HTTP/1.1\r\n\r\n",
        "SSH-2.0-OpenSSH_9.6\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1000000000000000000\r\n\r\n",
        "HTTP/1.1 204 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 304 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    ])
    func `an answer that is malformed or contradicts itself is refused`(string: String) {
        expectResponse(string, .failed(.badResponse))
    }

    @Test(arguments: ["Content-Length: 3", "Transfer-Encoding: chunked", "X: y"])
    func `an answer to HEAD has no body whatever it announces`(line: String) {
        #expect(ReadResponse("HTTP/1.1 200 OK\r\n\(line)\r\n\r\n", toHead: true).framing == .none)
    }

    @Test(arguments: [
        ("1.1", "", true), ("1.1", "Connection: close\r\n", false), ("1.0", "", false),
        ("1.0", "Connection: Keep-Alive\r\n", true),
        ("1.0", "Connection: keep-alive, close\r\n", false), ("1.1", "Connection: upgrade\r\n", true),
    ])
    func `the origin's connection lives on by its version and options`(version: String, line: String, lives: Bool) {
        #expect(ReadResponse("HTTP/\(version) 200 OK\r\n\(line)\r\n").keepsAlive == lives)
    }

    @Test func `fields the origin names are for this hop, cookies never`() {
        let read = ReadResponse("HTTP/1.1 200 OK\r\nX-A: 1\r\nSet-Cookie: a\r\nConnection: X-A, Set-Cookie\r\n\r\n")
        #expect(read.fields.map(\.known) == [.hopByHop, .setCookie, .connection])
    }

    @Test func `a head has a bounded length and number of lines`() {
        let lines = String(repeating: "A: b\r\n", count: 8)
        let fits = "HTTP/1.1 200 OK\r\n\(lines)\r\n"
        expectResponse(fits, .complete(headEnd: fits.utf8.count))
        expectResponse("HTTP/1.1 200 OK\r\n\(lines)A: b\r\n\r\n", .failed(.badResponse))
        let bytes = Array(fits.utf8)
        #expect(ReadResponse(bytes, headBytesMax: bytes.count).outcome == .complete(headEnd: bytes.count))
        #expect(ReadResponse(bytes, headBytesMax: bytes.count - 1).outcome == .failed(.badResponse))
        #expect(ReadResponse(Array(bytes.dropLast()), headBytesMax: bytes.count - 1).outcome == .failed(.badResponse))
    }
}
