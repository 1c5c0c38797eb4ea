import HTTPModel
import Kernel
import Testing

@testable import HTTP1

@Suite struct ChunkedBoundsTests {
    private func outcome(_ string: String) -> String {
        decode([Array(string.utf8)]).map { String(decoding: $0.content, as: UTF8.self) + ($0.trailers < 0 ? "…" : "") }
            ?? "failed"
    }

    @Test(arguments: [
        "\n", "\r0\r\n", "0\n\r\n", "0\r\n\n", "0\r\r\n", "0 \r\n\r\n", "0\t\r\n\r\n", "\t0\r\n\r\n", "0x0\r\n\r\n",
        "0g\r\n\r\n", "+0\r\n\r\n", "-0\r\n\r\n",
        "1_0\r\n", "1,0\r\n", "1.\r\n", "1\r\naa\r\n", "1\r\na\n", "1\r\na\r\r\n", "1\r\na\r\n\r\n0\r\n\r\n",
        "2\r\na\r\n0\r\n\r\n", "1\0\r\n",
        "1;\0\r\n", "1;a\u{7F}\r\n", "1;a\nb\r\n", "1;a\r0\r\n", "1 ;a\r\n", "FFFFFFFFFFFFFFFF\r\n",
        "0000000000000001\r\n", "１\r\n",
        "0\r\n A: b\r\n\r\n", "0\r\nA : b\r\n\r\n", "0\r\nA: b\n\r\n", "0\r\nA: b\r\n c\r\n\r\n", "0\r\nA\r\n\r\n",
        "0\r\n: b\r\n\r\n", "0\r\n\rX",
    ])
    func `what another reader may read differently is refused, whole and at every split`(string: String) {
        let bytes = Array(string.utf8)
        #expect(decode([bytes]) == nil)
        #expect(decode(bytes.map { [$0] }) == nil)
        for split in 1..<max(bytes.count, 2) {
            #expect(decode([Array(bytes[..<split]), Array(bytes[split...])]) == nil)
        }
    }

    @Test func `a size has at most 15 digits, whatever they are`() {
        #expect(outcome("000000000000001\r\na\r\n0\r\n\r\n") == "a")
        #expect(outcome("fffffffffffffff\r\nabc") == "abc…")
        #expect(outcome("1000000000000000\r\n") == "failed")
        #expect(outcome("000000000000000\r\n\r\n") == "")
    }

    @Test func `extensions are bounded over the whole body`() {
        let limit = ChunkedDecoder.extensionBytesMax
        #expect(outcome("1;\(String(repeating: "x", count: limit - 1))\r\na\r\n0\r\n\r\n") == "a")
        #expect(outcome("1;\(String(repeating: "x", count: limit + 1))\r\na\r\n0\r\n\r\n") == "failed")
        #expect(outcome(String(repeating: "1;xxxxxxx\r\na\r\n", count: limit / 4)) == "failed")
        #expect(outcome(String(repeating: "1;\r\na\r\n", count: limit + 5) + "0;x\r\n\r\n") == "failed")
    }

    @Test func `a quoted extension hides no end of line`() {
        #expect(outcome("1;a=\"\r\na\r\n0\r\n\r\n") == "a")
        #expect(outcome("1;a=\"é\"\r\na\r\n0;last\r\n\r\n") == "a")
    }

    @Test func `a trailer section is bounded, in octets and lines`() {
        let limit = ChunkedDecoder.trailerBytesMax
        let frame = "A: \r\n\r\n".utf8.count
        for (extra, isWell) in [(0, true), (1, false)] {
            let trailers = "A: \(String(repeating: "v", count: limit - frame + extra))\r\n\r\n"
            let bytes = Array("0\r\n\(trailers)".utf8)
            #expect((decode([bytes]) != nil) == isWell)
            #expect((decode([Array(bytes[..<100]), Array(bytes[100...])]) != nil) == isWell)
        }
        // A section that never ends is refused before it ends.
        #expect(decode([Array("0\r\nA: \(String(repeating: "v", count: limit))".utf8)]) == nil)
        #expect(outcome("0\r\n\(String(repeating: "A: b\r\n", count: 8))\r\n") == "")
        #expect(outcome("0\r\n\(String(repeating: "A: b\r\n", count: 9))\r\n") == "failed")
    }

    @Test func `trailers are told as a head's lines are, and names with an underscore are dropped`() {
        let bytes = Array("0\r\nX-A: 1\r\nX_A: 2\r\nContent-Length: 3\r\n\r\nrest".utf8)
        var reader = BodyReader(.chunked)
        var trailers = FieldTable(limit: 8)
        let step = reader.step(bytes.span, from: 0, trailers: &trailers)
        #expect(step == .finished(consumed: bytes.count - 4))
        #expect(trailers.entries.map { ReadField($0, in: bytes).value } == ["1", "3"])
        #expect(trailers.entries.map(\.known) == [.other, .contentLength])
    }

    @Test func `random bodies decode to their content at every split in two`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = FastRandom(seed: seed)
        for _ in 0..<60 {
            var content: [UInt8] = []
            var coded: [UInt8] = []
            for _ in 0..<random.below(6) {
                let chunk = (0..<(1 + random.below(40))).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                content += chunk
                let zeros = String(repeating: "0", count: random.below(4))
                let digits = String(chunk.count, radix: 16, uppercase: random.below(2) == 0)
                coded +=
                    Array("\(zeros)\(digits)\(random.below(3) == 0 ? ";a=b" : "")\r\n".utf8) + chunk + [0x0D, 0x0A]
            }
            let count = random.below(3)
            coded += Array("0\r\n\(String(repeating: "T: v\r\n", count: count))\r\n".utf8)
            for split in 0..<coded.count {
                let result = decode([Array(coded[..<split]), Array(coded[split...]) + [0x47]])
                #expect(result?.content == content && result?.trailers == count, "seed \(seed)")
                // The byte behind the body is never taken.
                #expect(result?.rest == 1, "seed \(seed)")
            }
        }
    }
}

@Suite struct BodyReaderTests {
    private func step(_ reader: inout BodyReader, _ string: String, from start: Int = 0) -> BodyStep {
        var trailers = FieldTable(limit: 4)
        return reader.step(Array(string.utf8).span, from: start, trailers: &trailers)
    }

    @Test(arguments: [BodyFraming.none, .length(0)])
    func `a body of nothing is finished before its first byte`(framing: BodyFraming) {
        var reader = BodyReader(framing)
        #expect(reader.isFinished)
        #expect(step(&reader, "GET", from: 0) == .finished(consumed: 0))
        #expect(!reader.endsWithConnection)
    }

    @Test func `a length is counted down over pieces and takes nothing behind it`() {
        var reader = BodyReader(.length(5))
        #expect(step(&reader, "abc") == .content(0..<3))
        #expect(step(&reader, "abc", from: 3) == .needsMore(consumed: 3))
        #expect(!reader.isFinished)
        #expect(step(&reader, "xdeGET", from: 1) == .content(1..<3))
        #expect(reader.isFinished)
        #expect(step(&reader, "xdeGET", from: 3) == .finished(consumed: 3))
    }

    @Test func `without a length all is content until the connection ends`() {
        var reader = BodyReader(.untilClose)
        #expect(reader.endsWithConnection)
        #expect(step(&reader, "0\r\n\r\n") == .content(0..<5))
        #expect(step(&reader, "") == .needsMore(consumed: 0))
        #expect(!reader.isFinished)
    }

    @Test func `a chunked body is finished once, and stays so`() {
        var reader = BodyReader(.chunked)
        #expect(step(&reader, "0\r\n") == .needsMore(consumed: 3))
        #expect(step(&reader, "\r\nGET") == .finished(consumed: 2))
        #expect(reader.isFinished)
        #expect(step(&reader, "GET") == .finished(consumed: 0))
    }
}
