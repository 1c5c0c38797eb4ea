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

    /// A root for a host group.
    mutating func addRoot() -> Int32 {
        addNode(text: TextTable.Place(start: 0, count: 0), depth: 0)
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

    /// Sets the lists of a node, and the way from each node to its nearest tails. Parents have smaller numbers than children.
    mutating func link(ends: (Int32) -> Int32, tails: (Int32) -> Int32) {
        var parents = [Int32](repeating: noRow, count: nodes.count)
        for (step, child) in literals { parents[Int(child)] = step.parent }
        for index in nodes.indices where nodes[index].any != noRow { parents[Int(nodes[index].any)] = Int32(index) }
        for index in nodes.indices {
            let node = Int32(index)
            nodes[index].ends = ends(node)
            nodes[index].tails = tails(node)
            let parent = parents[index]
            let inherited = parent == noRow ? noRow : nodes[Int(parent)].tailNode
            nodes[index].outerTailNode = inherited
            nodes[index].tailNode = self.tails[node] == nil ? inherited : node
        }
    }

    /// The literal steps as an open-addressed table, keyed by parent and segment hash.
    func edges() -> [TrieEdge] {
        let size = OpenAddressing.size(for: literals.count)
        var edges = [TrieEdge](repeating: TrieEdge(hash: 0, parent: noRow, child: noRow), count: size)
        // In the order of the children, so that equal declarations make equal tables.
        for (step, child) in literals.sorted(by: { $0.value < $1.value }) {
            let hash = hashes[Int(child)]
            var place = RouteRows.edgePlace(parent: step.parent, hash: hash) & (size - 1)
            while edges[place].child != noRow { place = (place + 1) & (size - 1) }
            edges[place] = TrieEdge(hash: hash, parent: step.parent, child: child)
        }
        return edges
    }

    /// The hash of the literal that leads to each node.
    private var hashes: [UInt32] = []

    private mutating func addNode(text: TextTable.Place, depth: Int) -> Int32 {
        nodes.append(
            TrieNode(
                best: .max, any: noRow, ends: noRow, tails: noRow, tailNode: noRow, outerTailNode: noRow,
                textStart: text.start,
                textCount: UInt16(text.count), depth: UInt8(depth), hasLiterals: false))
        hashes.append(0)
        return Int32(nodes.count - 1)
    }

    private mutating func any(under parent: Int32) -> Int32 {
        let known = nodes[Int(parent)].any
        guard known == noRow else { return known }
        let child = addNode(text: TextTable.Place(start: 0, count: 0), depth: Int(nodes[Int(parent)].depth) + 1)
        nodes[Int(parent)].any = child
        return child
    }

    private mutating func literal(_ text: TextTable.Place, under parent: Int32) -> Int32 {
        let step = Step(parent: parent, textStart: text.start, textCount: text.count)
        if let known = literals[step] { return known }
        let child = addNode(text: text, depth: Int(nodes[Int(parent)].depth) + 1)
        literals[step] = child
        nodes[Int(parent)].hasLiterals = true
        return child
    }

    /// Fills in the hashes once all texts are known.
    mutating func hashLiterals(_ text: [UInt8]) {
        let span = text.span
        for child in literals.values {
            let node = nodes[Int(child)]
            let range = Int(node.textStart)..<Int(node.textStart) + Int(node.textCount)
            hashes[Int(child)] = UInt32(
                truncatingIfNeeded: ByteSearch.scanSegment(span.extracting(range), from: 0).hash)
        }
    }
}
