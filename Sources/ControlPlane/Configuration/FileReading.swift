internal import Declarations

/// All that the shapes need while one file is read: the nodes, the problems, and what is remembered for the checks that follow.
final class FileReading {
    let document: YAMLDocument
    let notes: ProblemList
    /// What an upstream has that says nothing, once `defaults` is read.
    var upstreamDefaults = UpstreamDeclaration(id: "", endpoints: [])
    /// What a route's `tracing` begins with, once the gateway's is read.
    var sampling = SamplingDeclaration()
    /// The files that are named, in no order.
    var files: [FileReference] = []
    /// Where a route names an upstream.
    var upstreamReferences: [Located<String>] = []
    /// Every place where an issuer is named.
    var issuerReferences: [Located<String>] = []

    init(_ document: YAMLDocument, _ notes: ProblemList) {
        self.document = document
        self.notes = notes
    }

    func error(_ code: String, at node: Int, _ message: String, expected: String? = nil, suggestion: String? = nil) {
        add(.error, code, at: node, message, expected: expected, suggestion: suggestion)
    }

    func warning(_ code: String, at node: Int, _ message: String, expected: String? = nil, suggestion: String? = nil) {
        add(.warning, code, at: node, message, expected: expected, suggestion: suggestion)
    }

    /// An error inside a scalar, at an octet of its content.
    func error(
        _ code: String, at node: Int, byte offset: Int, _ message: String, expected: String? = nil,
        suggestion: String? = nil
    ) {
        let place = document.nodes[node]
        let column = notes.column(
            ofByte: offset, in: document.bytes(node), line: Int(place.line), column: Int(place.column),
            isPlain: place.isPlain)
        notes.add(
            ConfigurationProblem(
                code: code, line: Int(place.line), column: column, message: message, expected: expected,
                suggestion: suggestion))
    }

    private func add(
        _ severity: ConfigurationProblem.Severity, _ code: String, at node: Int, _ message: String, expected: String?,
        suggestion: String?
    ) {
        let place = document.nodes[node]
        notes.add(
            ConfigurationProblem(
                severity: severity, code: code, line: Int(place.line), column: Int(place.column), message: message,
                expected: expected, suggestion: suggestion))
    }

    /// Says that the node is of the wrong kind, unless it was refused already.
    func wrongKind(_ node: Int, expected: String) {
        let found: String
        switch document.nodes[node].kind {
        case .refused: return
        case .sequence: found = "a list does not belong here"
        case .mapping: found = "a mapping does not belong here"
        case .scalar:
            found = document.isNull(node) ? "nothing is written here" : "`\(excerpt(node))` does not belong here"
        }
        error("wrong-type", at: node, found, expected: expected)
    }

    /// The value under keys within keys of a mapping; where a key is missing, the mapping that lacks it.
    func node(of keys: [String], in mapping: Int) -> Int {
        guard let key = keys.first, let value = written([key], in: mapping) else { return mapping }
        return node(of: Array(keys.dropFirst()), in: value)
    }

    /// The value under keys within keys of a mapping; `nil` where a key is missing.
    func written(_ keys: [String], in mapping: Int) -> Int? {
        guard let key = keys.first else { return mapping }
        guard document.nodes[mapping].kind == .mapping else { return nil }
        let children = document.children(mapping)
        for index in stride(from: 0, to: children.count, by: 2)
        where document.nodes[children[index]].kind == .scalar && document.bytes(children[index]).elementsEqual(key.utf8)
        {
            return written(Array(keys.dropFirst()), in: children[index + 1])
        }
        return nil
    }

    /// The content of a scalar, or `nil` after saying that the node is none. A null counts as none.
    func scalar(_ node: Int, expected: String) -> ArraySlice<UInt8>? {
        guard document.nodes[node].kind == .scalar, !document.isNull(node) else {
            wrongKind(node, expected: expected)
            return nil
        }
        return document.bytes(node)
    }

    /// The beginning of a scalar's content, to be quoted in a message.
    func excerpt(_ node: Int) -> String {
        let content = document.string(node)
        return content.count <= 60 ? content : content.prefix(57) + "…"
    }
}

/// A value and the node it came from, for checks that happen later.
struct Located<Value: Sendable>: Sendable {
    var value: Value
    var node: Int
}
