internal import Declarations

// What concerns browsers: pages of other origins, and fields that tell them to be careful.
extension Shapes {
    static let crossOrigin: MappingShape<CrossOriginDeclaration> = {
        let initial = CrossOriginDeclaration()
        return MappingShape(
            name: "cors", summary: "Which pages of other origins may read answers.",
            keys: [
                .key(
                    "origins", \.origins, .oneOrList(of: .webOrigin), required: true,
                    "Origins of the pages: `https://shop.example.com`, `https://*.example.com`, or `*` for all."),
                .key(
                    "methods", \.methods, .oneOrList(of: .method),
                    "Methods that a page may use beside GET, HEAD and POST."),
                .key(
                    "headers", \.headers, .oneOrList(of: .fieldName),
                    "Header fields that a page may send beside those that every page may."),
                .key(
                    "expose", \.exposedHeaders, .oneOrList(of: .fieldName),
                    "Header fields of answers that a page may read beside those that every page may."),
                .key(
                    "credentials", \.allowsCredentials, .boolean, default: initial.allowsCredentials,
                    "Cookies and other credentials may come along; not beside the origin `*`."),
                .key(
                    "max-age", \.maxAgeSeconds, ValueShape<Int>.wholeSeconds(0...86_400),
                    default: initial.maxAgeSeconds, "How long a page may remember the answer to a preflight."),
            ])
    }()

    static let secureHeaders: MappingShape<SecureHeadersDeclaration> = {
        let initial = SecureHeadersDeclaration()
        return MappingShape(
            name: "secure-headers", summary: "Fields of the response that tell browsers to be careful.",
            keys: [
                .key(
                    "hsts-max-age", \.transportMaxAgeSeconds, ValueShape<Int>.wholeSeconds(0...63_072_000),
                    default: initial.transportMaxAgeSeconds,
                    "How long browsers insist on TLS (`Strict-Transport-Security`); sent over TLS only; `off`: not sent."
                ),
                .key(
                    "hsts-subdomains", \.transportIncludesSubdomains, .boolean,
                    default: initial.transportIncludesSubdomains, "The same for all names below."),
                .key(
                    "frame-options", \.frameOptions, .fieldValueOrOff, default: initial.frameOptions,
                    "`X-Frame-Options`, or `off`."),
                .key(
                    "referrer-policy", \.referrerPolicy, .fieldValueOrOff, default: initial.referrerPolicy,
                    "`Referrer-Policy`, or `off`."),
                .key(
                    "content-security-policy", \.contentSecurityPolicy, .fieldValueOrOff,
                    default: initial.contentSecurityPolicy, "`Content-Security-Policy`, or `off`."),
                .key(
                    "permissions-policy", \.permissionsPolicy, .fieldValueOrOff, default: initial.permissionsPolicy,
                    "`Permissions-Policy`, or `off`."),
            ])
    }()
}

extension ValueShape<FilterDeclaration> {
    static let crossOrigin = Shapes.crossOrigin.value { _ in CrossOriginDeclaration() }.checked {
        cors, node, reading -> FilterDeclaration? in
        guard cors.allowsCredentials, cors.origins.contains("*") else { return .crossOrigin(cors) }
        reading.error(
            "conflicting-keys", at: reading.node(of: ["credentials"], in: node),
            "`credentials` cannot stand beside the origin `*`: every page could act for every user",
            expected: "the origins that may, or no `credentials`")
        return nil
    }
}

extension ValueShape<String> {
    /// An origin as browsers write it (RFC 6454 §6.2), with `*.` in front of a host, or `*`.
    static let webOrigin = text("an origin such as https://shop.example.com, https://*.example.com or *").checked {
        text, node, reading -> String? in
        let lower = text.lowercased()
        if lower == "*" || isWebOrigin(lower) { return lower }
        let scheme = lower.hasPrefix("http://") || lower.hasPrefix("https://")
        let bare =
            scheme ? lower.prefix { $0 != "/" } + "//" + lower.drop { $0 != "/" }.dropFirst(2).prefix { $0 != "/" } : ""
        let suggestion = scheme ? String(bare) : "https://" + lower
        reading.error(
            "bad-origin", at: node, "`\(reading.excerpt(node))` is not an origin",
            expected: "a scheme, a host, and a port unless it is the scheme's own; no path",
            suggestion: isWebOrigin(suggestion) ? suggestion : nil)
        return nil
    }

    private static func isWebOrigin(_ text: String) -> Bool {
        let schemes = ["https://", "http://"]
        guard let scheme = schemes.first(where: text.hasPrefix) else { return false }
        var rest = Array(text.utf8)[scheme.utf8.count...]
        if rest.starts(with: "*.".utf8) { rest = rest.dropFirst(2) }
        if AddressText.isHostName(rest) || AddressText.ipv4(rest) != nil { return true }
        guard let parts = AddressText.split(rest), parts.port > 0 else { return false }
        // A browser leaves the scheme's own port out, so written it never matches.
        guard parts.port != (scheme == "https://" ? 443 : 80) else { return false }
        return parts.isBracketed
            ? AddressText.ipv6(parts.host) != nil
            : AddressText.isHostName(parts.host) || AddressText.ipv4(parts.host) != nil
    }

    /// The value of a header field; `off` is the empty text.
    static let fieldValueOrOff: ValueShape<String> = {
        var shape = fieldValue.map { $0 == "off" ? "" : $0 }
        shape.written = { .string($0.isEmpty ? "off" : $0) }
        return shape
    }()
}

extension ValueShape<Int> {
    /// A duration in whole seconds, or `off`.
    static func wholeSeconds(_ range: ClosedRange<Int>) -> ValueShape<Int> {
        let milliseconds = duration(max(1_000, range.lowerBound * 1_000)...range.upperBound * 1_000)
        var shape = milliseconds.checked { value, node, reading -> Int? in
            guard !value.isMultiple(of: 1_000) else { return value / 1_000 }
            reading.error(
                "out-of-range", at: node, "`\(reading.excerpt(node))` is not a whole number of seconds",
                expected: milliseconds.expected)
            return nil
        }
        shape.written = { milliseconds.written($0 * 1_000) }
        return shape
    }
}
