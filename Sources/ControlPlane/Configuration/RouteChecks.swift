internal import Declarations

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
        checkRepeated(draft.match.hosts) { $0 }
        checkRepeated(draft.match.paths) { $0.source }
        for filter in draft.filters {
            guard case .rewritePathTemplate = filter.value else { continue }
            checkTemplate(filter.node, also: [])
        }
        if let redirect = draft.redirect { checkTemplate(locationNode(redirect.node), also: ["path", "host"]) }
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

    private func locationNode(_ redirect: Int) -> Int {
        let document = reading.document
        guard document.nodes[redirect].kind == .mapping else { return redirect }
        let children = document.children(redirect)
        let key = children.indices.first { $0 % 2 == 0 && document.bytes(children[$0]).elementsEqual("to".utf8) }
        return key.map { children[$0 + 1] } ?? redirect
    }

    private func checkTemplate(_ node: Int, also reserved: [String]) {
        do throws(Template.Problem) {
            let captures = captures()
            for placeholder in try Template.placeholders(reading.document.bytes(node)) {
                checkPlaceholder(placeholder, node, captures, reserved)
            }
        } catch {
            reading.error(
                "bad-template", at: node, byte: error.offset, error.message,
                expected: "`{name}` of a capture, or `{**}`; %7B and %7D for the braces themselves")
        }
    }

    private func checkPlaceholder(
        _ placeholder: Template.Placeholder, _ node: Int, _ captures: Set<String>, _ reserved: [String]
    ) {
        let name = placeholder.name
        if reserved.contains(name), captures.contains(name) {
            reading.error(
                "bad-template", at: node, byte: placeholder.offset,
                "`{\(name)}` is the \(name) of the request here, and a capture of the match as well",
                expected: "another name for the capture")
        }
        guard !reserved.contains(name), !captures.contains(name) else { return }
        let names = (captures.sorted() + reserved).map { "`{\($0)}`" }
        let near = Spelling.nearest(to: name, among: captures.sorted() + reserved)
        reading.error(
            "unknown-capture", at: node, byte: placeholder.offset,
            name == "**"
                ? "`{**}` needs a match whose every path ends in `/**`"
                : "`{\(name)}` is not a capture of every path of the match",
            expected: names.isEmpty
                ? "a capture in `match.path`, such as /items/{\(name == "**" ? "id" : name)}"
                : "one of " + names.joined(separator: ", "),
            suggestion: near.map { "{\($0)}" })
    }

    /// What every path of the match defines.
    private func captures() -> Set<String> {
        var common: Set<String>?
        for path in draft.match.paths {
            let names = Self.captures(of: path.value)
            common = common?.intersection(names) ?? names
        }
        return common ?? []
    }

    private static func captures(of path: PathPatternDeclaration) -> Set<String> {
        guard case .segments(let segments, let tail, _) = path else { return [] }
        var names: Set<String> = tail ? ["**"] : []
        for case .capture(let name) in segments { names.insert(name) }
        return names
    }
}

extension ValueShape<Located<RouteDraft>> {
    static let route = ValueShape(schema: Shapes.route.reference, expected: Shapes.route.expected) { node, reading in
        let errorsBefore = reading.notes.errorCount
        var draft = RouteDraft()
        guard Shapes.route.read(node, into: &draft, reading) != nil else { return nil }
        RouteChecks(draft: draft, reading: reading).run()
        draft.isSound = reading.notes.errorCount == errorsBefore
        return Located<RouteDraft>(value: draft, node: node)
    }
}
