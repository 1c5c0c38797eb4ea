internal import Declarations
internal import Patterns
internal import Routing

extension FileReading {
    func report(_ problem: PathText.Problem, at node: Int, skipping: Int = 0) {
        if let suggestion = problem.suggestion {
            error("bad-path", at: node, problem.message, expected: problem.expected, suggestion: suggestion)
        } else {
            error("bad-path", at: node, byte: problem.offset + skipping, problem.message, expected: problem.expected)
        }
    }
}

extension ValueShape<PathPatternDeclaration> {
    private static let words = "a path such as /api/**, /users/{id} or ~^/v[0-9]+/"

    static let pathPattern = ValueShape<String>.text(pattern: "^[/~]", words) { content, _, _ in
        String(decoding: content, as: UTF8.self)
    }.checked { text, node, reading -> PathPatternDeclaration? in
        let content = reading.document.bytes(node)
        if content.first == UInt8(ascii: "~") {
            let expression = String(text.dropFirst())
            return reading.checkExpression(expression, .whole, node: node, skipping: 1) ? .regex(expression) : nil
        }
        do throws(PathText.Problem) {
            let pattern = try PathText.pattern(content)
            guard case .segments(let segments, _, _) = pattern, segments.count > RouteLimits.segmentsMax else {
                return pattern
            }
            reading.error(
                "bad-path", at: node, "the path has \(segments.count) segments",
                expected: "at most \(RouteLimits.segmentsMax)")
            return nil
        } catch {
            reading.report(error, at: node)
            return nil
        }
    }
}

extension ValueShape<String> {
    /// The prefix of a filter, normalised, without a slash at the end.
    static let pathPrefix = text(pattern: "^/.", "a path such as /api") { content, _, _ in
        String(decoding: content, as: UTF8.self)
    }.checked { text, node, reading -> String? in
        do throws(PathText.Problem) {
            let path = try PathText.literalPath(reading.document.bytes(node))
            if path == "/" {
                reading.error("bad-path", at: node, "the prefix `/` removes nothing", expected: "a path such as /api")
            } else if path.hasSuffix("/") {
                reading.error(
                    "bad-path", at: node, "the prefix ends with `/`", expected: "whole segments",
                    suggestion: String(text.dropLast()))
            } else {
                return path
            }
        } catch {
            reading.report(error, at: node)
        }
        return nil
    }

    private static let hostWords = "a host name such as api.example.com or *.example.com"

    /// A host name, or `*.` and a name, in lower case.
    static let hostPattern = text(pattern: "^(\\*\\.)?[A-Za-z0-9_.-]+$|^\\[[0-9A-Fa-f:.]+\\]$", hostWords) {
        content, _, _ in
        String(decoding: content, as: UTF8.self).lowercased()
    }.checked { host, node, reading -> String? in
        let content = Array(host.utf8)[...]
        let name = content.starts(with: "*.".utf8) ? content.dropFirst(2) : content
        let isLiteral = name.first == UInt8(ascii: "[") && name.last == UInt8(ascii: "]")
        if isLiteral ? AddressText.ipv6(name.dropFirst().dropLast()) != nil : AddressText.isHostName(name) {
            return host
        }
        if name.count == content.count, AddressText.ipv4(name) != nil { return host }
        reading.reportHost(host, node)
        return nil
    }

    static let method = text(pattern: "^[A-Z0-9!#$%&'*+.^_`|~-]+$", "a method in capitals, such as GET") {
        content, node, reading in
        let method = String(decoding: content, as: UTF8.self)
        let upper = method.uppercased()
        guard !content.isEmpty, content.allSatisfy(ByteClass.isToken), method == upper else {
            reading.error(
                "bad-method", at: node, "`\(reading.excerpt(node))` is not a method: they are written in capitals",
                expected: "a method such as GET",
                suggestion: knownMethods.contains(upper) ? upper : Spelling.nearest(to: upper, among: knownMethods))
            return nil
        }
        if method == "CONNECT" {
            reading.error(
                "bad-method", at: node, "CONNECT is never routed: the gateway is no tunnel", expected: "another method")
            return nil
        }
        if !knownMethods.contains(method), let near = Spelling.nearest(to: method, among: knownMethods) {
            reading.warning(
                "unusual-method", at: node, "`\(method)` is an unusual method", suggestion: near)
        }
        return method
    }

    private static let knownMethods = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND", "PROPPATCH", "MKCOL", "COPY",
        "MOVE", "LOCK", "UNLOCK", "REPORT", "SEARCH", "PURGE", "LINK", "UNLINK", "QUERY",
    ]
}

extension FileReading {
    fileprivate func reportHost(_ host: String, _ node: Int) {
        let words = "a host name such as api.example.com or *.example.com"
        var reason = ""
        var suggestion: String?
        if host == "*" {
            reason = ": leave `host` out to match every host"
        } else if let colon = host.lastIndex(of: ":"), !host.contains("://"), !host.hasPrefix("[") {
            reason = ": a port has no place in it"
            suggestion = String(host[..<colon])
        } else if host.hasSuffix(".") {
            reason = ": it ends with a dot"
            suggestion = String(host.dropLast())
        } else if host.utf8.contains(where: { $0 >= 0x80 }) {
            reason = ": write it in its ASCII form (xn--…)"
        } else if host.dropFirst().contains("*") {
            reason = ": `*` can only be the first label"
        }
        error(
            "bad-host", at: node, "`\(excerpt(node))` is not a host name\(reason)", expected: words,
            suggestion: suggestion)
    }
}

/// The mapping of one predicate: exactly one of the keys.
struct ConditionDraft: Sendable {
    var condition: FieldConditionDeclaration?
    var isPresent: Bool?
    var isAbsent: Bool?
}

extension ValueShape<FieldConditionDeclaration> {
    static let condition = ValueShape.short(
        ValueShape<String>.text("a text (the value to be equal to)").map { .equal($0) },
        orLong: Shapes.condition.value { _ in ConditionDraft() }.checked { draft, node, reading in
            guard draft.isPresent != false, draft.isAbsent != false else {
                reading.error(
                    "bad-value", at: node, "`present` and `absent` take only `true`",
                    expected: "`present: true` or `absent: true`")
                return nil
            }
            return draft.condition ?? (draft.isPresent == true ? .present : draft.isAbsent == true ? .absent : nil)
        })
}

extension ValueShape<[FieldPredicateDeclaration]> {
    static let headerPredicates = freeMapping(
        key: .requestFieldName, value: .condition, "a mapping from header names to a value or a condition"
    ) { FieldPredicateDeclaration(name: $0.value, condition: $1) }

    static let queryPredicates = freeMapping(
        key: ValueShape<String>.text(pattern: ".", "the name of a query parameter") { content, node, reading in
            if content.isEmpty {
                reading.error("bad-value", at: node, "the name of a query parameter is empty", expected: "a name")
                return nil
            }
            return String(decoding: content, as: UTF8.self)
        }, value: .condition,
        "a mapping from parameter names to a value or a condition"
    ) { FieldPredicateDeclaration(name: $0.value, condition: $1) }
}
