/// The keys of one mapping of the file: the only place that knows them. Reading, the check for unknown keys, the nearest
/// spelling and the JSON Schema all follow this table.
struct MappingShape<Target: Sendable>: Sendable {
    /// The name in the schema's `$defs`.
    let name: String
    /// What messages call it: as a rule the key that it is written under.
    let title: String
    /// One sentence for the schema.
    let summary: String
    let keys: [MappingKey<Target>]
    /// Keys of which exactly one must be there; empty when there is no such rule.
    let oneOf: [String]
    /// Keys that have their place elsewhere, and where.
    let elsewhere: [String: String]
    /// For each key, whether it is among `oneOf`.
    private let isChoice: [Bool]

    init(
        name: String, title: String? = nil, summary: String, keys: [MappingKey<Target>], oneOf: [String] = [],
        elsewhere: [String: String] = [:]
    ) {
        precondition(keys.count <= PresentKeys().nodes.count, "PresentKeys has no room for the keys of \(name)")
        self.name = name
        self.title = title ?? "`\(name)`"
        self.elsewhere = elsewhere
        self.summary = summary
        self.keys = keys
        self.oneOf = oneOf
        isChoice = keys.map { oneOf.contains($0.name) }
    }

    /// Reads the mapping into `target`, in the order of the table (not of the file), and reports whatever is wrong.
    /// - Returns: the nodes of the keys that are there, by their place in the table; `nil` when the node is no mapping.
    func read(_ node: Int, into target: inout Target, _ reading: FileReading) -> PresentKeys? {
        guard reading.document.nodes[node].kind == .mapping else {
            reading.wrongKind(node, expected: expected)
            return nil
        }
        let present = findKeys(node, reading)
        for index in keys.indices {
            let keyNode = present.nodes[index]
            if keyNode >= 0 {
                keys[index].read(&target, Int(reading.document.nodes[keyNode].end), reading)
            } else if keys[index].isRequired, !present.isMisspelt(keys[index].name) {
                reading.error(
                    "missing-key", at: node, "`\(keys[index].name)` is missing", expected: keys[index].expectedText)
            }
        }
        checkOneOf(node, present, reading)
        return present
    }

    var expected: String {
        "a mapping with the keys " + keys.map { "`\($0.name)`" }.joined(separator: ", ")
    }

    private func findKeys(_ node: Int, _ reading: FileReading) -> PresentKeys {
        var present = PresentKeys()
        let document = reading.document
        let end = Int(document.nodes[node].end)
        var unknown: Set<String> = []
        var key = node + 1
        while key < end {
            defer { key = Int(document.nodes[Int(document.nodes[key].end)].end) }
            guard document.nodes[key].kind == .scalar else { continue }
            let content = document.bytes(key)
            if let index = keys.firstIndex(where: { content.elementsEqual($0.nameBytes) }) {
                if present.nodes[index] >= 0 {
                    reading.reportDuplicate(key, first: present.nodes[index])
                } else {
                    present.nodes[index] = key
                }
            } else if unknown.insert(document.string(key)).inserted {
                present.unknown.append(reportUnknown(key, reading))
            }
        }
        return present
    }

    /// - Returns: the key that it was probably meant to be, or nothing.
    private func reportUnknown(_ key: Int, _ reading: FileReading) -> String {
        let names = keys.map(\.name)
        let word = reading.document.string(key)
        if let place = elsewhere[word] {
            reading.error(
                "unknown-key", at: key, "`\(word)` is not a key of \(title)", expected: place)
            return ""
        }
        let near = Spelling.nearest(to: word, among: names)
        reading.error(
            "unknown-key", at: key, "`\(reading.excerpt(key))` is not a key of \(title)",
            expected: "one of " + names.map { "`\($0)`" }.joined(separator: ", "),
            suggestion: near)
        return near ?? ""
    }

    private func checkOneOf(_ node: Int, _ present: PresentKeys, _ reading: FileReading) {
        guard !oneOf.isEmpty else { return }
        var first = -1
        for index in keys.indices where present.nodes[index] >= 0 && isChoice[index] {
            if first < 0 {
                first = index
                continue
            }
            reading.error(
                "conflicting-keys", at: present.nodes[index],
                "`\(keys[index].name)` cannot stand beside `\(keys[first].name)`", expected: "exactly one of \(choices)"
            )
        }
        // An unknown key was probably meant to be one of them, and is reported already.
        if first < 0, !oneOf.contains(where: present.isMisspelt) {
            reading.error(
                "missing-key", at: node, "\(title) needs one of \(choices)", expected: "exactly one of them")
        }
    }

    private var choices: String { oneOf.map { "`\($0)`" }.joined(separator: ", ") }
}

/// Which keys of a mapping are there.
struct PresentKeys {
    /// The node of each key of the table, or -1. No mapping of the format has more keys than this.
    var nodes = InlineArray<24, Int>(repeating: -1)
    /// For each unknown key the known one that it is near to, or nothing.
    var unknown: [String] = []

    func isMisspelt(_ name: String) -> Bool { unknown.contains(name) }
}

extension FileReading {
    func reportDuplicate(_ key: Int, first: Int) {
        error(
            "duplicate-key", at: key, "`\(excerpt(key))` is written twice",
            expected: "one `\(excerpt(key))`; the first is at line \(document.nodes[first].line)")
    }
}

/// One key of a mapping.
struct MappingKey<Target: Sendable>: Sendable {
    let name: String
    let nameBytes: [UInt8]
    let isRequired: Bool
    /// One sentence for the schema: what it is, with its unit.
    let documentation: String
    let schema: JSONValue
    let expectedText: String
    /// What holds when the key is not written.
    let defaultValue: JSONValue?
    let read: @Sendable (inout Target, _ node: Int, FileReading) -> Void

    /// A key whose value goes to a property.
    /// - Parameter initial: what the target holds when the key is not written; the schema's `default`.
    static func key<Value: Sendable>(
        _ name: String, _ path: any WritableKeyPath<Target, Value> & Sendable, _ shape: ValueShape<Value>,
        required: Bool = false, default initial: Value? = nil, _ documentation: String
    ) -> MappingKey {
        MappingKey(
            name: name, nameBytes: Array(name.utf8), isRequired: required, documentation: documentation,
            schema: shape.schema, expectedText: shape.expected, defaultValue: initial.flatMap(shape.written)
        ) { target, node, reading in
            if let value = shape.read(node, reading) { target[keyPath: path] = value }
        }
    }

    /// A key whose value goes to an optional property.
    static func optional<Value: Sendable>(
        _ name: String, _ path: any WritableKeyPath<Target, Value?> & Sendable, _ shape: ValueShape<Value>,
        required: Bool = false, _ documentation: String
    ) -> MappingKey {
        key(name, path, shape.map { Optional($0) }, required: required, documentation)
    }

    /// A key whose value is a mapping that is read into a property that is there already.
    static func nested<Inner: Sendable>(
        _ name: String, _ path: any WritableKeyPath<Target, Inner> & Sendable, _ shape: MappingShape<Inner>,
        _ documentation: String
    ) -> MappingKey {
        MappingKey(
            name: name, nameBytes: Array(name.utf8), isRequired: false, documentation: documentation,
            schema: shape.reference, expectedText: shape.expected, defaultValue: nil
        ) { target, node, reading in
            _ = shape.read(node, into: &target[keyPath: path], reading)
        }
    }
}

extension MappingShape {
    /// The mapping as a value of its own, beginning from `initial`.
    func value(from initial: @escaping @Sendable (FileReading) -> Target) -> ValueShape<Target> {
        ValueShape(schema: reference, expected: expected) { node, reading in
            var target = initial(reading)
            return read(node, into: &target, reading) == nil ? nil : target
        }
    }
}
