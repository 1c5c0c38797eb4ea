import Testing
import Upstreams

@Suite struct KeyedHashTests {
    /// The key of the reference: the octets 0 to 15.
    private let key = HashKey(low: 0x0706_0504_0302_0100, high: 0x0F0E_0D0C_0B0A_0908)

    /// The published vectors of SipHash-2-4: the hash of the octets 0, 1, 2 … of this count.
    @Test(
        arguments: [
            (0, 0x726F_DB47_DD0E_0E31), (1, 0x74F8_39C5_93DC_67FD), (7, 0xAB02_00F5_8B01_D137),
            (8, 0x93F5_F579_9A93_2462), (15, 0xA129_CA61_49BE_45E5), (16, 0x3F2A_CC7F_57C2_9BDB),
        ] as [(Int, UInt64)])
    func `the vectors of the reference`(count: Int, expected: UInt64) {
        let bytes = (0..<count).map { UInt8($0) }
        #expect(KeyedHash.hash(bytes.span, key: key) == expected)
    }

    @Test func `a text is hashed by its UTF-8`() {
        let bytes = Array("größe".utf8)
        #expect(KeyedHash.hash("größe", key: key) == KeyedHash.hash(bytes.span, key: key))
    }

    @Test func `another key gives another hash`() {
        #expect(KeyedHash.hash("a", key: key) != KeyedHash.hash("a", key: .placement))
    }
}
