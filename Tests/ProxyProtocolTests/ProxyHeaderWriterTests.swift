import Kernel
import ProxyProtocol
import Testing

@Suite struct ProxyHeaderWriterTests {
    private func text(_ source: SocketAddress, _ destination: SocketAddress) -> [UInt8] {
        var buffer = ByteBuffer(capacity: ProxyHeaderWriter.bytesMax)
        ProxyHeaderWriter.writeText(source: source, destination: destination, into: &buffer)
        return (0..<buffer.count).map { buffer.readable[$0] }
    }

    private func binary(_ source: SocketAddress, _ destination: SocketAddress) -> [UInt8] {
        var buffer = ByteBuffer(capacity: ProxyHeaderWriter.bytesMax)
        ProxyHeaderWriter.writeBinary(source: source, destination: destination, into: &buffer)
        return (0..<buffer.count).map { buffer.readable[$0] }
    }

    @Test(arguments: [
        (address("192.0.2.1", 56_324), address("10.0.0.10", 0), "TCP4 192.0.2.1 10.0.0.10 56324 0"),
        (address("::ffff:192.0.2.1", 1), address("1.2.3.4", 65_535), "TCP4 192.0.2.1 1.2.3.4 1 65535"),
        (address("2001:db8::1", 1), address("fe80::", 2), "TCP6 2001:db8::1 fe80:: 1 2"),
        (address("::", 1), address("::1", 2), "TCP6 :: ::1 1 2"),
        // Of two families the IPv6 form serves both.
        (address("192.0.2.1", 1), address("::1", 2), "TCP6 ::ffff:c000:201 ::1 1 2"),
        (address("2001:db8::1", 1), address("10.0.0.1", 2), "TCP6 2001:db8::1 ::ffff:a00:1 1 2"),
        // RFC 5952 §4.2: one group is not shortened, the longest run is, of equal ones the first.
        (address("1:0:3:4:5:6:7:8", 1), address("1:0:0:4:5:0:0:0", 2), "TCP6 1:0:3:4:5:6:7:8 1:0:0:4:5:: 1 2"),
        (address("1:0:0:4:5:0:0:8", 1), address("0:0:3:4:5:6:7:8", 2), "TCP6 1::4:5:0:0:8 ::3:4:5:6:7:8 1 2"),
    ])
    func `version 1 is one line`(source: SocketAddress, destination: SocketAddress, line: String) {
        #expect(String(decoding: text(source, destination), as: UTF8.self) == "PROXY \(line)\r\n")
    }

    @Test func `version 2 is the bytes that HAProxy writes`() {
        #expect(
            binary(address("127.0.0.1", 54_122), address("127.0.0.1", 36_261))
                == bytes(hex: "0D0A0D0A000D0A515549540A 2111000C 7F000001 7F000001 D36A 8DA5"))
        #expect(
            binary(address("::1", 57_110), address("::1", 50_755))
                == bytes(
                    hex: """
                        0D0A0D0A000D0A515549540A 21210024 00000000000000000000000000000001 \
                        00000000000000000000000000000001 DF16 C643
                        """))
        #expect(
            binary(address("192.0.2.1", 1), address("::1", 2))
                == bytes(
                    hex: """
                        0D0A0D0A000D0A515549540A 21210024 00000000000000000000FFFFC0000201 \
                        00000000000000000000000000000001 0001 0002
                        """))
    }

    @Test func `what is written reads back as the same addresses`() {
        var random = FastRandom(seed: 3)
        func some() -> SocketAddress {
            let port = UInt16(truncatingIfNeeded: random.next())
            if random.below(2) == 0 {
                return SocketAddress(ipv4: UInt32(truncatingIfNeeded: random.next()), port: port)
            }
            let bytes = (0..<16).map { _ in random.below(2) == 0 ? UInt8(truncatingIfNeeded: random.next()) : 0 }
            return SocketAddress(bytes: bytes, port: port)
        }
        for _ in 0..<1_000 {
            let (source, destination) = (some(), some())
            for header in [text(source, destination), binary(source, destination)] {
                #expect(header.count <= ProxyHeaderWriter.bytesMax)
                #expect(
                    parse(header) == .complete(consumed: header.count, source: source, destination: destination))
            }
        }
    }

    @Test func `a connection of our own says so`() {
        var buffer = ByteBuffer(capacity: ProxyHeaderWriter.bytesMax)
        ProxyHeaderWriter.writeTextForOwnConnection(into: &buffer)
        #expect(ProxyHeaderParser.parse(buffer.readable) == .local(consumed: 15))
        buffer.clear()
        ProxyHeaderWriter.writeBinaryForOwnConnection(into: &buffer)
        #expect(ProxyHeaderParser.parse(buffer.readable) == .local(consumed: 16))
    }
}
