import Kernel
import Limits
import Testing

@Suite struct LimitKeyHasherTests {
    private static let seed = LimitSeed(low: 0x0706_0504_0302_0100, high: 0x0F0E_0D0C_0B0A_0908)

    private func hash(_ parts: String?..., seed: LimitSeed = seed) -> LimitKey {
        var hasher = LimitKeyHasher(seed)
        for part in parts {
            if let part { hasher.append(Array(part.utf8).span) } else { hasher.appendMissing() }
        }
        return hasher.finish()
    }

    @Test func `components do not run into one another`() {
        let texts: [[String?]] = [
            [], [nil], [""], ["", ""], [nil, nil], ["ab", "c"], ["a", "bc"], ["abc"], ["abc", ""], ["", "abc"],
            ["abc", nil],
            ["abcdefgh"], ["abcdefgh", ""], ["abcdefg", "h"], ["abcdefgh\0"], ["abcdefgh\0\0"], ["\0"], ["\0\0"],
        ]
        var hashes = Set<UInt64>()
        for parts in texts {
            var hasher = LimitKeyHasher(Self.seed)
            for part in parts {
                if let part { hasher.append(Array(part.utf8).span) } else { hasher.appendMissing() }
            }
            hashes.insert(hasher.finish().hash)
        }
        #expect(hashes.count == texts.count)
    }

    @Test func `the same components have the same key, under one seed`() {
        #expect(hash("order", "42") == hash("order", "42"))
        #expect(hash("order", "42") != hash("42", "order"))
        #expect(hash("a") != hash("a", seed: LimitSeed(low: 1, high: 2)))
    }

    @Test func `a hasher can go on from a common beginning`() {
        var common = LimitKeyHasher(Self.seed)
        common.append(number: 7)
        var left = common
        left.append(Array("a".utf8).span)
        #expect(common.finish() == common.finish() && left.finish() != common.finish())
    }

    @Test func `IPv4 clients count by address, IPv6 clients by their first 64 bits`() {
        func client(_ high: UInt64, _ low: UInt64, port: UInt16 = 1) -> LimitKey {
            var hasher = LimitKeyHasher(Self.seed)
            hasher.append(client: SocketAddress(high: high, low: low, port: port))
            return hasher.finish()
        }
        #expect(client(0, 0xFFFF_0A00_0001, port: 1) == client(0, 0xFFFF_0A00_0001, port: 2))
        #expect(client(0, 0xFFFF_0A00_0001) != client(0, 0xFFFF_0A00_0002))
        #expect(client(0x2001_0DB8_0000_0001, 1) == client(0x2001_0DB8_0000_0001, 0xFFFF))
        #expect(client(0x2001_0DB8_0000_0001, 1) != client(0x2001_0DB8_0000_0002, 1))
        #expect(client(0x0A00_0001, 1) != client(0, 0xFFFF_0A00_0001))
    }
}
