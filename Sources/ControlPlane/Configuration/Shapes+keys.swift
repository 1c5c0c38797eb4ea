internal import Declarations

extension Shapes {
    static let apiKey: MappingShape<APIKeyDeclaration> = {
        let initial = APIKeyDeclaration()
        return MappingShape(
            name: "api-key", summary: "Keys that clients show to be known by name.",
            keys: [
                .key(
                    "header", \.header, .requestFieldName, default: initial.header,
                    "The header field that has the key."),
                .key("query", \.query, .plainText, "The query parameter that has the key, in place of a header field."),
                .key(
                    "keys", \.keys, .knownKeys, required: true,
                    "The keys by name, each as `sha256:` and its digest in hexadecimal."),
                .key(
                    "name-header", \.nameHeader, .editableFieldName,
                    "The header field that tells the upstream whose key it was; what clients send under it is removed."),
                .key(
                    "forward-key", \.forwardsKey, .boolean, default: initial.forwardsKey,
                    "The key goes to the upstream too, where it came in a header field."),
            ])
    }()
}

extension ValueShape<FilterDeclaration> {
    static let apiKey = Shapes.apiKey.value { _ in APIKeyDeclaration() }.checked {
        keys, node, reading -> FilterDeclaration? in
        if let header = reading.written(["header"], in: node), !keys.query.isEmpty {
            reading.error(
                "conflicting-keys", at: header, "`header` cannot stand beside `query`",
                expected: "one place for the key")
        }
        var seen: [[UInt8]: String] = [:]
        for key in keys.keys {
            if let other = seen.updateValue(key.name, forKey: key.digest) {
                reading.error(
                    "duplicate-value", at: reading.node(of: ["keys", key.name], in: node),
                    "`\(key.name)` has the same key as `\(other)`", expected: "a key for each name")
            }
        }
        var result = keys
        if !keys.query.isEmpty { result.header = "" }
        return .apiKey(result)
    }
}

extension ValueShape<[KnownKeyDeclaration]> {
    static let knownKeys = freeMapping(
        key: .identifier, value: ValueShape<[UInt8]>.digest, "a mapping from names to digests of keys"
    ) { KnownKeyDeclaration(name: $0.value, digest: $1) }
}

extension ValueShape<[UInt8]> {
    private static let words = "`sha256:` and 64 hexadecimal digits"

    /// A key itself has no place in a file that many can read.
    static let digest = ValueShape<String>.text(pattern: "^sha256:[0-9a-fA-F]{64}$", words) { content, _, _ in
        String(decoding: content, as: UTF8.self)
    }.checked { text, node, reading -> [UInt8]? in
        let digits = Array(text.utf8.dropFirst(7))
        let values = digits.compactMap { UInt8(String(UnicodeScalar($0)), radix: 16) }
        guard text.hasPrefix("sha256:"), digits.count == 64, values.count == 64 else {
            reading.error(
                "bad-digest", at: node, "this is not the digest of a key",
                expected: "\(words), as `printf %s KEY | sha256sum` prints them")
            return nil
        }
        return stride(from: 0, to: 64, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }
}
