internal import Declarations

extension Shapes {
    static let redirect = MappingShape<RedirectDeclaration>(
        name: "redirect", summary: "Answers with a redirect.",
        keys: [
            .key("to", \.location, .location, required: true, "The `Location`, with `{path}`, `{host}` and captures."),
            .key(
                "status", \.status, .status([301, 302, 303, 307, 308]),
                default: RedirectDeclaration(location: "").status,
                "The status code."),
            .key(
                "keep-query", \.keepQuery, .boolean, default: RedirectDeclaration(location: "").keepQuery,
                "Appends the request's query string."),
        ])

    static let respond: MappingShape<RespondDeclaration> = {
        let initial = RespondDeclaration()
        return MappingShape(
            name: "respond", summary: "Answers without an upstream.",
            keys: [
                .key("status", \.status, .integer(200...599), default: initial.status, "The status code."),
                .key("body", \.body, .responseBody, default: initial.body, "The body, at most 1 MiB."),
                .key(
                    "content-type", \.contentType, .fieldValue, default: initial.contentType,
                    "The type of the body; not sent when it is empty."),
                .key("headers", \.headers, .headers, "Further header fields."),
            ])
    }()
}

extension ValueShape<Int> {
    /// The only version of the format that there is.
    static let version = ValueShape<Int>(
        schema: .object([.init("const", .integer(1))]), expected: "`version: 1`"
    ) { node, reading in
        guard let content = reading.scalar(node, expected: "1") else { return nil }
        if content.elementsEqual("1".utf8), reading.document.nodes[node].isPlain { return 1 }
        reading.error(
            "bad-version", at: node, "this program reads version 1 of the format, not `\(reading.excerpt(node))`",
            expected: "1")
        return nil
    }

    /// One of a few status codes.
    static func status(_ codes: [Int]) -> ValueShape<Int> {
        let expected = "one of " + codes.map { String($0) }.joined(separator: ", ")
        let schema = JSONValue.object([.init("enum", .array(codes.map { .integer($0) }))])
        return ValueShape(schema: schema, expected: expected) { node, reading in
            guard let content = reading.scalar(node, expected: expected) else { return nil }
            if reading.document.nodes[node].isPlain, let code = Decimal.parse(content), codes.contains(code) {
                return code
            }
            reading.error(
                "out-of-range", at: node, "`\(reading.excerpt(node))` is not a status of a redirect", expected: expected
            )
            return nil
        } written: {
            .integer($0)
        }
    }
}

extension ValueShape<String> {
    /// A body that may be empty.
    static let responseBody: ValueShape<String> = {
        let limit = 1_048_576
        var shape = text("a text of at most 1 MiB").checked { body, node, reading -> String? in
            guard body.utf8.count > limit else { return body }
            reading.error(
                "out-of-range", at: node, "the body has \(body.utf8.count) octets, more than 1 MiB",
                expected: "a text of at most 1 MiB")
            return nil
        }
        shape.written = { .string($0) }
        return shape
    }()

    /// What a `Location` may be: it must not lead a client to a place that the request chose.
    static let location = text(pattern: "^(/|https?://)", "a path, or http:// or https:// and a host") {
        content, node, reading in
        let text = String(decoding: content, as: UTF8.self)
        if let bad = content.firstIndex(where: { $0 <= 0x20 || $0 >= 0x7F || "\"<>\\^`|".utf8.contains($0) }) {
            reading.error(
                "bad-location", at: node, byte: bad - content.startIndex,
                "the character cannot stand in a URL as it is",
                expected: "its percent-encoding, such as %20")
            return nil
        }
        guard let problem = locationProblem(text) else { return text }
        reading.error(
            "bad-location", at: node, problem, expected: "a path such as /new/{id}, or https://example.com{path}",
            suggestion: text.hasPrefix("{path}") || text.hasPrefix("/{**}") ? "https://{host}" + text : nil)
        return nil
    }

    private static func locationProblem(_ text: String) -> String? {
        if text.hasPrefix("//") { return "the location has a host but no scheme" }
        if text.hasPrefix("{path}") || text.hasPrefix("/{**}") {
            return "a request for `//other.example` would be sent to another host"
        }
        if text.hasPrefix("/") { return nil }
        guard let scheme = ["http://", "https://"].first(where: text.hasPrefix) else {
            return "`\(text.prefix(60))` is neither a path nor a URL"
        }
        let rest = text.dropFirst(scheme.count)
        if rest.isEmpty || rest.hasPrefix("/") { return "the location has no host" }
        // Whatever stands between the scheme and the first `/` decides where the client goes.
        let host = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let afterHost = host.hasSuffix("{path}") ? host.dropLast(6) : host
        let fixed = afterHost.hasPrefix("{host}") ? afterHost.dropFirst(6) : afterHost
        return fixed.contains("{") ? "a capture in the host lets the request choose where the client goes" : nil
    }
}

extension ValueShape<RedirectDeclaration> {
    static let redirect = ValueShape.short(
        ValueShape<String>.location.map { RedirectDeclaration(location: $0) },
        orLong: Shapes.redirect.value { _ in RedirectDeclaration(location: "") }.checked { redirect, _, _ in
            // Without a location the problem is reported already.
            redirect.location.isEmpty ? nil : redirect
        })
}

extension ValueShape<RespondDeclaration> {
    static let respond = ValueShape.short(
        ValueShape<Int>.integer(200...599).map { status in
            var respond = RespondDeclaration()
            respond.status = status
            return respond
        },
        orLong: Shapes.respond.value { _ in RespondDeclaration() }.checked { respond, node, reading in
            if [204, 205, 304].contains(respond.status), !respond.body.isEmpty {
                reading.error(
                    "conflicting-keys", at: node, "a response of status \(respond.status) has no body",
                    expected: "no `body`, or another status")
            }
            if respond.headers.contains(where: { $0.name.lowercased() == "content-type" }) {
                reading.error(
                    "conflicting-keys", at: node, "`Content-Type` is not written under `headers`",
                    expected: "the key `content-type`")
            }
            return respond
        })
}
