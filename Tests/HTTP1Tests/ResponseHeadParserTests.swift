import HTTPModel
import Testing

@testable import HTTP1

private func parse(_ text: String, toHead: Bool = false) -> (HeadOutcome, Int, BodyFraming, Bool) {
    var head = ResponseHead(fieldLimit: 8)
    let bytes = Array(text.utf8)
    let outcome = ResponseHeadParser.parse(bytes.span, into: &head, toHead: toHead, headBytesMax: 4_096)
    return (outcome, head.status, head.framing, head.keepsAlive)
}

struct ResponseHeadParserTests {
    static let accepted: [(String, Int, BodyFraming)] = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", 200, .length(3)),
        ("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", 200, .none),
        ("HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n", 200, .chunked),
        ("HTTP/1.0 200 OK\r\n\r\n", 200, .untilClose),
        ("HTTP/1.1 204 No Content\r\n\r\n", 204, .none),
        ("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 304, .none),
        ("HTTP/1.1 100 Continue\r\n\r\n", 100, .none),
    ]
    static let refused = [
        "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 600 OK\r\n\r\n", "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1 200 OK\n\n ",
        "ICY 200 OK\r\n\r\n", "HTTP/1.1  200 OK\r\n\r\n", "HTTP/1.1 200 O\u{0}K\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA b\r\n\r\n",
    ]

    @Test(arguments: accepted)
    func `a valid head tells status and framing, at its last byte and never before`(
        _ text: String, _ status: Int, _ framing: BodyFraming
    ) {
        for length in 0..<text.utf8.count {
            #expect(parse(String(text.prefix(length))).0 == .incomplete || text.contains("\r\n"))
        }
        let result = parse(text)
        #expect(result.0 == .complete(headEnd: text.utf8.count))
        #expect(result.1 == status)
        #expect(result.2 == framing)
    }

    @Test(arguments: refused)
    func `an answer that contradicts itself or the grammar is refused`(_ text: String) {
        #expect(parse(text).0 == .failed(.badResponse))
    }

    @Test func `an answer to HEAD has no body, whatever it announces`() {
        #expect(parse("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", toHead: true).2 == .none)
    }
}
