internal import Declarations
internal import Routing

/// The checks of one route that need more than one of its keys.
struct RouteChecks {
    let draft: RouteDraft
    let reading: FileReading

    func run() {
        if let method = draft.match.method, let methods = draft.match.methods {
            reading.error(
                "conflicting-keys", at: max(method.node, methods.node), "`method` and `methods` are the same key",
                expected: "one of them, with a list for several methods")
        }
        if let upgrades = draft.upgrades, draft.redirect != nil || draft.respond != nil {
            reading.error(
                "conflicting-keys", at: upgrades.node,
                "`upgrade` has no effect on a route that the gateway answers by itself",
                expected: "`upgrade` beside `forward` or `split` only")
        }
        checkRepeated(draft.match.hosts) { $0 }
        checkRepeated(draft.match.paths) { $0.source }
        if let redirect = draft.redirect { checkTemplate(reading.node(of: ["to"], in: redirect.node), .location) }
    }

    /// The templates of all filters that apply, against the captures of this route.
    func checkTemplates(_ filters: [Located<FilterDeclaration>]) {
        for filter in filters {
            guard case .rewritePathTemplate = filter.value else { continue }
            checkTemplate(filter.node, .path)
        }
    }

    private func checkRepeated<Value>(_ values: [Located<Value>], _ text: (Value) -> String) {
        guard values.count > 1 else { return }
        var seen: Set<String> = []
        for value in values where !seen.insert(text(value.value)).inserted {
            reading.error(
                "duplicate-value", at: value.node, "`\(text(value.value))` is written twice",
                expected: "each value once")
        }
    }

    /// The template is compiled as `Filters` will compile it, against the same captures.
    private func checkTemplate(_ node: Int, _ use: PathTemplate.Use) {
        let captures = CaptureNames(draft.match.declaration)
        do throws(PathTemplateError) {
            _ = try PathTemplate(reading.document.string(node), use: use, captures: captures)
        } catch {
            let builtIn = use == .location ? ["path", "host"] : []
            var known = captures.names.filter(captures.everywhere.contains) + builtIn
            if captures.hasTail, !draft.match.paths.isEmpty { known.append("**") }
            guard case .unknownCapture(let name, _) = error.reason else {
                return reading.error(
                    "bad-template", at: node, byte: error.offset, error.description,
                    expected: "a text with `{name}` of a capture or `{**}`; other characters percent-encoded")
            }
            reading.error(
                "unknown-capture", at: node, byte: error.offset,
                "`{\(name)}` is not captured by every path of the match",
                expected: known.isEmpty
                    ? "a path in the match that captures it, such as /items/{\(name)}"
                    : "one of " + known.map { "`{\($0)}`" }.joined(separator: ", "),
                suggestion: Spelling.nearest(to: name, among: known).map { "{\($0)}" })
        }
    }
}

extension ValueShape<Located<RouteDraft>> {
    static let route = ValueShape(schema: Shapes.route.reference, expected: Shapes.route.expected) { node, reading in
        let errorsBefore = reading.notes.errorCount
        var draft = RouteDraft()
        guard Shapes.route.read(node, into: &draft, reading) != nil else { return nil }
        RouteChecks(draft: draft, reading: reading).run()
        // What was refused while the nodes were made was counted then.
        let nodes = reading.document.nodes
        let hasRefused = nodes[node..<Int(nodes[node].end)].contains { $0.kind == .refused }
        draft.isSound = reading.notes.errorCount == errorsBefore && !hasRefused
        return Located<RouteDraft>(value: draft, node: node)
    }
}
