import HTTP1
import HTTPModel
import Kernel
import Testing

@testable import Forwarding

/// A connection in small: input arrives in pieces, what is not used up is kept, and the output is emptied when it is full.
private struct Relaying: ~Copyable {
    var reader: BodyReader
    var output: ByteBuffer
    var trailers = FieldTable(limit: 16)
    var sent: [UInt8] = []
    var contentBytes = 0
    var kept: [UInt8] = []

    init(_ framing: BodyFraming, outputBytes: Int) {
        reader = BodyReader(framing)
        output = ByteBuffer(capacity: outputBytes)
    }

    /// Gives a piece; `nil` when it failed or came to no end.
    mutating func take(_ piece: [UInt8], as packaging: BodyPackaging, takesTrailers: Bool) -> RelayOutcome.Status? {
        kept += piece
        // Each turn empties the output, so there can be no more turns than bytes.
        for _ in 0...(2 * kept.count + 2) {
            let input = kept
            let outcome = BodyRelay.relay(
                &reader, input.span, from: 0, as: packaging, into: &output, trailers: &trailers,
                takesTrailers: takesTrailers)
            contentBytes += outcome.contentBytes
            kept.removeFirst(outcome.consumed)
            sent += bytes(output)
            output.clear()
            if outcome.status != .outputFull { return outcome.status }
        }
        return nil
    }
}

private func bytes(_ buffer: borrowing ByteBuffer) -> [UInt8] {
    let span = buffer.readable
    return span.indices.map { span[$0] }
}

@Suite struct BodyRelayPropertyTests {
    /// Splits bytes at random places.
    private func pieces(_ bytes: [UInt8], _ random: inout FastRandom) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + 1 + random.below(random.below(3) == 0 ? 3 : 60))
            pieces.append(Array(bytes[start..<end]))
            start = end
        }
        return pieces
    }

    /// A chunked body, and the trailers that may travel as they must come out.
    private func chunked(_ content: [UInt8], _ random: inout FastRandom) -> (coded: [UInt8], trailers: [UInt8]) {
        var coded: [UInt8] = []
        var start = 0
        while start < content.count {
            let end = min(content.count, start + 1 + random.below(50))
            let size = String(end - start, radix: 16, uppercase: random.below(2) == 0)
            coded +=
                Array("\(size)\(random.below(4) == 0 ? ";x=\"y\"" : "")\r\n".utf8) + content[start..<end] + [
                    0x0D, 0x0A,
                ]
            start = end
        }
        coded += Array("0\r\n".utf8)
        var travelling: [UInt8] = []
        for index in 0..<random.below(4) {
            let line = "X-\(index): \(String(repeating: "v", count: random.below(4)))\r\n"
            coded += Array(line.utf8)
            travelling += Array(line.utf8)
            if random.below(3) == 0 { coded += Array("Content-Length: 3\r\n".utf8) }
        }
        return (coded + [0x0D, 0x0A], travelling)
    }

    /// What a naive reader makes of chunks: sizes by `Int(_:radix:)`, the rest by slicing.
    private func naive(_ coded: [UInt8]) -> (content: [UInt8], tail: [UInt8])? {
        var content: [UInt8] = []
        var rest = coded[...]
        while let end = rest.indices.dropLast().first(where: { rest[$0] == 0x0D && rest[$0 + 1] == 0x0A }) {
            guard let size = Int(String(decoding: rest[..<end].prefix { $0 != 0x3B }, as: UTF8.self), radix: 16) else {
                return nil
            }
            rest = rest[(end + 2)...]
            if size == 0 { return (content, Array(rest)) }
            content += rest.prefix(size)
            guard rest.dropFirst(size).starts(with: [0x0D, 0x0A]) else { return nil }
            rest = rest.dropFirst(size + 2)
        }
        return nil
    }

    @Test(arguments: [BodyPackaging.plain, .chunked], [true, false])
    func `a chunked body comes out as its content, however it is cut`(packaging: BodyPackaging, takesTrailers: Bool)
        throws
    {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = FastRandom(seed: seed)
        for _ in 0..<300 {
            let content = (0..<random.below(400)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            let (coded, travelling) = chunked(content, &random)
            var relaying = Relaying(.chunked, outputBytes: 50 + random.below(random.below(2) == 0 ? 20 : 600))
            var last: RelayOutcome.Status?
            for piece in pieces(coded, &random) {
                last = relaying.take(piece, as: packaging, takesTrailers: takesTrailers)
            }
            let (sent, count, left) = (relaying.sent, relaying.contentBytes, relaying.kept.count)
            try #require(last == .finished && count == content.count && left == 0, "seed \(seed)")
            if packaging == .plain {
                try #require(sent == content, "seed \(seed)")
            } else {
                let result = try #require(naive(sent), "seed \(seed)")
                try #require(result.content == content, "seed \(seed)")
                try #require(result.tail == (takesTrailers ? travelling : []) + [0x0D, 0x0A], "seed \(seed)")
            }
        }
    }

    @Test(arguments: [BodyPackaging.plain, .chunked])
    func `a counted body takes nothing of what follows it`(packaging: BodyPackaging) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = FastRandom(seed: seed)
        for _ in 0..<300 {
            let content = (0..<(1 + random.below(300))).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            var relaying = Relaying(.length(content.count), outputBytes: 37 + random.below(500))
            var statuses: [RelayOutcome.Status?] = []
            for piece in pieces(content, &random) {
                statuses.append(relaying.take(piece, as: packaging, takesTrailers: true))
            }
            statuses.append(relaying.take(Array("GET".utf8), as: .plain, takesTrailers: true))
            let (sent, left) = (relaying.sent, relaying.kept)
            try #require(statuses.suffix(2) == [.finished, .finished], "seed \(seed)")
            try #require(statuses.dropLast(2).allSatisfy { $0 == .needsMore }, "seed \(seed)")
            try #require(left == Array("GET".utf8), "seed \(seed)")
            try #require((packaging == .plain ? sent : naive(sent)?.content) == content, "seed \(seed)")
        }
    }

    @Test func `a body that ends with its connection never finishes by itself`() {
        var relaying = Relaying(.untilClose, outputBytes: 100)
        let status = relaying.take(Array("0\r\n\r\n".utf8), as: .chunked, takesTrailers: true)
        #expect(status == .needsMore)
        BodyRelay.appendLastChunk(to: &relaying.output)
        let (sent, end) = (relaying.sent, ByteText.string(relaying.output.readable))
        #expect(String(decoding: sent, as: UTF8.self) + end == "5\r\n0\r\n\r\n\r\n0\r\n\r\n")
    }

    @Test func `trailers wait for room rather than being lost`() {
        var output = ByteBuffer(capacity: 80)
        output.append([UInt8](repeating: 0x78, count: 40))
        let (first, second) = relayTrailers("0\r\nX-Long: 0123456789012345678901234567890123456789\r\n\r\n", &output)
        #expect(first == .outputFull)
        #expect(second == "0\r\nX-Long: 0123456789012345678901234567890123456789\r\n\r\n")
    }

    @Test func `trailers for which there will never be room are left out`() {
        var output = ByteBuffer(capacity: 50)
        let long = "X-Long: \(String(repeating: "v", count: 100))"
        let (first, second) = relayTrailers("0\r\nX-A: 1\r\n\(long)\r\n\r\n", &output)
        #expect(first == .finished)
        #expect(second == "0\r\nX-A: 1\r\n\r\n")
    }

    /// One try with the output as it is, and what came out after a second one if that was needed.
    private func relayTrailers(_ string: String, _ output: inout ByteBuffer) -> (RelayOutcome.Status, String) {
        let bytes = Array(string.utf8)
        var reader = BodyReader(.chunked)
        var trailers = FieldTable(limit: 8)
        let first = BodyRelay.relay(
            &reader, bytes.span, from: 0, as: .chunked, into: &output, trailers: &trailers, takesTrailers: true)
        guard first.status == .outputFull else { return (first.status, ByteText.string(output.readable)) }
        output.clear()
        _ = BodyRelay.relay(
            &reader, bytes.span, from: first.consumed, as: .chunked, into: &output, trailers: &trailers,
            takesTrailers: true)
        return (first.status, ByteText.string(output.readable))
    }

    @Test func `broken framing is told, and what was sound before it went out`() {
        var relaying = Relaying(.chunked, outputBytes: 100)
        let status = relaying.take(Array("1\r\na\r\nX".utf8), as: .plain, takesTrailers: true)
        #expect(status == .failed)
        let sent = relaying.sent
        #expect(sent == [0x61])
    }
}
