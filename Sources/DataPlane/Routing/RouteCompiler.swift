internal import Declarations
internal import HTTPModel
internal import Kernel
internal import Patterns

/// One route on its way into the table: checks what it says and adds its rows.
struct RouteCompiler {
    let declaration: RouteDeclaration
    let index: Int
    private let names: CaptureNames

    init(_ declaration: RouteDeclaration, index: Int) {
        self.declaration = declaration
        self.index = index
        names = CaptureNames(declaration.match)
    }

    func error(_ reason: RouteTableError.Reason) -> RouteTableError {
        RouteTableError(routeIndex: index, routeID: declaration.id, line: declaration.line, reason: reason)
    }

    /// The bits of the route's methods.
    func methods(into draft: inout RouteTableDraft) throws(RouteTableError) -> UInt64 {
        guard !declaration.match.methods.isEmpty else { return MethodSet.all }
        var bits: UInt64 = 0
        for token in declaration.match.methods {
            let bytes = Array(token.utf8)
            let method = Method(bytes.span)
            guard method == .extension else {
                bits |= MethodSet.bit(of: method)
                continue
            }
            let known = draft.extensionMethods.firstIndex(of: bytes)
            if known == nil { draft.extensionMethods.append(bytes) }
            let number = known ?? draft.extensionMethods.count - 1
            guard number < RouteLimits.extensionMethodsMax else { throw error(.tooManyMethods) }
            bits |= 1 << UInt64(MethodSet.standardCount + number)
        }
        return bits
    }

    /// Rows for the predicates: headers first, then parameters, as `explain` tells them.
    func addPredicates(to draft: inout RouteTableDraft) throws(RouteTableError) {
        guard declaration.match.headers.count + declaration.match.query.count <= RouteLimits.predicatesMax else {
            throw error(.tooManyPredicates)
        }
        for predicate in declaration.match.headers {
            let lowercase = Array(predicate.name.lowercased().utf8)
            let known = KnownField(lowercase.span)
            let name = draft.texts.place(of: predicate.name.lowercased())
            try add(predicate.condition, .header, known, name, to: &draft)
        }
        for predicate in declaration.match.query {
            try add(predicate.condition, .query, .other, draft.texts.place(of: predicate.name), to: &draft)
        }
    }

    private func add(
        _ condition: FieldConditionDeclaration, _ place: PredicateRow.Place, _ known: KnownField,
        _ name: TextTable.Place, to draft: inout RouteTableDraft
    ) throws(RouteTableError) {
        var row = PredicateRow(
            place: place, condition: .present, known: known, nameStart: name.start, nameCount: name.count,
            valueStart: 0,
            valueCount: 0, pattern: noRow)
        switch condition {
        case .present: row.condition = .present
        case .absent: row.condition = .absent
        case .equal(let value):
            let value = draft.texts.place(of: value)
            row.condition = .equal
            row.valueStart = value.start
            row.valueCount = value.count
        case .regex(let expression):
            row.condition = .pattern
            row.pattern = try addPattern(expression, to: &draft)
        }
        draft.predicates.append(row)
    }

    private func addPattern(_ expression: String, to draft: inout RouteTableDraft) throws(RouteTableError) -> Int32 {
        do throws(PatternError) {
            draft.patterns.append(try Pattern(expression))
            return Int32(draft.patterns.count - 1)
        } catch {
            throw self.error(.expression(expression, error))
        }
    }

    /// How the path captures.
    func addShape(of path: PathPatternDeclaration?, to draft: inout RouteTableDraft) throws(RouteTableError)
        -> PathShape
    {
        guard names.names.count <= RouteLimits.capturesMax else { throw error(.tooManyCaptures) }
        var shape = PathShape(
            slotCount: UInt8(names.names.count), captureCount: 0, captures: 0, pattern: noRow, tailDepth: noTail)
        var captures: [CaptureRow] = []
        switch path {
        case nil:
            shape.tailDepth = 0
        case .segments(let segments, let tail, let source):
            guard tail || !segments.isEmpty else { throw error(.emptyPath) }
            guard segments.count <= RouteLimits.segmentsMax else { throw error(.tooManySegments(path: source)) }
            if tail { shape.tailDepth = Int16(segments.count) }
            var seen: Set<String> = []
            for (number, segment) in segments.enumerated() {
                guard case .capture(let name) = segment else { continue }
                guard seen.insert(name).inserted else { throw error(.duplicateCapture(name: name, path: source)) }
                captures.append(capture(name, source: number))
            }
        case .regex(let expression):
            shape.pattern = try addPattern(expression, to: &draft)
            for group in draft.patterns[Int(shape.pattern)].groupNames {
                captures.append(capture(group.name, source: group.number))
            }
        }
        shape.captureCount = UInt8(captures.count)
        shape.captures = draft.place(of: captures)
        return shape
    }

    private func capture(_ name: String, source: Int) -> CaptureRow {
        CaptureRow(slot: Int32(names.slot(of: name) ?? PathCaptures.tailSlot), source: Int32(source))
    }

    /// A name of at most 255 octets without empty labels, or `*.` and one. What a name is made of is `Configuration`'s to check; here
    /// it must only be something that the tables can hold.
    static func isHostPattern(_ host: String) -> Bool {
        let name = host.hasPrefix("*.") ? host.dropFirst(2) : host[...]
        return !name.isEmpty && name.utf8.count <= RouteLimits.hostBytesMax && !name.contains("*")
    }
}
