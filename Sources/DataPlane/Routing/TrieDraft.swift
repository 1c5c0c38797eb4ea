internal import Declarations
internal import Kernel

/// The trie while it grows. Candidates are inserted in the order of their ranks, so lists come out sorted and the first candidate to
/// pass through a node is its best.
struct TrieDraft {
    private struct Step: Hashable {
        var parent: Int32
        var textStart: UInt32
        var textCount: UInt32
    }

    private(set) var nodes: [TrieNode] = []
    /// Ranks by node; they become lists in `RouteTableDraft.finish`.
    private(set) var ends: [Int32: [Int32]] = [:]
    private(set) var tails: [Int32: [Int32]] = [:]
    private var literals: [Step: Int32] = [:]
    /// By node: a literal segment leads to it.
    private var isLiteral: [Bool] = []

    /// A root for a host group.
    mutating func addRoot() -> Int32 {
        addNode(parent: noRow, text: nil)
    }

    /// Inserts a candidate under a root. Ranks must come in ascending order.
    mutating func insert(
        rank: Int32, root: Int32, segments: [PathSegmentDeclaration], tail: Bool, texts: inout TextTable
    ) {
        var node = root
        nodes[Int(node)].best = min(nodes[Int(node)].best, rank)
        for segment in segments {
            switch segment {
            case .literal(let text): node = literal(texts.place(of: text), under: node)
            case .any, .capture: node = any(under: node)
            }
            nodes[Int(node)].best = min(nodes[Int(node)].best, rank)
        }
        if tail {
            tails[node, default: []].append(rank)
        } else {
            ends[node, default: []].append(rank)
        }
    }

    /// Sets the lists of each node, and the way from it to its nearest tails. Parents have smaller numbers than children.
    mutating func link(ends: (Int32) -> Int32, tails: (Int32) -> Int32) {
        for index in nodes.indices {
            let node = Int32(index)
            let parent = nodes[index].parent
            let inherited = parent == noRow ? noRow : nodes[Int(parent)].tailNode
            nodes[index].ends = ends(node)
            nodes[index].tails = tails(node)
            nodes[index].outerTailNode = inherited
            nodes[index].tailNode = self.tails[node] == nil ? inherited : node
        }
    }

    /// The nodes at their final places: those behind a literal in an open-addressed table, where a look-up that finds the key has
    /// the node in the same cache line; the others behind it.
    func flattened(_ text: [UInt8]) -> FlatTrie {
        let size = OpenAddressing.size(for: literals.count)
        var rows = [TrieNode](repeating: TrieNode(), count: size)
        rows.reserveCapacity(size + nodes.count - literals.count)
        var places: [Int32] = []
        places.reserveCapacity(nodes.count)
        for index in nodes.indices {
            var row = nodes[index]
            // A parent is placed before its children.
            if row.parent != noRow { row.parent = places[Int(row.parent)] }
            guard isLiteral[index] else {
                places.append(Int32(rows.count))
                rows.append(row)
                continue
            }
            let range = Int(row.textStart)..<Int(row.textStart) + Int(row.textCount)
            row.hash = UInt32(truncatingIfNeeded: ByteSearch.scanSegment(text.span.extracting(range), from: 0).hash)
            var place = RouteRows.literalPlace(parent: row.parent, hash: row.hash) & (size - 1)
            while rows[place].parent != noRow { place = (place + 1) & (size - 1) }
            places.append(Int32(place))
            rows[place] = row
        }
        func final(_ node: Int32) -> Int32 { node == noRow ? noRow : places[Int(node)] }
        for place in places.lazy.map(Int.init) {
            rows[place].any = final(rows[place].any)
            rows[place].tailNode = final(rows[place].tailNode)
            rows[place].outerTailNode = final(rows[place].outerTailNode)
        }
        return FlatTrie(nodes: rows, literalMask: size - 1, places: places)
    }

    private mutating func addNode(parent: Int32, text: TextTable.Place?) -> Int32 {
        var node = TrieNode()
        node.parent = parent
        if parent != noRow { node.depth = nodes[Int(parent)].depth + 1 }
        if let text {
            node.textStart = text.start
            node.textCount = UInt16(text.count)
        }
        nodes.append(node)
        isLiteral.append(text != nil)
        return Int32(nodes.count - 1)
    }

    private mutating func any(under parent: Int32) -> Int32 {
        let known = nodes[Int(parent)].any
        guard known == noRow else { return known }
        let child = addNode(parent: parent, text: nil)
        nodes[Int(parent)].any = child
        return child
    }

    private mutating func literal(_ text: TextTable.Place, under parent: Int32) -> Int32 {
        let step = Step(parent: parent, textStart: text.start, textCount: text.count)
        if let known = literals[step] { return known }
        let child = addNode(parent: parent, text: text)
        literals[step] = child
        nodes[Int(parent)].hasLiterals = true
        return child
    }
}

/// A trie whose nodes have their final places.
struct FlatTrie {
    var nodes: [TrieNode]
    var literalMask: Int
    /// The place of each node of the draft.
    var places: [Int32]
}
