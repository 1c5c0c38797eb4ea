import HTTP1
import HTTPModel
import Kernel
import Testing

@testable import Forwarding

/// Relays with an output of so many bytes, emptied whenever it is full.
private func relay(_ input: [UInt8], _ framing: BodyFraming, as packaging: BodyPackaging, outputBytes: Int) -> (
    out: [UInt8], content: Int
)? {
    var reader = BodyReader(framing)
    var trailers = FieldTable(limit: 8)
    var output = ByteBuffer(capacity: outputBytes)
    var result: [UInt8] = []
    var index = 0
    var content = 0
    for _ in 0..<10_000 {
        let outcome = BodyRelay.relay(
            &reader, input.span, from: index, as: packaging, into: &output, trailers: &trailers, takesTrailers: true)
        index += outcome.consumed
        content += outcome.contentBytes
        drain(&output, into: &result)
        switch outcome.status {
        case .finished: return (result, content)
        case .failed, .needsMore: return nil
        case .outputFull: continue
        }
    }
    return nil
}

private func drain(_ output: inout ByteBuffer, into result: inout [UInt8]) {
    for place in 0..<output.count { result.append(output.readable[place]) }
    output.clear()
}

struct BodyRelayTests {
    @Test(arguments: [64, 100, 1_000, 70_000])
    func `content survives every packaging, however small the output`(_ outputBytes: Int) throws {
        var random = FastRandom(seed: 42)
        let content = (0..<5_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        let rechunked = try #require(relay(content, .length(content.count), as: .chunked, outputBytes: outputBytes))
        #expect(rechunked.content == content.count)
        let plain = try #require(relay(rechunked.out, .chunked, as: .plain, outputBytes: outputBytes))
        #expect(plain.out == content)
    }

    @Test func `trailers for framing and authentication do not travel`() throws {
        let input = Array("1\r\na\r\n0\r\nX-Sum: 1\r\nContent-Length: 5\r\nAuthorization: x\r\n\r\n".utf8)
        let result = try #require(relay(input, .chunked, as: .chunked, outputBytes: 1_000))
        #expect(String(decoding: result.out, as: UTF8.self) == "1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n")
    }
}
