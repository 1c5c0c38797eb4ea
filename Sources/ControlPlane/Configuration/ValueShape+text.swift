internal import Patterns

extension ValueShape<String> {
    /// Any text, as it is. A number or `true` without quotes counts as its text.
    static func text(_ expected: String) -> ValueShape<String> {
        let types = ["string", "number", "boolean"].map { JSONValue.string($0) }
        return ValueShape(schema: .object([.init("type", .array(types))]), expected: expected) { node, reading in
            // An empty text must be quoted: without quotes it is a value that somebody forgot.
            reading.scalar(node, expected: expected).map { String(decoding: $0, as: UTF8.self) }
        } written: {
            .string($0)
        }
    }

    /// A text that the schema describes by an expression, and a check that says what is wrong with it.
    /// - Parameter check: reports by itself; gives the value to be used.
    static func text(
        pattern: String? = nil, _ expected: String, alsoNumbers: Bool = false,
        check: @escaping @Sendable (ArraySlice<UInt8>, Int, FileReading) -> String?
    ) -> ValueShape<String> {
        let type: JSONValue =
            alsoNumbers ? .array([.string("string"), .string("number")]) : .string("string")
        var members: [JSONValue.Member] = [.init("type", type)]
        if let pattern { members.append(.init("pattern", .string(pattern))) }
        return ValueShape(schema: .object(members), expected: expected) { node, reading in
            reading.scalar(node, expected: expected).flatMap { check($0, node, reading) }
        } written: {
            .string($0)
        }
    }

    /// A name that becomes a label in metrics and logs.
    static let identifier = text(
        pattern: "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$",
        "a name of letters, digits, `_`, `-` and `.` that does not begin with `-` or `.`, at most 128 characters",
        alsoNumbers: true
    ) { content, node, reading in
        guard isIdentifier(content) else {
            reading.error(
                "bad-name", at: node, "`\(reading.excerpt(node))` is not a name", expected: identifierExpected)
            return nil
        }
        return String(decoding: content, as: UTF8.self)
    }

    static let identifierExpected =
        "a name of letters, digits, `_`, `-` and `.` that does not begin with `-` or `.`, at most 128 characters"

    static func isIdentifier(_ content: ArraySlice<UInt8>) -> Bool {
        guard let first = content.first, content.count <= 128, first != UInt8(ascii: "-"), first != UInt8(ascii: ".")
        else { return false }
        return content.allSatisfy { byte in
            ByteClass.isAlphanumeric(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
                || byte == UInt8(ascii: ".")
        }
    }

    /// One of a few words.
    static func word(_ words: [String]) -> ValueShape<String> {
        let expected = (words.count > 1 ? "one of " : "") + words.map { "`\($0)`" }.joined(separator: ", ")
        let schema = JSONValue.object([.init("enum", .array(words.map { .string($0) }))])
        return ValueShape(schema: schema, expected: expected) { node, reading in
            guard let content = reading.scalar(node, expected: expected) else { return nil }
            let word = String(decoding: content, as: UTF8.self)
            if words.contains(word) { return word }
            reading.error(
                "unknown-word", at: node, "`\(reading.excerpt(node))` is not known here", expected: expected,
                suggestion: Spelling.nearest(to: word, among: words))
            return nil
        } written: {
            .string($0)
        }
    }

    /// A regular expression that compiles and must match the whole value.
    static let expression = expression(scope: .whole)

    static func expression(scope: PatternScope) -> ValueShape<String> {
        text("a regular expression (PCRE2)") { content, node, reading in
            let expression = String(decoding: content, as: UTF8.self)
            return reading.checkExpression(expression, scope, node: node, skipping: 0) ? expression : nil
        }
    }
}

extension FileReading {
    /// Reports an expression that does not compile. It begins after `skipping` octets of the scalar.
    func checkExpression(_ expression: String, _ scope: PatternScope, node: Int, skipping: Int) -> Bool {
        guard let problem = RegexCheck.problem(in: expression, scope: scope) else { return true }
        error(
            "bad-regex", at: node, byte: skipping + problem.offset,
            "the expression does not compile: \(problem.message)", expected: "a regular expression (PCRE2)")
        return false
    }
}

/// Classes of ASCII characters.
enum ByteClass {
    static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }

    static func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) }

    /// Characters of a token (RFC 9110 §5.6.2).
    static func isToken(_ byte: UInt8) -> Bool {
        if isAlphanumeric(byte) { return true }
        switch byte {
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            return true
        default: return false
        }
    }

    /// Characters that percent-encoding never needs (RFC 3986 §2.3).
    static func isUnreserved(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "~")
    }

    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
