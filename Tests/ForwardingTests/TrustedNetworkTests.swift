import Kernel
import Testing

@testable import Forwarding

@Suite struct TrustedNetworkTests {
    private func address(_ literal: String) throws -> SocketAddress {
        try #require(SocketAddress(literal: literal, port: 0))
    }

    private func network(_ literal: String, _ prefixBits: Int) throws -> TrustedNetwork {
        let address = try address(literal)
        return TrustedNetwork(bytes: (0..<16).map { address.byte($0) }, prefixBits: prefixBits)
    }

    @Test(arguments: [
        ("10.0.0.0", 96 + 8, "10.255.1.2", true), ("10.0.0.0", 96 + 8, "11.0.0.0", false),
        ("10.9.9.9", 96 + 8, "10.1.1.1", true),
        ("192.168.1.128", 96 + 25, "192.168.1.127", false), ("192.168.1.128", 96 + 25, "192.168.1.200", true),
        ("1.2.3.4", 128, "1.2.3.4", true), ("1.2.3.4", 128, "1.2.3.5", false), ("0.0.0.0", 96, "255.255.255.255", true),
        ("0.0.0.0", 96, "::1", false), ("::", 0, "1.2.3.4", true), ("::", 0, "ffff::", true),
        ("fd00::", 8, "fdff::1", true),
        ("fd00::", 8, "fe00::1", false), ("2001:db8::", 64, "2001:db8::ffff", true),
        ("2001:db8::", 64, "2001:db8:0:1::", false),
        ("2001:db8::", 65, "2001:db8::8000:0:0:0", false), ("::1", 128, "::1", true), ("::1", 128, "127.0.0.1", false),
        ("127.0.0.0", 96 + 8, "::ffff:127.0.0.9", true), ("127.0.0.0", 96 + 8, "::127.0.0.1", false),
    ])
    func `a network contains who shares its leading bits`(base: String, bits: Int, peer: String, isIn: Bool) throws {
        #expect(try network(base, bits).contains(address(peer)) == isIn)
    }

    @Test func `every prefix agrees with comparing bit by bit`() throws {
        var random = FastRandom(seed: 11)
        for bits in 0...128 {
            for _ in 0..<20 {
                let base = (0..<16).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                var other = base
                for _ in 0..<random.below(3) {
                    let bit = random.below(128)
                    other[bit / 8] ^= 0x80 >> UInt8(bit % 8)
                }
                let agree = (0..<bits).allSatisfy { (base[$0 / 8] ^ other[$0 / 8]) & (0x80 >> UInt8($0 % 8)) == 0 }
                let network = TrustedNetwork(bytes: base, prefixBits: bits)
                #expect(network.contains(SocketAddress(bytes: other, port: 0)) == agree)
            }
        }
    }

    @Test func `the port of a peer does not matter`() throws {
        let network = try network("1.2.3.4", 128)
        #expect(network.contains(try #require(SocketAddress(literal: "1.2.3.4", port: 9))))
    }

    @Test func `an identity tells the peer without and with its port`() throws {
        let six = try #require(SocketAddress(literal: "::1", port: 9))
        let identity = ForwardingIdentity(peer: six, isTrusted: false, listenerPort: [])
        #expect(String(decoding: identity.peer, as: UTF8.self) == "::1")
        #expect(String(decoding: identity.peerAndPort, as: UTF8.self) == "[::1]:9")
    }
}
