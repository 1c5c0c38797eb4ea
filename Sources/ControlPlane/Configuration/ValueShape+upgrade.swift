extension ValueShape<[String]> {
    private static let words = "`websocket`, a list of protocols, or off"

    /// The protocols that a request may change to, in lower case; `off` is none.
    static let upgrade: ValueShape<[String]> = {
        let protocols = ValueShape<[String]>.oneOrDistinctList(of: .upgradeProtocol, 1...16)
        return ValueShape(schema: protocols.schema, expected: words) { node, reading -> [String]? in
            let document = reading.document
            guard document.nodes[node].kind == .scalar, !document.isNull(node) else {
                if document.nodes[node].kind == .sequence { return protocols.read(node, reading) }
                reading.wrongKind(node, expected: words)
                return nil
            }
            switch document.string(node) {
            case "off": return []
            case "true", "yes", "on":
                reading.error(
                    "wrong-type", at: node, "`\(reading.excerpt(node))` does not belong here", expected: words,
                    suggestion: "websocket")
                return nil
            case "false", "no", "none":
                reading.error(
                    "wrong-type", at: node, "`\(reading.excerpt(node))` does not belong here", expected: words,
                    suggestion: "off")
                return nil
            default: return protocols.read(node, reading)
            }
        }
    }()
}

extension ValueShape<String> {
    /// One protocol of the field `Upgrade` (RFC 9110 §7.8): a token, and a version after a slash.
    fileprivate static let upgradeProtocol = text(
        pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+(/[!#$%&'*+.^_`|~0-9A-Za-z-]+)?$", "a protocol such as websocket"
    ) { content, node, reading in
        let name = String(decoding: content, as: UTF8.self).lowercased()
        let parts = content.split(separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(ByteClass.isToken) }), content.count <= 64 else {
            reading.error(
                "bad-upgrade", at: node, "`\(reading.excerpt(node))` is not the name of a protocol",
                expected: "a protocol such as websocket")
            return nil
        }
        if let reason = refusal(of: name.prefix { $0 != "/" }) {
            reading.error("bad-upgrade", at: node, "`\(name)` is never changed to: \(reason)", expected: words)
            return nil
        }
        if name != "websocket", let near = Spelling.nearest(to: name, among: ["websocket"]) {
            reading.warning("unusual-upgrade", at: node, "`\(name)` is an unusual protocol", suggestion: near)
        }
        return name
    }

    private static let words = "a protocol such as websocket"

    /// Why requests of another protocol within the connection would pass by the routes.
    private static func refusal(of name: Substring) -> String? {
        switch name {
        case "h2c", "h2", "h3", "http": "requests inside such a connection would pass by the routes"
        case "tls": "it is the listener that speaks TLS with clients"
        case "off": "it stands alone, not in a list"
        default: nil
        }
    }
}
