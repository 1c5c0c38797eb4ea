/// Reads JSON objects in one pass, without a copy of their content: what is found is a place in the text.
///
/// Strict (RFC 8259, and what I-JSON adds in RFC 7493): UTF-8 throughout, no member twice, no half surrogates, nothing behind the
/// document. Bounded in size, depth and count. The reader keeps its memory, so that reading again allocates nothing.
public struct JSONReader: ~Copyable {
    public let limits: JSONLimits
    /// Objects with members of the same name are refused. Otherwise they are marked, so that they can be left out one by one.
    public let refusesDuplicates: Bool
    private var nodes: [JSONNode] = []
    /// Octets of the text that `nodes` describe.
    private var count = 0

    /// A reader; nothing is allocated before it reads.
    public init(limits: JSONLimits, refusesDuplicates: Bool = true) {
        self.limits = limits
        self.refusesDuplicates = refusesDuplicates
    }

    /// Reads a text that is one object. `object(of:)` then gives the object.
    public mutating func read(_ text: Span<UInt8>) throws(JSONFailure) {
        count = -1
        nodes.removeAll(keepingCapacity: true)
        guard text.count <= limits.bytesMax else {
            throw JSONFailure(reason: .tooLarge, offset: limits.bytesMax)
        }
        nodes.reserveCapacity(limits.nodesMax)
        var parser = JSONParser(text, limits: limits, refusesDuplicates: refusesDuplicates)
        try parser.document(into: &nodes)
        count = text.count
    }

    /// The object that was read last. The text must be the one that was read.
    @_lifetime(borrow self, copy text)
    public func object(of text: Span<UInt8>) -> JSONValue {
        precondition(text.count == count)
        return JSONValue(text: text, nodes: nodes.span, index: 0)
    }
}
