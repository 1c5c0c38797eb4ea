import Kernel
import Testing

@Suite struct SocketAddressWordsTests {
    @Test(arguments: ["::", "::1", "1.2.3.4", "0.0.0.0", "2001:db8:1:2:3:4:5:6", "::fffe:1.2.3.4", "1::ffff:1.2.3.4"])
    func `an address is its two words`(literal: String) throws {
        let address = try #require(SocketAddress(literal: literal, port: 443))
        let again = SocketAddress(high: address.high, low: address.low, port: 443)
        #expect(again == address)
        #expect(again.isIPv4 == address.isIPv4)
        #expect(again.text == address.text)
    }

    @Test func `four numbers are an IPv4 address`() {
        #expect(SocketAddress(ipv4: 0x0102_0304, port: 5).text == "1.2.3.4:5")
    }
}
