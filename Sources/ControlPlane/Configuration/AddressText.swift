/// Reads addresses as they are written: IPv4 and IPv6 literals, host names, ports. It resolves nothing.
enum AddressText {
    /// Four octets, each 0 to 255 without leading zeros.
    static func ipv4(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var octets: [UInt8] = []
        for part in parts {
            guard part.first != UInt8(ascii: "-"), let value = Decimal.parse(part), value <= 255 else { return nil }
            octets.append(UInt8(value))
        }
        return octets
    }

    /// The sixteen octets of an IPv6 literal (RFC 4291 §2.2), without brackets or zone.
    static func ipv6(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        let colon = UInt8(ascii: ":")
        var halves: [ArraySlice<UInt8>] = [text]
        if let gap = text.indices.first(where: { $0 + 1 < text.endIndex && text[$0] == colon && text[$0 + 1] == colon })
        {
            halves = [text[..<gap], text[(gap + 2)...]]
        }
        guard let head = groups(halves[0], mayEndInIPv4: halves.count == 1) else { return nil }
        if halves.count == 1 { return head.count == 16 ? head : nil }
        guard let tail = groups(halves[1], mayEndInIPv4: true), head.count + tail.count <= 14 else { return nil }
        return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    private static func groups(_ text: ArraySlice<UInt8>, mayEndInIPv4: Bool) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        var octets: [UInt8] = []
        for (index, part) in parts.enumerated() {
            if mayEndInIPv4, index == parts.count - 1, let last = ipv4(part) {
                octets += last
                continue
            }
            guard (1...4).contains(part.count) else { return nil }
            var value: UInt16 = 0
            for byte in part {
                guard let digit = ByteClass.hexValue(byte) else { return nil }
                value = value << 4 | UInt16(digit)
            }
            octets += [UInt8(value >> 8), UInt8(value & 0xFF)]
        }
        return octets.count <= 16 ? octets : nil
    }

    /// Sixteen octets of either kind of literal; IPv4 is mapped.
    static func octets(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        if let four = ipv4(text) { return mappedPrefix + four }
        return ipv6(text)
    }

    static let mappedPrefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]

    /// A host name of LDH labels (and `_`), without a final dot.
    static func isHostName(_ text: ArraySlice<UInt8>) -> Bool {
        guard !text.isEmpty, text.count <= 253 else { return false }
        let labels = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return labels.allSatisfy { label in
            (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                && label.allSatisfy {
                    ByteClass.isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
                }
        }
            // A name of digits and dots that is no address would be taken for one by a resolver.
            && !(labels.last ?? []).allSatisfy(ByteClass.isDigit)
    }

    /// `HOST:PORT` in its two parts; the brackets of an IPv6 literal are taken off.
    static func split(_ text: ArraySlice<UInt8>) -> (host: ArraySlice<UInt8>, isBracketed: Bool, port: UInt16)? {
        guard let colon = text.lastIndex(of: UInt8(ascii: ":")) else { return nil }
        let digits = text[(colon + 1)...]
        guard digits.first != UInt8(ascii: "-"), let port = Decimal.parse(digits), port <= 65_535 else { return nil }
        let host = text[..<colon]
        if host.first == UInt8(ascii: "["), host.last == UInt8(ascii: "]"), host.count > 2 {
            return (host.dropFirst().dropLast(), true, UInt16(port))
        }
        guard !host.contains(UInt8(ascii: ":")) else { return nil }
        return (host, false, UInt16(port))
    }
}
