public import Kernel

/// A value in a document that was read: a place in its text, valid as long as both the text and the reader stay as they are.
///
/// Asking a value for what it is not gives nil, an empty sequence or false, never a trap.
public struct JSONValue: ~Escapable {
    let text: Span<UInt8>
    let nodes: Span<JSONNode>
    let index: Int

    @_lifetime(copy text, copy nodes)
    init(text: Span<UInt8>, nodes: Span<JSONNode>, index: Int) {
        self.text = text
        self.nodes = nodes
        self.index = index
    }

    var node: JSONNode { nodes[index] }

    /// What it is.
    public var kind: JSONKind { node.kind }

    // MARK: Containers

    /// Members of an object, elements of an array, else 0.
    public var childCount: Int { kind == .object || kind == .array ? Int(node.end) : 0 }

    /// An object two of whose members have the same name; only a reader that does not refuse them lets one pass.
    public var hasDuplicates: Bool { kind == .object && node.isMarked }

    /// The member with this name.
    @_lifetime(copy self)
    public func member(_ name: StaticString) -> JSONValue? {
        member(name.span)
    }

    /// The member with this name, in UTF-8.
    @_lifetime(copy self)
    public func member(_ name: Span<UInt8>) -> JSONValue? {
        guard kind == .object else { return nil }
        let end = Int(node.next)
        var place = index + 1
        while place < end {
            if JSONText.equal(text, nodes[place], name) {
                return JSONValue(text: text, nodes: nodes, index: place + 1)
            }
            place = Int(nodes[place].next)
        }
        return nil
    }

    /// The value that a path of names leads to through nested objects.
    @_lifetime(copy self)
    public func value(at path: ClaimPath) -> JSONValue? {
        var place = self
        for segment in path.segments {
            guard let inner = place.member(segment.span) else { return nil }
            place = inner
        }
        return place
    }

    /// The elements of an array in their order; none for other kinds.
    public var elements: JSONElements {
        @_lifetime(copy self)
        get { JSONElements(self) }
    }

    // MARK: Scalars

    /// The octets of a text as they stand in the document, when no escape is among them.
    public var plainText: Span<UInt8>? {
        @_lifetime(copy self)
        get {
            guard kind == .string, !node.isMarked else { return nil }
            return JSONText.octets(text, node)
        }
    }

    /// The octets of a scalar as they stand in the document: a number, `true`, a text with its escapes. Empty for a container.
    public var literal: Span<UInt8> {
        @_lifetime(copy self)
        get {
            guard kind != .object, kind != .array else { return Span() }
            return JSONText.octets(text, node)
        }
    }

    /// Whether it is this text.
    public func isText(_ expected: StaticString) -> Bool { isText(expected.span) }

    /// Whether it is this text, in UTF-8.
    public func isText(_ expected: Span<UInt8>) -> Bool {
        kind == .string && JSONText.equal(text, node, expected)
    }

    /// A text, copied, its escapes resolved.
    public var string: String? {
        guard kind == .string else { return nil }
        return String(decoding: octets(), as: UTF8.self)
    }

    /// Appends what a text means. False when it is none, or does not fit into the buffer, which is then as before.
    public func appendText(to buffer: inout ByteBuffer) -> Bool {
        // No escape is shorter than what it means.
        guard kind == .string, Int(node.end - node.start) <= buffer.writableCount else { return false }
        if let plain = plainText {
            buffer.append(plain)
        } else {
            var meant = JSONTextOctets(text, node)
            while let byte = meant.next() { buffer.append(byte) }
        }
        return true
    }

    /// A number without fraction and exponent that fits.
    public var integer: Int64? {
        guard kind == .number else { return nil }
        var value: Int64 = 0
        let digits = literal
        let isNegative = digits[0] == UInt8(ascii: "-")
        for place in (isNegative ? 1 : 0)..<digits.count {
            guard digits[place] >= 0x30, digits[place] <= 0x39 else { return nil }
            let product = value.multipliedReportingOverflow(by: 10)
            // Counting downwards for negative ones reaches the least of all.
            let digit = Int64(digits[place] &- 0x30)
            let sum = product.partialValue.addingReportingOverflow(isNegative ? -digit : digit)
            guard !product.overflow, !sum.overflow else { return nil }
            value = sum.partialValue
        }
        return value
    }

    /// A number, rounded to the nearest double; nil when it is beyond them.
    public var double: Double? {
        guard kind == .number else { return nil }
        if let integer { return Double(integer) }
        let digits = literal
        let value = Double(String(decoding: digits.indices.map { digits[$0] }, as: UTF8.self))
        return value?.isFinite == true ? value : nil
    }

    /// `true` or `false`.
    public var boolean: Bool? {
        kind == .boolean ? text[Int(node.start)] == UInt8(ascii: "t") : nil
    }

    /// What a text means, copied; empty for others.
    func octets() -> [UInt8] {
        guard kind == .string else { return [] }
        var octets: [UInt8] = []
        octets.reserveCapacity(Int(node.end - node.start))
        var meant = JSONTextOctets(text, node)
        while let byte = meant.next() { octets.append(byte) }
        return octets
    }
}

/// The elements of an array, one after the other.
public struct JSONElements: ~Escapable {
    private let array: JSONValue
    private var place: Int
    private let end: Int

    @_lifetime(copy array)
    init(_ array: JSONValue) {
        self.array = array
        place = array.index + 1
        end = array.kind == .array ? Int(array.node.next) : place
    }

    /// The next element; nil behind the last.
    @_lifetime(copy self)
    public mutating func next() -> JSONValue? {
        guard place < end else { return nil }
        let element = JSONValue(text: array.text, nodes: array.nodes, index: place)
        place = Int(array.nodes[place].next)
        return element
    }
}

/// Names that lead from the claims to one of them, such as `realm_access.roles`.
public struct ClaimPath: Sendable, Hashable, CustomStringConvertible {
    /// Each name in UTF-8.
    let segments: [[UInt8]]

    /// From the names themselves, which may contain dots.
    public init(names: [String]) {
        precondition(!names.isEmpty)
        segments = names.map { Array($0.utf8) }
    }

    /// From names with dots between them; `\.` is a dot within a name, `\\` a backslash. Nil when a name is empty.
    public init?(_ text: String) {
        var names: [[UInt8]] = [[]]
        var isEscaped = false
        for byte in text.utf8 {
            if !isEscaped && byte == UInt8(ascii: "\\") {
                isEscaped = true
                continue
            }
            if !isEscaped && byte == UInt8(ascii: ".") {
                names.append([])
            } else {
                names[names.count - 1].append(byte)
            }
            isEscaped = false
        }
        guard !isEscaped, names.allSatisfy({ !$0.isEmpty }) else { return nil }
        segments = names
    }

    /// The names with dots between them.
    public var description: String {
        segments.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ".")
    }

    /// The same names in storage of their own, for a shard to keep.
    func copied() -> ClaimPath { ClaimPath(names: segments.map { String(decoding: $0, as: UTF8.self) }) }
}
