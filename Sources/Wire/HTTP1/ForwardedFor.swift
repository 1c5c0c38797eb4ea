public import HTTPModel
public import Kernel

/// The list of `X-Forwarded-For`: each proxy appends whom it was connected to.
public enum ForwardedFor {
    /// Where the last element lies; `nil` when the list is empty.
    public static func last(_ value: ByteRange, in bytes: Span<UInt8>) -> ByteRange? {
        var walker = ListWalker(value)
        var last: ByteRange?
        while let element = walker.element(in: bytes) { last = element }
        return last
    }

    /// The address of an element: `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1` or `[2001:db8::1]:4711`; `nil` for anything else.
    public static func address(_ element: Span<UInt8>) -> SocketAddress? {
        guard !element.isEmpty, element.count <= 64 else { return nil }
        if element[0] == 0x5B {
            let end = ByteSearch.firstIndex(of: 0x5D, in: element, from: 1)
            guard end < element.count else { return nil }
            return SocketAddress(literal: ByteText.string(element.extracting(1..<end)), port: 0)
        }
        let colon = ByteSearch.firstIndex(of: 0x3A, in: element, from: 0)
        if colon < element.count, ByteSearch.firstIndex(of: 0x3A, in: element, from: colon + 1) < element.count {
            return SocketAddress(literal: ByteText.string(element), port: 0)
        }
        return ipv4(element.extracting(0..<min(colon, element.count)))
    }

    /// Four numbers without leading zeros, which some take for octal.
    private static func ipv4(_ text: Span<UInt8>) -> SocketAddress? {
        var value: UInt32 = 0
        var octet: UInt32 = 0
        var digits = 0
        var dots = 0
        for index in text.indices {
            let byte = text[index]
            if byte == 0x2E, digits > 0, dots < 3 {
                value = value << 8 | octet
                (octet, digits, dots) = (0, 0, dots + 1)
            } else if byte &- 0x30 < 10, digits == 0 || octet > 0 {
                octet = octet * 10 + UInt32(byte &- 0x30)
                digits += 1
                guard octet <= 255 else { return nil }
            } else {
                return nil
            }
        }
        return dots == 3 && digits > 0 ? SocketAddress(ipv4: value << 8 | octet, port: 0) : nil
    }
}
