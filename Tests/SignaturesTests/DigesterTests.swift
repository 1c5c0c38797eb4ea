import Signatures
import Testing

@Suite struct DigesterTests {
    // FIPS 180-4, and the texts that everybody tries first.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `digests are those of the standard, one after the other`(text: String, hexadecimal: String) throws {
        let digester = try #require(Digester())
        let digits = Array(hexadecimal.utf8).map { UInt8($0 > 0x39 ? $0 - 0x57 : $0 - 0x30) }
        let octets = stride(from: 0, to: 64, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
        for _ in 0..<3 {
            #expect(digester.sha256(Array("something else".utf8).span) != Digest256(octets))
            #expect(digester.sha256(Array(text.utf8).span) == Digest256(octets))
        }
    }

    @Test func `a digest has 32 octets`() {
        #expect(Digest256(Array(repeating: 0, count: 31)) == nil)
        #expect(Digest256(Array(repeating: 0, count: 33)) == nil)
    }
}
