/// One pass over a text. It loops over an explicit stack, so no nesting can exhaust the machine's.
struct JSONParser: ~Copyable, ~Escapable {
    let text: Span<UInt8>
    let limits: JSONLimits
    let refusesDuplicates: Bool
    var index = 0
    /// Nodes of the containers that are open, the innermost last.
    private var open = InlineArray<32, Int32>(repeating: 0)
    private var depth = 0
    /// For each open object one bit for each of 64 classes of names: where a class is new, no name can be there twice.
    private var seen = InlineArray<32, UInt64>(repeating: 0)

    @_lifetime(copy text)
    init(_ text: Span<UInt8>, limits: JSONLimits, refusesDuplicates: Bool) {
        self.text = text
        self.limits = limits
        self.refusesDuplicates = refusesDuplicates
    }

    /// The whole text, as nodes behind those that are there (none).
    mutating func document(into nodes: inout [JSONNode]) throws(JSONFailure) {
        skipSpace()
        guard try current() == UInt8(ascii: "{") else { throw failure(.notAnObject) }
        try open(.object, &nodes)
        while depth > 0 {
            if nodes[Int(open[depth - 1])].kind == .object {
                try member(&nodes)
            } else {
                try element(&nodes)
            }
        }
        skipSpace()
        guard index == text.count else { throw failure(.syntax) }
    }

    /// The next member of the innermost object, or its end.
    private mutating func member(_ nodes: inout [JSONNode]) throws(JSONFailure) {
        let parent = Int(open[depth - 1])
        guard try !endsOrContinues(UInt8(ascii: "}"), &nodes) else { return }
        guard Int(nodes[parent].end) < limits.membersMax else { throw failure(.tooManyMembers) }
        let start = index
        guard try current() == UInt8(ascii: "\"") else { throw failure(.syntax) }
        try string(&nodes)
        let name = nodes.count - 1
        let hash = JSONText.hash(text, nodes[name])
        nodes[name].hash = hash
        let nameClass: UInt64 = 1 << UInt64((hash ^ hash >> 6) & 63)
        if seen[depth - 1] & nameClass != 0, isDuplicate(name, in: parent, nodes) {
            if refusesDuplicates { throw JSONFailure(reason: .duplicateMember, offset: start) }
            nodes[parent].isMarked = true
        }
        seen[depth - 1] |= nameClass
        skipSpace()
        guard try current() == UInt8(ascii: ":") else { throw failure(.syntax) }
        index += 1
        nodes[parent].end += 1
        skipSpace()
        try value(&nodes)
        nodes[name].next = Int32(nodes.count)
    }

    /// The next element of the innermost array, or its end.
    private mutating func element(_ nodes: inout [JSONNode]) throws(JSONFailure) {
        let parent = Int(open[depth - 1])
        guard try !endsOrContinues(UInt8(ascii: "]"), &nodes) else { return }
        nodes[parent].end += 1
        try value(&nodes)
    }

    /// True when the innermost container ends here; else what stands here is its next child.
    private mutating func endsOrContinues(_ end: UInt8, _ nodes: inout [JSONNode]) throws(JSONFailure) -> Bool {
        skipSpace()
        let byte = try current()
        if byte == end {
            index += 1
            close(&nodes)
            return true
        }
        if nodes[Int(open[depth - 1])].end > 0 {
            guard byte == UInt8(ascii: ",") else { throw failure(.syntax) }
            index += 1
            skipSpace()
        }
        return false
    }

    private mutating func value(_ nodes: inout [JSONNode]) throws(JSONFailure) {
        switch try current() {
        case UInt8(ascii: "\""): try string(&nodes)
        case UInt8(ascii: "{"): try open(.object, &nodes)
        case UInt8(ascii: "["): try open(.array, &nodes)
        case UInt8(ascii: "t"): try word("true", .boolean, &nodes)
        case UInt8(ascii: "f"): try word("false", .boolean, &nodes)
        case UInt8(ascii: "n"): try word("null", .null, &nodes)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number(&nodes)
        default: throw failure(.syntax)
        }
    }

    private mutating func open(_ kind: JSONKind, _ nodes: inout [JSONNode]) throws(JSONFailure) {
        guard depth < limits.depthMax else { throw failure(.tooDeep) }
        try append(kind, from: index, to: 0, &nodes)
        open[depth] = Int32(nodes.count - 1)
        seen[depth] = 0
        depth += 1
        index += 1
    }

    /// The innermost container is complete. A member's name is then known to reach as far as its value.
    private mutating func close(_ nodes: inout [JSONNode]) {
        depth -= 1
        let container = Int(open[depth])
        nodes[container].next = Int32(nodes.count)
        if depth > 0, nodes[Int(open[depth - 1])].kind == .object {
            nodes[container - 1].next = Int32(nodes.count)
        }
    }

    private func isDuplicate(_ name: Int, in parent: Int, _ nodes: [JSONNode]) -> Bool {
        var earlier = parent + 1
        while earlier < name {
            if nodes[earlier].hash == nodes[name].hash, JSONText.equal(text, nodes[earlier], nodes[name]) {
                return true
            }
            earlier = Int(nodes[earlier].next)
        }
        return false
    }

    // MARK: What the values are made of

    mutating func append(
        _ kind: JSONKind, from start: Int, to end: Int, isMarked: Bool = false, _ nodes: inout [JSONNode]
    ) throws(JSONFailure) {
        guard nodes.count < limits.nodesMax else { throw failure(.tooManyValues) }
        nodes.append(
            JSONNode(
                start: Int32(start), end: Int32(end), next: Int32(nodes.count + 1), kind: kind, isMarked: isMarked,
                hash: 0))
    }

    func current() throws(JSONFailure) -> UInt8 {
        guard index < text.count else { throw failure(.cutShort) }
        return text[index]
    }

    func failure(_ reason: JSONFailure.Reason) -> JSONFailure {
        JSONFailure(reason: reason, offset: index)
    }

    private mutating func skipSpace() {
        while index < text.count {
            switch text[index] {
            case 0x20, 0x09, 0x0A, 0x0D: index += 1
            default: return
            }
        }
    }
}
