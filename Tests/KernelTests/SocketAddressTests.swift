import Kernel
import Testing

@Suite struct SocketAddressTests {
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1:80"), ("0.0.0.0", "0.0.0.0:80"), ("255.255.255.255", "255.255.255.255:80"),
        ("::1", "[::1]:80"), ("::", "[::]:80"), ("2001:DB8:0:0:0:0:0:1", "[2001:db8::1]:80"),
        ("fe80::1:2", "[fe80::1:2]:80"), ("::ffff:10.1.2.3", "10.1.2.3:80"),
    ])
    func `a literal has one text`(literal: String, text: String) throws {
        let address = try #require(SocketAddress(literal: literal, port: 80))
        #expect(address.text == text)
        #expect(address.port == 80)
        #expect(SocketAddress(literal: address.hostText, port: 80) == address)
    }

    @Test(arguments: [
        "", "localhost", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.4 ", " 1.2.3.4", "01.2.3.4", "0x7f.1.1.1", "[::1]",
        "::1%lo",
        "1::2::3", "12345::", ":::", "1.2.3.4:80", "::1/128",
    ])
    func `anything but a literal is no address`(text: String) {
        #expect(SocketAddress(literal: text, port: 1) == nil)
    }

    @Test func `an IPv4 address is a mapped IPv6 address`() throws {
        let address = try #require(SocketAddress(literal: "1.2.3.4", port: 9))
        #expect(address.isIPv4)
        #expect(address.high == 0)
        #expect(address.low == 0xFFFF_0102_0304)
        #expect((12..<16).map { address.byte($0) } == [1, 2, 3, 4])
        let bytes = (0..<16).map { address.byte($0) }
        #expect(SocketAddress(bytes: bytes, port: 9) == address)
        #expect(SocketAddress(bytes: bytes, port: 8) != address)
    }

    @Test func `the bytes of an IPv6 address are in network order`() throws {
        let address = try #require(SocketAddress(literal: "0102:304:506:708:90a:b0c:d0e:f10", port: 0))
        #expect(!address.isIPv4)
        #expect((0..<16).map { address.byte($0) } == Array(1...16))
    }
}
