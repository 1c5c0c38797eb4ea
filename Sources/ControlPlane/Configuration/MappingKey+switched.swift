/// A key that a mapping with an empty start cannot do without.
struct NeededKey<Inner: Sendable>: Sendable {
    var name: String
    /// What belongs there.
    var expected: String
    var isMissing: @Sendable (Inner) -> Bool
}

extension MappingKey {
    /// A key whose value is a mapping that may be switched off: `off` in its place is `nil`. What is written in the mapping goes into
    /// what is there already, so that an upstream changes single values of `defaults.upstream`; where nothing is, into `initial`.
    /// - Parameters:
    ///   - takesTrue: `true` in place of the mapping switches it on as it is, and `false` is `off`.
    ///   - needed: a key that must be there, unless `defaults.upstream` has it.
    static func switched<Inner: Sendable>(
        _ name: String, _ path: any WritableKeyPath<Target, Inner?> & Sendable, _ shape: MappingShape<Inner>,
        initial: Inner, takesTrue: Bool = false, needed: NeededKey<Inner>? = nil, isOn: Bool = false,
        _ documentation: String
    ) -> MappingKey {
        let words: [JSONValue] =
            [.object([.init("enum", .array([.string("off")]))])]
            + (takesTrue ? [.object([.init("type", .string("boolean"))])] : [])
        let expected = (takesTrue ? "true, off, or " : "off, or ") + shape.expected
        return MappingKey(
            name: name, nameBytes: Array(name.utf8), isRequired: false, documentation: documentation,
            schema: .object([.init("anyOf", .array(words + [shape.reference]))]), expectedText: expected,
            defaultValue: isOn ? nil : .string("off")
        ) { target, node, reading in
            guard reading.document.nodes[node].kind == .mapping else {
                switch reading.switchWord(node, takesTrue: takesTrue, expected: expected) {
                case .on: target[keyPath: path] = target[keyPath: path] ?? initial
                case .off: target[keyPath: path] = nil
                case nil: break
                }
                return
            }
            var inner = target[keyPath: path] ?? initial
            let present = shape.read(node, into: &inner, reading)
            if let needed, let present, needed.isMissing(inner), !present.isMisspelt(needed.name),
                reading.written([needed.name], in: node) == nil
            {
                reading.error(
                    "missing-key", at: node, "`\(needed.name)` is missing", expected: needed.expected)
            }
            target[keyPath: path] = inner
        }
    }
}

extension FileReading {
    fileprivate enum Switch { case on, off }

    /// The word that stands in place of a mapping, or `nil` after saying that it is none.
    fileprivate func switchWord(_ node: Int, takesTrue: Bool, expected: String) -> Switch? {
        guard document.nodes[node].kind == .scalar, !document.isNull(node) else {
            wrongKind(node, expected: expected)
            return nil
        }
        let word = document.string(node)
        if word == "off" { return .off }
        if takesTrue, document.nodes[node].isPlain {
            if word == "true" { return .on }
            if word == "false" { return .off }
        }
        let meant = ["false", "no", "none", "disabled", "never"].contains(word.lowercased()) ? "off" : nil
        let isYes = takesTrue && ["true", "yes", "on", "enabled"].contains(word.lowercased())
        error(
            "wrong-type", at: node, "`\(excerpt(node))` does not belong here", expected: expected,
            suggestion: isYes ? "true" : meant)
        return nil
    }
}
