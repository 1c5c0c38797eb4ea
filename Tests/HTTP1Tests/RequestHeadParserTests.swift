import HTTPModel
import Testing

@testable import HTTP1

/// A head and what must come of it.
struct HeadCase: CustomTestStringConvertible, Sendable {
    let bytes: [UInt8]
    let error: GatewayError?
    let framing: BodyFraming
    var testDescription: String { String(decoding: bytes.prefix(90), as: UTF8.self).debugDescription }

    static func accepted(_ text: String, _ framing: BodyFraming = .none) -> HeadCase {
        HeadCase(bytes: Array(text.utf8), error: nil, framing: framing)
    }

    static func refused(_ text: String, _ error: GatewayError = .badRequest) -> HeadCase {
        HeadCase(bytes: Array(text.utf8), error: error, framing: .none)
    }
}

private let limits = HeadLimits(headBytes: 4_096, targetBytes: 256, fields: 8)

private func parse(_ bytes: [UInt8]) -> (outcome: HeadOutcome, framing: BodyFraming, keepsAlive: Bool) {
    var head = RequestHead(fieldLimit: limits.fields)
    let outcome = RequestHeadParser.parse(bytes.span, into: &head, limits: limits)
    return (outcome, head.framing, head.keepsAlive)
}

private func get(_ lines: String) -> String { "GET /x HTTP/1.1\r\nHost: a\r\n\(lines)\r\n" }

struct RequestHeadParserTests {
    static let accepted: [HeadCase] = [
        .accepted(get("")), .accepted(get("A: b\r\n")), .accepted(get("A:b\r\n")), .accepted(get("A: \t b \t\r\n")),
        .accepted("\r\n\r\n" + get("")), .accepted("GET / HTTP/1.0\r\n\r\n"),
        .accepted("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"),
        .accepted("GET http://b:80/x?y HTTP/1.1\r\nHost: a\r\n\r\n"),
        .accepted("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n", .length(5)),
        .accepted("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"),
        .accepted("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: CHUNKED\r\n\r\n", .chunked),
        .accepted("GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n"), .accepted("GET / HTTP/1.1\r\nHost: a:\r\n\r\n"),
    ]

    static let refused: [HeadCase] = [
        .refused("GET /x HTTP/1.1\r\n\r\n"), .refused(get("Host: a\r\n")), .refused("GET /x HTTP/1.1\nHost: a\n\n"),
        .refused(get("A : b\r\n")), .refused(get("A: b\r\n c\r\n")), .refused(get("A: \u{0}b\r\n")),
        .refused(get(": b\r\n")), .refused(get("A: b\rc\r\n")), .refused(get("A\u{7F}: b\r\n")),
        .refused("GET  /x HTTP/1.1\r\nHost: a\r\n\r\n"), .refused("GET /x  HTTP/1.1\r\nHost: a\r\n\r\n"),
        .refused("GET\t/x HTTP/1.1\r\nHost: a\r\n\r\n"), .refused("GET /x HTTP/1.1 \r\nHost: a\r\n\r\n"),
        .refused("GET /x\r\nHost: a\r\n\r\n"), .refused("GET /x http/1.1\r\nHost: a\r\n\r\n"),
        .refused("GET x HTTP/1.1\r\nHost: a\r\n\r\n"), .refused("GET * HTTP/1.1\r\nHost: a\r\n\r\n"),
        .refused("GET /x HTTP/2.0\r\nHost: a\r\n\r\n", .versionNotSupported),
        .refused("GET /x HTTP/1.2\r\nHost: a\r\n\r\n", .versionNotSupported),
        .refused("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", .notImplemented),
        .refused(get("Content-Length: 5\r\nContent-Length: 5\r\n")), .refused(get("Content-Length: +5\r\n")),
        .refused(get("Content-Length: 5, 5\r\n")), .refused(get("Content-Length: 0x5\r\n")),
        .refused(get("Content-Length:\r\n")),
        .refused(get("Content-Length: 9999999999999999999\r\n")),
        .refused(get("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")),
        .refused(get("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")),
        .refused(get("Transfer-Encoding: xchunked\r\n")), .refused(get("Transfer-Encoding: chunked, chunked\r\n")),
        .refused(get("Transfer-Encoding: chunked;q=1\r\n")), .refused(get("Transfer-Encoding: chunked, gzip\r\n")),
        .refused(get("Transfer-Encoding: \r\n")),
        .refused(get("Transfer-Encoding: gzip, chunked\r\n"), .notImplemented),
        .refused("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"),
        .refused(get("Expect: 200-ok\r\n"), .expectationFailed),
        .refused("GET /\(String(repeating: "a", count: 300)) HTTP/1.1\r\nHost: a\r\n\r\n", .targetTooLong),
        .refused(get(String(repeating: "A: b\r\n", count: 9)), .headTooLarge),
        .refused(get("A: \(String(repeating: "b", count: 5_000))\r\n"), .headTooLarge),
        .refused("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), .refused("GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n"),
        .refused("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"), .refused("GET / HTTP/1.1\r\nHost: \r\n\r\n"),
        .refused("GET / HTTP/1.1\r\nHost: a%zz\r\n\r\n"), .refused("GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n"),
        .refused("\r\n\r\n\r\n" + get("")),
    ]

    @Test(arguments: accepted)
    func `a valid head is complete at its last byte and never before`(_ head: HeadCase) {
        for length in 0..<head.bytes.count {
            #expect(parse(Array(head.bytes.prefix(length))).outcome == .incomplete)
        }
        let result = parse(head.bytes + Array("GET".utf8))
        #expect(result.outcome == .complete(headEnd: head.bytes.count))
        #expect(result.framing == head.framing)
    }

    @Test(arguments: refused)
    func `an invalid head is refused, and no part of it is taken for a whole`(_ head: HeadCase) throws {
        let error = try #require(head.error)
        #expect(parse(head.bytes).outcome == .failed(error))
        for length in 0..<head.bytes.count {
            switch parse(Array(head.bytes.prefix(length))).outcome {
            case .incomplete, .failed: break
            case .complete: Issue.record("complete after \(length) bytes")
            }
        }
    }

    @Test func `the connection lives on by version and by what the client says`() {
        #expect(parse(Array(get("").utf8)).keepsAlive)
        #expect(!parse(Array(get("Connection: x, Close\r\n").utf8)).keepsAlive)
        #expect(!parse(Array("GET / HTTP/1.0\r\n\r\n".utf8)).keepsAlive)
        #expect(parse(Array("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n".utf8)).keepsAlive)
    }

    @Test func `names with an underscore are dropped and counted`() {
        var head = RequestHead(fieldLimit: 8)
        let bytes = Array(get("X_Forwarded_For: 1\r\nB: c\r\n").utf8)
        _ = RequestHeadParser.parse(bytes.span, into: &head, limits: limits)
        #expect(head.droppedFields == 1)
        #expect(head.fields.entries.count == 2)
    }

    @Test func `a connection option strips what it names, but never what others rely on`() {
        var head = RequestHead(fieldLimit: 8)
        let bytes = Array(
            get(
                "Connection: X-A, authorization, x-forwarded-for\r\nX-a: 1\r\nAuthorization: s\r\nX-Forwarded-For: 1\r\n"
            ).utf8)
        _ = RequestHeadParser.parse(bytes.span, into: &head, limits: limits)
        #expect(head.fields.entries.map(\.known) == [.host, .connection, .hopByHop, .authorization, .forwardedFor])
    }
}
