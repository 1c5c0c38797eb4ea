internal import YAMLEvents

/// Builds a document from libyaml's events, within bounds, and refuses the parts of YAML that a configuration does not need.
///
/// Aliases, tags and merge keys are reported and skipped, so that the rest of the file is still checked. What makes further
/// reading senseless (a syntax error, too deep, too large) ends it.
struct YAMLComposer: ~Copyable {
    /// The deepest file that the format allows has nine levels.
    static let depthMax = 32
    /// A node costs 32 octets: 64 MiB for a file of nothing but nodes.
    static let nodesMax = 2_000_000

    private var parser: YAMLParser
    private var document = YAMLDocument()
    private let notes: ProblemList

    /// Ends the composition; the problem is in the list already.
    private struct Stopped: Error {}

    private init(_ bytes: [UInt8], _ notes: ProblemList) {
        parser = YAMLParser(bytes)
        self.notes = notes
        document.nodes.reserveCapacity(min(bytes.count / 8 + 16, Self.nodesMax))
        document.text.reserveCapacity(bytes.count / 2)
    }

    /// The document, or `nil` when the problems found make it unreadable. An empty file is a null scalar.
    static func compose(_ bytes: [UInt8], _ notes: ProblemList) -> YAMLDocument? {
        var composer = YAMLComposer(bytes, notes)
        do {
            try composer.composeStream()
            return composer.document
        } catch {
            return nil
        }
    }

    private mutating func composeStream() throws(Stopped) {
        _ = try next()
        var event = try next()
        guard event.kind == .documentStarted else {
            document.nodes.append(YAMLNode(kind: .scalar, isPlain: true, line: 1, column: 1, end: 1))
            return
        }
        try composeNode(try next(), depth: 1)
        _ = try next()
        event = try next()
        if event.kind == .documentStarted {
            refuse(event, "a second document begins here", expected: "one document in a file")
        }
    }

    private mutating func next() throws(Stopped) -> YAMLEvent {
        do {
            return try parser.next(appendingTextTo: &document.text)
        } catch {
            notes.addSyntaxError(error)
            throw Stopped()
        }
    }

    private mutating func composeNode(_ event: YAMLEvent, depth: Int) throws(Stopped) {
        guard document.nodes.count < Self.nodesMax else {
            notes.add(
                .error, "file-too-large", event.position, "the file has more than \(Self.nodesMax) values")
            throw Stopped()
        }
        let index = document.nodes.count
        document.nodes.append(
            YAMLNode(
                kind: .scalar, isPlain: event.isPlain, line: event.position.line, column: event.position.column,
                textStart: Int32(event.text.lowerBound), textEnd: Int32(event.text.upperBound)))
        var isRefused = refuseDecoration(event)
        switch event.kind {
        case .alias:
            refuse(
                event, "aliases such as `*\(document.string(index))` are not supported",
                expected: "the value itself, or a quoted text when it begins with `*`")
            isRefused = true
        case .sequenceStarted:
            document.nodes[index].kind = .sequence
            try composeChildren(of: index, until: .sequenceEnded, depth: depth, event)
        case .mappingStarted:
            document.nodes[index].kind = .mapping
            try composePairs(of: index, depth: depth, event)
        default: break
        }
        if isRefused { document.nodes[index].kind = .refused }
        document.nodes[index].end = Int32(document.nodes.count)
    }

    private mutating func composeChildren(
        of parent: Int, until end: YAMLEvent.Kind, depth: Int, _ event: YAMLEvent
    ) throws(Stopped) {
        try checkDepth(depth, event)
        while true {
            let event = try next()
            if event.kind == end { return }
            try composeNode(event, depth: depth + 1)
            document.nodes[parent].childCount += 1
        }
    }

    private mutating func composePairs(of parent: Int, depth: Int, _ event: YAMLEvent) throws(Stopped) {
        try checkDepth(depth, event)
        while true {
            let keyEvent = try next()
            if keyEvent.kind == .mappingEnded { return }
            let key = document.nodes.count
            try composeNode(keyEvent, depth: depth + 1)
            if keyEvent.kind == .sequenceStarted || keyEvent.kind == .mappingStarted {
                refuse(
                    keyEvent, "a list or a mapping cannot be a key",
                    expected: "a name; quote a text that begins with `{` or `[`")
                document.nodes[key].kind = .refused
            } else if keyEvent.isPlain, document.bytes(key).elementsEqual("<<".utf8) {
                refuse(keyEvent, "merge keys (`<<`) are not supported", expected: "the keys themselves")
                document.nodes[key].kind = .refused
            }
            try composeNode(try next(), depth: depth + 1)
            document.nodes[parent].childCount += 2
        }
    }

    private func checkDepth(_ depth: Int, _ event: YAMLEvent) throws(Stopped) {
        guard depth > Self.depthMax else { return }
        notes.add(.error, "too-deep", event.position, "values are nested more than \(Self.depthMax) deep")
        throw Stopped()
    }

    private func refuse(_ event: YAMLEvent, _ message: String, expected: String) {
        notes.add(.error, "yaml-feature", event.position, message, expected: expected)
    }

    private func refuseDecoration(_ event: YAMLEvent) -> Bool {
        if event.hasAnchor {
            refuse(
                event, "anchors (`&name`) are not supported",
                expected: "the value itself, or a quoted text when it begins with `&`")
        }
        if event.hasTag {
            refuse(
                event, "tags (`!name`) are not supported",
                expected: "the value itself, or a quoted text when it begins with `!`")
        }
        return event.hasAnchor || event.hasTag
    }
}
