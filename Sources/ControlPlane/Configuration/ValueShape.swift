/// How a value is written: what the schema says of it, and how it is read. One definition serves both, so they cannot differ.
struct ValueShape<Value: Sendable>: Sendable {
    /// The JSON Schema of the value.
    let schema: JSONValue
    /// What belongs here, in words, for messages.
    let expected: String
    /// The value, or `nil` after the problem was reported.
    let read: @Sendable (_ node: Int, _ reading: FileReading) -> Value?
    /// How a default is written in the file.
    var written: @Sendable (Value) -> JSONValue? = { _ in nil }

    /// The same text, read as something else.
    func map<Other: Sendable>(_ transform: @escaping @Sendable (Value) -> Other) -> ValueShape<Other> {
        ValueShape<Other>(schema: schema, expected: expected) { node, reading in
            read(node, reading).map(transform)
        }
    }

    /// The same text, with a further check that reports by itself.
    func checked<Other: Sendable>(
        _ transform: @escaping @Sendable (Value, Int, FileReading) -> Other?
    ) -> ValueShape<Other> {
        ValueShape<Other>(schema: schema, expected: expected) { node, reading in
            read(node, reading).flatMap { transform($0, node, reading) }
        }
    }

    /// The value with its place.
    var located: ValueShape<Located<Value>> {
        checked { value, node, _ in Located(value: value, node: node) }
    }
}

extension ValueShape {
    /// A list of at least `min` and at most `max` values. Elements that are wrong are reported and left out.
    static func list<Element>(
        of element: ValueShape<Element>, _ count: ClosedRange<Int>
    ) -> ValueShape<[Element]> where Value == [Element] {
        var members: [JSONValue.Member] = [.init("type", .string("array")), .init("items", element.schema)]
        if count.lowerBound > 0 { members.append(.init("minItems", .integer(count.lowerBound))) }
        members.append(.init("maxItems", .integer(count.upperBound)))
        let expected = "a list (`- …`); each: \(element.expected)"
        return ValueShape<[Element]>(schema: .object(members), expected: expected) { node, reading in
            guard reading.document.nodes[node].kind == .sequence else {
                reading.wrongKind(node, expected: expected)
                return nil
            }
            return readElements(of: node, element, count, reading)
        }
    }

    private static func readElements<Element>(
        of node: Int, _ element: ValueShape<Element>, _ count: ClosedRange<Int>, _ reading: FileReading
    ) -> [Element] where Value == [Element] {
        let written = Int(reading.document.nodes[node].childCount)
        if !count.contains(written) {
            reading.error(
                "wrong-count", at: node, "the list has \(written == 0 ? "no element" : "\(written) elements")",
                expected: written < count.lowerBound ? "at least \(count.lowerBound)" : "at most \(count.upperBound)")
        }
        var values: [Element] = []
        values.reserveCapacity(written)
        let end = Int(reading.document.nodes[node].end)
        var child = node + 1
        while child < end {
            if let value = element.read(child, reading) { values.append(value) }
            child = Int(reading.document.nodes[child].end)
        }
        return values
    }

    /// A list of values that all differ.
    static func distinctList<Element: Equatable>(
        of element: ValueShape<Element>, _ count: ClosedRange<Int>
    ) -> ValueShape<[Element]> where Value == [Element] {
        ValueShape<[Located<Element>]>.list(of: element.located, count).checked { elements, _, reading in
            var seen: [Element] = []
            for element in elements {
                if seen.contains(element.value) {
                    reading.error(
                        "duplicate-value", at: element.node, "`\(reading.excerpt(element.node))` is written twice",
                        expected: "each value once")
                }
                seen.append(element.value)
            }
            return seen
        }
    }

    /// One value, or a list of values that all differ.
    static func oneOrDistinctList<Element: Equatable>(
        of element: ValueShape<Element>, _ count: ClosedRange<Int>
    ) -> ValueShape<[Element]> where Value == [Element] {
        let list = distinctList(of: element, count)
        return ValueShape<[Element]>(
            schema: .object([.init("anyOf", .array([element.schema, list.schema]))]),
            expected: "\(element.expected), or a list of such"
        ) { node, reading in
            if reading.document.nodes[node].kind == .sequence { return list.read(node, reading) }
            return element.read(node, reading).map { [$0] }
        }
    }

    /// One value, or a list of them.
    static func oneOrList<Element>(of element: ValueShape<Element>) -> ValueShape<[Element]> where Value == [Element] {
        let list = ValueShape<[Element]>.list(of: element, 1...1_000)
        let schema = JSONValue.object([.init("anyOf", .array([element.schema, list.schema]))])
        let expected = "\(element.expected), or a list of such"
        return ValueShape<[Element]>(schema: schema, expected: expected) { node, reading in
            if reading.document.nodes[node].kind == .sequence { return list.read(node, reading) }
            return element.read(node, reading).map { [$0] }
        }
    }

    /// A scalar in the short form, a mapping in the long one.
    static func short(_ short: ValueShape<Value>, orLong long: ValueShape<Value>) -> ValueShape<Value> {
        let schema = JSONValue.object([.init("anyOf", .array([short.schema, long.schema]))])
        return ValueShape(schema: schema, expected: "\(short.expected), or \(long.expected)") { node, reading in
            reading.document.nodes[node].kind == .mapping ? long.read(node, reading) : short.read(node, reading)
        }
    }
}
