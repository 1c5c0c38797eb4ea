internal import Declarations

extension Shapes {
    static let hash = MappingShape<HashDraft>(
        name: "hash", summary: "What a consistent hash is computed from.",
        keys: [
            .optional(
                "header", \.key, ValueShape<String>.requestFieldName.map { HashKeyDeclaration.header($0) },
                "A header field of the request."),
            .optional(
                "cookie", \.key, ValueShape<String>.cookieName.map { HashKeyDeclaration.cookie($0) },
                "A cookie of the request."),
            .optional(
                "capture", \.key, ValueShape<String>.captureName.map { HashKeyDeclaration.capture($0) },
                "A capture of the route's path; every path of every route that forwards here must have it."),
        ], oneOf: ["header", "cookie", "capture"])

    static let stickyCookie: MappingShape<StickyCookieDeclaration> = {
        let initial = StickyCookieDeclaration(name: "")
        return MappingShape(
            name: "sticky-cookie", summary: "A cookie that keeps a client with its endpoint.",
            keys: [
                .key("name", \.name, .cookieName, required: true, "The name of the cookie."),
                .key(
                    "max-age", \.maxAgeSeconds, .wholeSeconds(to: 365), default: initial.maxAgeSeconds,
                    "How long the browser keeps it; `off`: until it closes."),
                .key(
                    "secure", \.secure, .boolean, default: initial.secure,
                    "The browser sends it over TLS only."),
            ])
    }()
}

/// The mapping `hash`: one of the keys.
struct HashDraft: Sendable {
    var key: HashKeyDeclaration?
}

extension ValueShape<String> {
    /// The name of a capture, without its braces.
    fileprivate static let captureName = text(
        pattern: "^[A-Za-z_][A-Za-z0-9_]*$", "the name of a capture, such as id for /orders/{id}"
    ) { content, node, reading in
        if PathText.isCaptureName(content) { return String(decoding: content, as: UTF8.self) }
        let inner = content.dropFirst().dropLast()
        let isBraced = content.first == UInt8(ascii: "{") && PathText.isCaptureName(inner)
        reading.error(
            "bad-name", at: node, "`\(reading.excerpt(node))` is not the name of a capture",
            expected: "letters, digits and `_`, not beginning with a digit",
            suggestion: isBraced ? String(decoding: inner, as: UTF8.self) : nil)
        return nil
    }
}

extension ValueShape<Int> {
    /// A duration of whole seconds, up to some days.
    fileprivate static func wholeSeconds(to days: Int) -> ValueShape<Int> {
        let duration = ValueShape<Int>.duration(1_000...days * 86_400_000)
        var shape = duration.checked { milliseconds, node, reading -> Int? in
            if milliseconds.isMultiple(of: 1_000) { return milliseconds / 1_000 }
            reading.error(
                "out-of-range", at: node, "`\(reading.excerpt(node))` has a fraction of a second",
                expected: duration.expected + "; in whole seconds")
            return nil
        }
        shape.written = { duration.written($0 * 1_000) }
        return shape
    }
}

extension ValueShape<HashKeyDeclaration> {
    static let hashKey = ValueShape.short(
        ValueShape<String>.word(["client-address"]).map { _ in HashKeyDeclaration.clientAddress },
        orLong: Shapes.hash.value { _ in HashDraft() }.checked { draft, _, _ in draft.key })
}

extension ValueShape<StickyCookieDeclaration> {
    static let stickyCookie = ValueShape.short(
        ValueShape<String>.cookieName.map { StickyCookieDeclaration(name: $0) },
        orLong: Shapes.stickyCookie.value { _ in StickyCookieDeclaration(name: "") }
    ).checked { cookie, node, reading in
        // Browsers drop such a cookie (RFC 6265bis §4.1.3), and nobody would stay with anything.
        let prefix = ["__Host-", "__Secure-"].first { cookie.name.lowercased().hasPrefix($0.lowercased()) }
        if let prefix, !cookie.secure {
            reading.error(
                "conflicting-keys", at: reading.node(of: ["secure"], in: node),
                "browsers drop a cookie `\(prefix)…` that is not secure", expected: "`secure: true`, or another name")
        }
        return cookie
    }
}

extension ValueShape<ProxyProtocolDeclaration?> {
    /// A version, or `off`.
    static let proxyProtocol = ValueShape<String>.word(ProxyProtocolDeclaration.allCases.map(\.rawValue) + ["off"])
        .map { ProxyProtocolDeclaration(rawValue: $0) }
}
