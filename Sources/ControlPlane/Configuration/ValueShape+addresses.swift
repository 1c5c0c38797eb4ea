internal import Declarations

/// A listening address.
struct ListenAddress: Sendable, Equatable {
    var host: String
    var port: UInt16
}

extension ValueShape<String> {
    /// A name server: an address, with a port unless it is 53.
    static let nameServer = ValueShape<String>.text("an address such as 10.0.0.2, 10.0.0.2:5353 or [fd00::2]:53") {
        content, _, _ in String(decoding: content, as: UTF8.self)
    }.checked { text, node, reading -> String? in
        let content = reading.document.bytes(node)
        if AddressText.ipv4(content) != nil || AddressText.ipv6(content) != nil { return text }
        if let parts = AddressText.split(content), parts.port > 0 {
            let octets = parts.isBracketed ? AddressText.ipv6(parts.host) : AddressText.ipv4(parts.host)
            if octets != nil { return text }
        }
        reading.error(
            "bad-address", at: node, "`\(reading.excerpt(node))` is not the address of a name server",
            expected: "an IP address such as 10.0.0.2, with a port unless it is 53")
        return nil
    }
}

extension ValueShape<ListenAddress> {
    static let listen = ValueShape<String>.text("an address such as 127.0.0.1:8080, [::1]:8080 or :8080") {
        content, _, _ in String(decoding: content, as: UTF8.self)
    }.checked { text, node, reading -> ListenAddress? in
        let content = reading.document.bytes(node)
        if let parts = AddressText.split(content) {
            if parts.host.isEmpty { return ListenAddress(host: "0.0.0.0", port: parts.port) }
            let octets = parts.isBracketed ? AddressText.ipv6(parts.host) : AddressText.ipv4(parts.host)
            if octets != nil {
                return ListenAddress(host: String(decoding: parts.host, as: UTF8.self), port: parts.port)
            }
        }
        reading.error(
            "bad-address", at: node, "`\(reading.excerpt(node))` is not an address to listen on",
            expected: "an IP address and a port, such as 127.0.0.1:8080, [::1]:8080 or :8080",
            suggestion: suggestion(for: text))
        return nil
    }

    private static func suggestion(for text: String) -> String? {
        let content = Array(text.utf8)[...]
        if content.allSatisfy(ByteClass.isDigit), let port = Decimal.parse(content), port <= 65_535 {
            return ":\(text)"
        }
        if text.hasPrefix("localhost:") { return "127.0.0.1" + text.dropFirst(9) }
        if text.hasPrefix("*:") { return String(text.dropFirst()) }
        return AddressText.ipv4(content) == nil ? nil : "\(text):8080"
    }
}

extension ValueShape<NetworkDeclaration> {
    private static let words = "a network such as 10.0.0.0/8 or fd00::/8, or one address"

    static let network = ValueShape<String>.text(words) { content, _, _ in
        String(decoding: content, as: UTF8.self)
    }.checked { text, node, reading -> NetworkDeclaration? in
        let content = reading.document.bytes(node)
        let slash = content.firstIndex(of: UInt8(ascii: "/")) ?? content.endIndex
        let address = content[..<slash]
        let isIPv4 = AddressText.ipv4(address) != nil
        let bitsMax = isIPv4 ? 32 : 128
        let bits = slash == content.endIndex ? bitsMax : Decimal.parse(content[(slash + 1)...]) ?? -1
        guard let octets = AddressText.octets(address), (0...bitsMax).contains(bits) else {
            reading.error(
                "bad-network", at: node, "`\(reading.excerpt(node))` is not a network", expected: words)
            return nil
        }
        let prefixBits = isIPv4 ? 96 + bits : bits
        let masked = mask(octets, prefixBits)
        guard masked == octets else {
            reading.error(
                "bad-network", at: node, "`\(reading.excerpt(node))` has bits set after the first \(bits)",
                expected: "the network's own address, or a longer prefix",
                suggestion: isIPv4 ? masked[12...].map { String($0) }.joined(separator: ".") + "/\(bits)" : nil)
            return nil
        }
        return NetworkDeclaration(bytes: octets, prefixBits: prefixBits)
    }

    private static func mask(_ octets: [UInt8], _ bits: Int) -> [UInt8] {
        octets.indices.map { index in
            let kept = min(max(bits - index * 8, 0), 8)
            return octets[index] & UInt8(truncatingIfNeeded: 0xFF00 >> kept)
        }
    }
}

/// The host and port of an endpoint.
struct EndpointAddress: Sendable, Equatable {
    var host: String
    var port: UInt16
}

extension ValueShape<EndpointAddress> {
    private static let words = "HOST:PORT, such as 127.0.0.1:9000, [::1]:9000 or orders.internal:9000"

    static let endpoint = ValueShape<String>.text(words) { content, _, _ in
        String(decoding: content, as: UTF8.self)
    }.checked { text, node, reading -> EndpointAddress? in
        let content = reading.document.bytes(node)
        if let parts = AddressText.split(content), parts.port > 0,
            parts.isBracketed
                ? AddressText.ipv6(parts.host) != nil
                : AddressText.ipv4(parts.host) != nil || AddressText.isHostName(parts.host)
        {
            return EndpointAddress(host: String(decoding: parts.host, as: UTF8.self).lowercased(), port: parts.port)
        }
        let isHTTP = text.hasPrefix("http://")
        let isHTTPS = text.hasPrefix("https://")
        reading.error(
            "bad-address", at: node,
            "`\(reading.excerpt(node))` is not the address of an endpoint"
                + (isHTTPS
                    ? ": it has a scheme; `tls: true` beside `endpoints` encrypts" : isHTTP ? ": it has a scheme" : ""),
            expected: words, suggestion: bare(text, isHTTPS ? "443" : isHTTP ? "80" : nil))
        return nil
    }

    /// The host and port of a URL.
    private static func bare(_ url: String, _ port: String?) -> String? {
        guard let port, let scheme = url.firstRange(of: "://") else { return nil }
        let authority = url[scheme.upperBound...].prefix { $0 != "/" }
        let hasPort = authority.last != "]" && authority.contains(":")
        return hasPort ? String(authority) : "\(authority):\(port)"
    }
}
