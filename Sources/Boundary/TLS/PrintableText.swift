/// Foreign octets as printable ASCII, fit for the value of an HTTP header field.
enum PrintableText {
    /// Escapes as RFC 2253 §2.4 does: its special characters by a backslash, a space at either end and `#` at the start too, and
    /// whatever is no printable ASCII as a backslash and two hexadecimal digits. Equal texts come from equal octets alone.
    static func escaped(_ octets: [UInt8]) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(octets.count)
        for (index, octet) in octets.enumerated() {
            let isAtEnd = index == 0 || index == octets.count - 1
            switch octet {
            case 0x2C, 0x2B, 0x22, 0x5C, 0x3C, 0x3E, 0x3B: result += [0x5C, octet]
            case 0x23 where index == 0, 0x20 where isAtEnd: result += [0x5C, octet]
            case 0x20...0x7E: result.append(octet)
            default: result += [0x5C] + digits(octet, upperCase: true)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Two lower-case digits for each octet.
    static func hexadecimal(_ octets: [UInt8]) -> String {
        String(decoding: octets.flatMap { digits($0, upperCase: false) }, as: UTF8.self)
    }

    private static func digits(_ octet: UInt8, upperCase: Bool) -> [UInt8] {
        [octet >> 4, octet & 15].map { $0 < 10 ? 0x30 + $0 : (upperCase ? 0x37 : 0x57) + $0 }
    }
}
