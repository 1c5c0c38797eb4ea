import Foundation
import HTTPModel
import Kernel
import Telemetry
import Testing
import TraceContext

@Suite struct AccessLogFormatTests {
    /// The prefix of a request whose peer-given texts may be anything.
    private func prefix(
        listener: [UInt8] = AccessLogFormat.quoted("public"), client: String = "192.0.2.1:1234", method: String = "GET",
        host: [UInt8] = Array("example.com".utf8), target: [UInt8] = Array("/".utf8), version: HTTPVersion? = .http11,
        requestID: String = "0123456789abcdef0123456789abcdef"
    ) -> ByteBuffer {
        let bound = AccessLogFormat.requestBound(
            listener: listener.count, client: client.utf8.count, method: method.utf8.count, host: host.count,
            target: target.count, requestID: requestID.utf8.count)
        #expect(bound <= AccessLogFormat.requestBytesMax)
        // The exact bound: writing more would trap.
        var line = ByteBuffer(capacity: bound)
        var format = AccessLogFormat()
        format.appendRequest(
            into: &line, wallMilliseconds: 1_763_888_887_065, listener: listener.span, client: Array(client.utf8).span,
            method: Array(method.utf8).span, host: host.span, target: target.span, version: version,
            requestID: Array(requestID.utf8).span)
        return line
    }

    @Test(arguments: [(0, "00000000000000ab"), (0x1234, "000000000000123400000000000000ab")])
    func `the id of a trace is as long as it came`(high: UInt64, text: String) {
        var line = ByteBuffer(capacity: AccessLogFormat.traceBytesMax)
        AccessLogFormat.appendTrace(SpanContext(traceIDHigh: high, traceIDLow: 0xAB, spanID: 1), into: &line)
        #expect(ByteText.string(line.readable) == ",\"traceId\":\"\(text)\"")
    }

    private func line(
        _ prefix: borrowing ByteBuffer, route: [UInt8] = [], upstream: [UInt8] = [], endpoint: [UInt8] = [],
        _ outcome: AccessOutcome
    ) -> [UInt8] {
        let bound = AccessLogFormat.outcomeBound(
            prefix: prefix, route: route.span, upstream: upstream.span, endpoint: endpoint.span)
        var line = ByteBuffer(capacity: bound)
        AccessLogFormat.appendOutcome(
            into: &line, prefix: prefix, route: route.span, upstream: upstream.span, endpoint: endpoint.span,
            outcome: outcome)
        return bytes(line)
    }

    /// Parses a line strictly: valid UTF-8, one line, an object, no control character.
    private func parsed(_ line: [UInt8]) throws -> [String: Any] {
        #expect(String(validating: line, as: UTF8.self) != nil)
        #expect(line.last == 0x0A)
        #expect(line.dropLast().allSatisfy { $0 >= 0x20 && $0 != 0x7F })
        return try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
    }

    @Test func `a good exchange is one exact line`() {
        let outcome = AccessOutcome(
            status: 200, attempts: 1, requestBytes: 0, responseBytes: 1_234, durationNanoseconds: 12_345_678,
            connectNanoseconds: 250_999, upstreamNanoseconds: 11_000_000)
        let written = line(
            prefix(target: Array("/a?b=c".utf8)), route: AccessLogFormat.quoted("r"),
            upstream: AccessLogFormat.quoted("origin"), endpoint: AccessLogFormat.quoted("127.0.0.1:9000"), outcome)
        #expect(
            String(decoding: written, as: UTF8.self) == #"{"time":"2025-11-23T09:08:07.065Z","listener":"public","#
                + #""client":"192.0.2.1:1234","method":"GET","host":"example.com","target":"/a?b=c","version":"HTTP/1.1","#
                + #""requestId":"0123456789abcdef0123456789abcdef","status":200,"route":"r","upstream":"origin","#
                + #""endpoint":"127.0.0.1:9000","attempts":1,"requestBytes":0,"responseBytes":1234,"durationMs":12.345,"#
                + #""connectMs":0.250,"upstreamMs":11.000}"# + "\n")
    }

    @Test func `what is unknown is null and an error is named`() throws {
        let written = line(
            prefix(listener: [], client: "", method: "", host: [], target: [], version: nil, requestID: ""),
            AccessOutcome(status: 0, durationNanoseconds: 0, error: .requestTimeout))
        let object = try parsed(written)
        for key in [
            "listener", "client", "method", "host", "target", "version", "requestId", "status", "route", "upstream",
            "endpoint", "connectMs", "upstreamMs",
        ] {
            #expect(object[key] is NSNull, "\(key)")
        }
        #expect(object["error"] as? String == "request-timeout")
        #expect(object["stage"] as? String == "read-head")
        #expect(object["side"] as? String == "downstream")
    }

    @Test(arguments: GatewayError.allCases)
    func `the longest numbers of every error fit into the bound`(error: GatewayError) throws {
        let outcome = AccessOutcome(
            status: .max, attempts: .max, requestBytes: .max, responseBytes: .max, durationNanoseconds: .max,
            connectNanoseconds: .max, upstreamNanoseconds: .max, error: error)
        _ = try parsed(line(prefix(), outcome))
    }

    @Test(arguments: 0...255 as ClosedRange<UInt8>)
    func `any byte in a target or host leaves the line valid`(byte: UInt8) throws {
        for text in [[byte], [0x61, byte, 0x62], [byte, byte, byte], Array(repeating: byte, count: 5_000)] {
            let object = try parsed(
                line(prefix(host: text, target: text), AccessOutcome(status: 400, durationNanoseconds: 1)))
            let target = try #require(object["target"] as? String)
            // Every byte below 0x80 comes back as itself, every lone one above as the code point of its number.
            let expected = String(String.UnicodeScalarView(text.map { UnicodeScalar($0) }))
            #expect(expected.hasPrefix(target) && (text.count > 3 || target == expected))
        }
    }

    @Test func `random bytes leave the line valid and within its limits`() throws {
        var random = FastRandom(seed: 42)
        for _ in 0..<3_000 {
            let text = (0..<random.below(700)).map { _ in
                // Half of the bytes are such as start or continue a sequence.
                random.below(2) == 0
                    ? UInt8(random.below(256)) : [0xC2, 0xE0, 0xED, 0xF0, 0xF4, 0x80, 0x9F, 0xA0][random.below(8)]
            }
            let object = try parsed(
                line(prefix(host: text, target: text), AccessOutcome(status: 400, durationNanoseconds: 1)))
            #expect(try #require(object["host"] as? String ?? "").utf8.count <= AccessLogFormat.Limit.host)
        }
    }

    @Test(arguments: ["größe", "日本語", "𐍈🙂", "\u{a0}", "\u{7ff}\u{800}\u{d7ff}\u{e000}\u{ffff}\u{10000}\u{10ffff}"])
    func `valid UTF-8 passes as it is`(target: String) throws {
        let written = line(prefix(target: Array(target.utf8)), AccessOutcome(status: 200, durationNanoseconds: 1))
        #expect(String(decoding: written, as: UTF8.self).contains("\"target\":\"\(target)\""))
    }

    @Test(arguments: [
        ("\"\\", #"\"\\"#), ("\n\r\t\u{1b}[31m", #"\u000a\u000d\u0009\u001b[31m"#), ("\u{7f}", #"\u007f"#),
        ("\u{85}", #"\u0085"#),
    ])
    func `quotes, backslashes and controls are escaped`(target: String, expected: String) throws {
        let written = line(prefix(target: Array(target.utf8)), AccessOutcome(status: 200, durationNanoseconds: 1))
        #expect(String(decoding: written, as: UTF8.self).contains("\"target\":\"\(expected)\""))
    }

    @Test(
        arguments: [
            [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x9F, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x8F, 0xBF, 0xBF],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80], [0xE2, 0x82], [0xC2], [0xF0, 0x9F, 0x98], [0x80],
        ] as [[UInt8]])
    func `what only looks like UTF-8 is escaped byte by byte`(target: [UInt8]) throws {
        let written = line(prefix(target: target), AccessOutcome(status: 200, durationNanoseconds: 1))
        let escapes = target.map { "\\u00" + String($0, radix: 16) }.joined()
        #expect(String(decoding: written, as: UTF8.self).contains("\"target\":\"\(escapes)\""))
    }

    @Test func `a long target is cut at its limit and never inside a character`() throws {
        let plain = try parsed(
            line(
                prefix(target: Array(repeating: 0x61, count: 9_000)), AccessOutcome(status: 414, durationNanoseconds: 1)
            ))
        #expect((plain["target"] as? String)?.utf8.count == AccessLogFormat.Limit.target)
        let wide = Array(String(repeating: "日", count: 3_000).utf8)
        let cut = try parsed(line(prefix(target: wide), AccessOutcome(status: 414, durationNanoseconds: 1)))
        #expect((cut["target"] as? String)?.utf8.count == AccessLogFormat.Limit.target / 3 * 3)
    }

    @Test func `a configured name is quoted and bounded`() {
        #expect(AccessLogFormat.quoted("a\"b") == Array(#""a\"b""#.utf8))
        #expect(AccessLogFormat.quoted(String(repeating: "x", count: 1_000)).count == AccessLogFormat.nameBytesMax)
    }
}
