import HTTPModel
import Testing

@testable import HTTP1

/// Decodes pieces the way a connection does: what is not consumed is given again with more behind it.
func decode(_ pieces: [[UInt8]], _ framing: BodyFraming = .chunked) -> (content: [UInt8], trailers: Int, rest: Int)? {
    var reader = BodyReader(framing)
    var trailers = FieldTable(limit: 8)
    var content: [UInt8] = []
    var kept: [UInt8] = []
    for piece in pieces {
        kept += piece
        var index = 0
        var needsMore = false
        while !needsMore {
            switch reader.step(kept.span, from: index, trailers: &trailers) {
            case .content(let range):
                content += kept[range]
                index = range.upperBound
                if reader.isFinished { return (content, 0, kept.count - index) }
            case .finished(let consumed): return (content, trailers.entries.count, kept.count - consumed)
            case .needsMore(let consumed):
                index = consumed
                needsMore = true
            case .failed: return nil
            }
        }
        kept.removeFirst(index)
    }
    return (content, -1, kept.count)
}

struct ChunkedDecoderTests {
    static let accepted: [(String, String, Int)] = [
        ("0\r\n\r\n", "", 0), ("5\r\nhello\r\n0\r\n\r\n", "hello", 0),
        ("a\r\n0123456789\r\n0\r\n\r\n", "0123456789", 0),
        ("A\r\n0123456789\r\n0\r\n\r\n", "0123456789", 0), ("0005\r\nhello\r\n0\r\n\r\n", "hello", 0),
        ("5;a=b\r\nhello\r\n0;c\r\n\r\n", "hello", 0), ("2\r\n\r\n\r\n0\r\n\r\n", "\r\n", 0),
        ("1\r\na\r\n1\r\nb\r\n0\r\nX-T: 1\r\nY-T: 2\r\n\r\n", "ab", 2),
    ]
    static let refused = [
        "\r\n", "x\r\n", "-1\r\n", "+1\r\na\r\n", " 1\r\na\r\n", "1 \r\na\r\n", "1\na\r\n", "1\r\na\n0\r\n\r\n",
        "1\r\nab\r\n",
        "1\r\na0\r\n", "0x1\r\na\r\n", "1234567890123456\r\n", "5;a\nb\r\nhello\r\n", "5;\u{1}\r\nhello\r\n",
        "0\r\nA : b\r\n\r\n",
        "0\r\nA\r\n\r\n", "0\r\n A: b\r\n\r\n", "1\rX", ";\r\n", "5;\(String(repeating: "x", count: 5_000))\r\n",
    ]

    @Test(arguments: accepted)
    func `a chunked body means the same in one piece, in two, and byte by byte`(
        _ coded: String, _ plain: String, _ trailers: Int
    ) {
        let bytes = Array(coded.utf8)
        var ways = [[bytes], bytes.map { [$0] }]
        for split in 1..<bytes.count { ways.append([Array(bytes[..<split]), Array(bytes[split...])]) }
        for way in ways {
            let result = decode(way)
            #expect(result?.content == Array(plain.utf8))
            #expect(result?.trailers == trailers)
            #expect(result?.rest == 0)
        }
    }

    @Test(arguments: refused)
    func `broken packaging is refused in one piece and byte by byte`(_ coded: String) {
        let bytes = Array(coded.utf8)
        #expect(decode([bytes]) == nil)
        #expect(decode(bytes.map { [$0] }) == nil)
    }

    @Test func `what follows the body is left alone`() {
        #expect(decode([Array("1\r\na\r\n0\r\n\r\nGET".utf8)])?.rest == 3)
        #expect(decode([Array("abcGET".utf8)], .length(3))?.rest == 3)
    }
}
