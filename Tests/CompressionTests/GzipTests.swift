import Compression
import Testing

@Suite struct GzipTests {
    private func packed(_ bytes: [UInt8], level: Int = 6) throws -> [UInt8] {
        try #require(GzipEncoder(level: level)).encode(bytes.span)
    }

    @Test(arguments: [0, 1, 100, 70_000, 1_000_000], [1, 6, 9])
    func `what is packed comes out again`(count: Int, level: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
        let packed = try packed(bytes, level: level)
        #expect(packed.prefix(2) == [0x1F, 0x8B])
        #expect(try GzipDecoder.decode(packed.span, bytesMax: count) == bytes)
    }

    @Test func `an encoder packs one body after the other`() throws {
        let encoder = try #require(GzipEncoder())
        for text in ["first", "", "third, which is longer"] {
            let bytes = Array(text.utf8)
            #expect(try GzipDecoder.decode(encoder.encode(bytes.span).span, bytesMax: 100) == bytes)
        }
    }

    @Test func `text becomes smaller`() throws {
        let text = Array(String(repeating: #"{"traceId":"6f1c20aa9b3d4e5f"},"#, count: 1_000).utf8)
        #expect(try packed(text).count < text.count / 50)
    }

    @Test func `a body that unpacks to more than allowed is too large`() throws {
        let packed = try packed([UInt8](repeating: 0, count: 1_000_000))
        #expect(throws: GzipError.tooLarge) { try GzipDecoder.decode(packed.span, bytesMax: 999_999) }
    }

    @Test func `a body that is cut anywhere is malformed, and so is one that goes on`() throws {
        let whole = try packed(Array("some text for the test".utf8))
        for length in 0..<whole.count {
            let cut = Array(whole[..<length])
            #expect(throws: GzipError.malformed) { try GzipDecoder.decode(cut.span, bytesMax: 100) }
        }
        let longer = whole + [0]
        #expect(throws: GzipError.malformed) { try GzipDecoder.decode(longer.span, bytesMax: 100) }
    }

    @Test func `a wrong checksum is malformed`() throws {
        var packed = try packed(Array("some text".utf8))
        packed[packed.count - 5] ^= 1
        #expect(throws: GzipError.malformed) { try GzipDecoder.decode(packed.span, bytesMax: 100) }
    }
}
