import Declarations
import Filters
import Kernel
import Testing

@Suite struct AddressSetTests {
    private func network(_ high: UInt64, _ low: UInt64, _ bits: Int) -> NetworkDeclaration {
        let bytes = [high, low].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * $0)) }
        }
        return NetworkDeclaration(bytes: bytes, prefixBits: bits)
    }

    private func ipv4(_ value: UInt32, _ bits: Int) -> NetworkDeclaration {
        network(0, 0xFFFF_0000_0000 | UInt64(value), 96 + bits)
    }

    @Test func `an empty set has nobody`() {
        let set = AddressSet([])
        #expect(!set.contains(SocketAddress(ipv4: 0, port: 0)))
        #expect(!set.contains(SocketAddress(high: .max, low: .max, port: 0)))
    }

    @Test func `the edges of a network belong to it`() {
        let set = AddressSet([ipv4(0x0A01_0000, 16)])
        #expect(set.contains(SocketAddress(ipv4: 0x0A01_0000, port: 1)))
        #expect(set.contains(SocketAddress(ipv4: 0x0A01_FFFF, port: 1)))
        #expect(!set.contains(SocketAddress(ipv4: 0x0A00_FFFF, port: 1)))
        #expect(!set.contains(SocketAddress(ipv4: 0x0A02_0000, port: 1)))
    }

    @Test func `everything is everything, of both families`() {
        let all = AddressSet([network(0, 0, 0)])
        #expect(all.contains(SocketAddress(high: 0, low: 0, port: 0)))
        #expect(all.contains(SocketAddress(high: .max, low: .max, port: 0)))
        #expect(all.contains(SocketAddress(ipv4: .max, port: 0)))
        let ipv4Only = AddressSet([ipv4(0, 0)])
        #expect(ipv4Only.contains(SocketAddress(ipv4: .max, port: 0)))
        #expect(!ipv4Only.contains(SocketAddress(high: 0x2001_0DB8_0000_0000, low: 1, port: 0)))
    }

    @Test func `any networks in any order answer as if each were asked`() {
        let seed = SystemClock.entropy()
        var random = FastRandom(seed: seed)
        for _ in 0..<300 {
            let networks = (0..<Int(random.next() % 12)).map { _ in
                // Few bits, so that networks meet, touch and hold one another.
                ipv4(
                    UInt32(random.next() % 16) << 28 | UInt32(random.next() % 4) << 20,
                    [0, 1, 3, 4, 10, 12, 32][Int(random.next() % 7)])
            }
            let set = AddressSet(networks)
            for _ in 0..<40 {
                let value =
                    UInt32(random.next() % 16) << 28 | UInt32(random.next() % 4) << 20 | UInt32(random.next() % 2)
                let isWanted = networks.contains { network in
                    let bits = network.prefixBits - 96
                    let mask = bits == 0 ? 0 : UInt32.max << UInt32(32 - bits)
                    let own = network.bytes[12...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                    return own & mask == value & mask
                }
                #expect(
                    set.contains(SocketAddress(ipv4: value, port: 9)) == isWanted, "seed \(seed), \(networks), \(value)"
                )
            }
        }
    }
}
