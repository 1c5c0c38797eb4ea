internal import Declarations

extension ValueShape<String> {
    /// The name of a header field, as written.
    static let fieldName = text(
        pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$", "the name of a header field, such as X-Env"
    ) { content, node, reading in
        guard !content.isEmpty, content.allSatisfy(ByteClass.isToken) else {
            reading.error(
                "bad-header-name", at: node, "`\(reading.excerpt(node))` is not the name of a header field",
                expected: "letters, digits and `-`")
            return nil
        }
        return String(decoding: content, as: UTF8.self)
    }

    /// The name of a header field that is looked for in requests, in lower case.
    static let requestFieldName = fieldName.checked { name, node, reading -> String? in
        guard name.contains("_") else { return name.lowercased() }
        reading.error(
            "bad-header-name", at: node,
            "header names with `_` are dropped from every request, so this never matches",
            expected: "a header name without `_`", suggestion: String(name.map { $0 == "_" ? "-" : $0 }))
        return nil
    }

    /// The name of a cookie (RFC 6265 §4.1.1).
    static let cookieName = text(
        pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$", "the name of a cookie, such as SERVERID"
    ) { content, node, reading in
        guard !content.isEmpty, content.count <= 128, content.allSatisfy(ByteClass.isToken) else {
            reading.error(
                "bad-cookie-name", at: node,
                content.isEmpty
                    ? "the name of the cookie is empty" : "`\(reading.excerpt(node))` is not the name of a cookie",
                expected: "letters, digits, `-` and `_`, at most 128 characters")
            return nil
        }
        return String(decoding: content, as: UTF8.self)
    }

    /// The name of a header field that a filter may change.
    static let editableFieldName = fieldName.checked { name, node, reading in
        reading.checkEditable(name, node) ? name : nil
    }

    /// The name of a header field that a filter may remove. `Host` may be set, but a request without it is not HTTP/1.1.
    static let removableFieldName = editableFieldName.checked { name, node, reading -> String? in
        guard name.lowercased() == "host" else { return name }
        reading.error(
            "forbidden-header", at: node, "a request without `Host` is not HTTP/1.1", expected: "another header field")
        return nil
    }

    /// The value of a header field.
    static let fieldValue = text("the value of a header field").checked { value, node, reading -> String? in
        let bytes = value.utf8
        if bytes.contains(where: { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7F }) {
            reading.error(
                "bad-header-value", at: node, "a header value cannot hold a line break or another control character",
                expected: "one line of text")
            return nil
        }
        if let first = bytes.first, let last = bytes.last, [first, last].contains(where: { $0 == 0x20 || $0 == 0x09 }) {
            reading.error(
                "bad-header-value", at: node, "a header value cannot begin or end with a space",
                expected: "text without it")
            return nil
        }
        return value
    }
}

extension FileReading {
    /// The fields that frame a message or belong to one connection: the gateway writes them, and nobody else.
    static let forbiddenFields: Set<String> = [
        "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer", "keep-alive",
        "proxy-connection",
    ]

    func checkEditable(_ name: String, _ node: Int) -> Bool {
        guard Self.forbiddenFields.contains(name.lowercased()) else { return true }
        error(
            "forbidden-header", at: node, "`\(name)` is written by the gateway itself and cannot be changed",
            expected: "another header field")
        return false
    }
}

extension ValueShape<[HeaderDeclaration]> {
    /// A mapping from names of header fields to values, in the order of the file.
    static let headers = freeMapping(
        key: .editableFieldName, value: .fieldValue, "a mapping from header names to values", foldsCase: true
    ) { HeaderDeclaration(name: $0.value, value: $1) }
}

extension ValueShape {
    /// A mapping whose keys the user chooses.
    /// - Parameter foldsCase: two keys that differ only in case are the same key.
    static func freeMapping<Inner, Element>(
        key: ValueShape<String>, value: ValueShape<Inner>, _ expected: String, foldsCase: Bool = false,
        _ element: @escaping @Sendable (Located<String>, Inner) -> Element
    ) -> ValueShape<[Element]> where Value == [Element] {
        var members: [JSONValue.Member] = [.init("type", .string("object"))]
        if case .object(let keyMembers) = key.schema, let pattern = keyMembers.first(where: { $0.name == "pattern" }) {
            members.append(.init("propertyNames", .object([pattern])))
        }
        members.append(.init("additionalProperties", value.schema))
        return ValueShape<[Element]>(schema: .object(members), expected: expected) { node, reading in
            let document = reading.document
            guard document.nodes[node].kind == .mapping else {
                reading.wrongKind(node, expected: expected)
                return nil
            }
            var elements: [Element] = []
            var first: [String: Int] = [:]
            let children = document.children(node)
            for index in stride(from: 0, to: children.count, by: 2) {
                let keyNode = children[index]
                guard let name = key.read(keyNode, reading) else { continue }
                let folded = foldsCase ? name.lowercased() : name
                if let earlier = first.updateValue(keyNode, forKey: folded) {
                    reading.reportDuplicate(keyNode, first: earlier)
                } else if let inner = value.read(children[index + 1], reading) {
                    elements.append(element(Located(value: name, node: keyNode), inner))
                }
            }
            return elements
        }
    }
}
