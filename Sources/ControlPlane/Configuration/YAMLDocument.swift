/// A YAML document as one flat array of nodes, parents before children, and one array with the content of all scalars.
///
/// There are no objects and no strings: ten thousand routes make about a quarter of a million nodes, and most of them are looked at once.
struct YAMLDocument {
    var nodes: [YAMLNode] = []
    var text: [UInt8] = []

    /// The content of a scalar.
    func bytes(_ node: Int) -> ArraySlice<UInt8> {
        text[Int(nodes[node].textStart)..<Int(nodes[node].textEnd)]
    }

    /// The content of a scalar.
    func string(_ node: Int) -> String {
        String(decoding: bytes(node), as: UTF8.self)
    }

    /// The nodes right below a list, or the keys and values of a mapping in turn.
    func children(_ node: Int) -> [Int] {
        var found: [Int] = []
        found.reserveCapacity(Int(nodes[node].childCount))
        var child = node + 1
        while child < nodes[node].end {
            found.append(child)
            child = Int(nodes[child].end)
        }
        return found
    }

    /// Nothing is written where a value belongs (`key:`), or the value is written `null`.
    func isNull(_ node: Int) -> Bool {
        guard nodes[node].kind == .scalar, nodes[node].isPlain else { return false }
        let content = bytes(node)
        return content.isEmpty || content.elementsEqual("null".utf8) || content.elementsEqual("~".utf8)
    }
}

/// One node of a document.
struct YAMLNode {
    enum Kind: UInt8 {
        case scalar, sequence, mapping
        /// Something that was refused and reported already, such as an alias: whoever reads it says nothing more.
        case refused
    }

    var kind: Kind
    /// A scalar without quotes.
    var isPlain = false
    /// From 1.
    var line: Int32
    /// From 1, in characters.
    var column: Int32
    var textStart: Int32 = 0
    var textEnd: Int32 = 0
    /// The index after the last node below this one.
    var end: Int32 = 0
    /// Nodes right below this one.
    var childCount: Int32 = 0
}
