import HTTP1
import Testing

@Suite struct ForwardedForTests {
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("192.0.2.1:4711", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"),
        ("255.255.255.255", "255.255.255.255"), ("2001:db8::1", "2001:db8::1"), ("[2001:db8::1]:80", "2001:db8::1"),
        ("[::ffff:192.0.2.1]", "192.0.2.1"), ("::1", "::1"),
    ])
    func `an address is read in each of its forms`(text: String, address: String) {
        #expect(ForwardedFor.address(Array(text.utf8).span)?.hostText == address)
    }

    @Test(arguments: [
        "", "unknown", "_hidden", "192.0.2", "192.0.2.1.5", "192.0.2.256", "192.0.2.", ".192.0.2", "192.0..2",
        "010.0.0.1",
        "192.0.2.01", "1922.0.2.1", "192.0.2.1 ", "[2001:db8::1", "[]", "2001:db8::g", "[192.0.2.1", "\"192.0.2.1\"",
        "::1%lo",
        String(repeating: "1", count: 65),
    ])
    func `anything else is nobody's`(text: String) {
        #expect(ForwardedFor.address(Array(text.utf8).span) == nil)
    }
}
