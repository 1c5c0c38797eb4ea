internal import Declarations

/// Path patterns by their segments. A capture is the same as `*`; a regular expression stands beside the trie.
struct RouteTrie {
    struct Key: Hashable {
        var terminal: Int
        var host: String
        var predicate: String
    }

    private struct Node {
        var literals: [String: Int] = [:]
        var any = -1
        /// The terminal of patterns that end here.
        var end = -1
        /// The terminal of patterns that end here in `**`.
        var tail = -1
    }

    private var nodes = [Node()]
    private var expressions: [String: Int] = [:]
    /// The highest priority of a combination that ends at the terminal.
    private var priorities: [Int] = []
    private var chains: [Key: Int] = [:]

    func maxPriority(_ terminal: Int) -> Int { priorities[terminal] }

    /// The first combination under a key, or -1.
    func first(under key: Key) -> Int { chains[key] ?? -1 }

    /// Puts a combination in front of those under its key, and gives the one that was in front, or -1.
    mutating func chain(_ combination: Int, under key: Key) -> Int {
        chains.updateValue(combination, forKey: key) ?? -1
    }

    /// The place where the pattern ends.
    mutating func insert(_ path: PathPatternDeclaration, priority: Int) -> Int {
        let terminal: Int
        switch path {
        case .regex(let expression):
            terminal = expressions[expression] ?? newTerminal()
            expressions[expression] = terminal
        case .segments(let segments, let tail, _):
            let node = walk(segments)
            let found = tail ? nodes[node].tail : nodes[node].end
            terminal = found >= 0 ? found : newTerminal()
            if tail { nodes[node].tail = terminal } else { nodes[node].end = terminal }
        }
        priorities[terminal] = max(priorities[terminal], priority)
        return terminal
    }

    private mutating func newTerminal() -> Int {
        priorities.append(.min)
        return priorities.count - 1
    }

    private mutating func walk(_ segments: [PathSegmentDeclaration]) -> Int {
        var node = 0
        for segment in segments {
            let next: Int
            switch segment {
            case .literal(let text): next = nodes[node].literals[text] ?? nodes.count
            case .any, .capture: next = nodes[node].any >= 0 ? nodes[node].any : nodes.count
            }
            if next == nodes.count {
                nodes.append(Node())
                if case .literal(let text) = segment {
                    nodes[node].literals[text] = next
                } else {
                    nodes[node].any = next
                }
            }
            node = next
        }
        return node
    }

    /// The terminals of the pattern itself and of all patterns that cover it and hold something of a higher priority.
    func covering(_ path: PathPatternDeclaration, own: Int, above priority: Int) -> [Int] {
        var found = [own]
        func add(_ terminal: Int) {
            if terminal >= 0, terminal != own, priorities[terminal] > priority { found.append(terminal) }
        }
        guard case .segments(let segments, let tail, _) = path else {
            add(nodes[0].tail)
            return found
        }
        var level = [0]
        for (index, segment) in segments.enumerated() {
            var next: [Int] = []
            for node in level {
                // `/**` covers every path, and `/a/**` covers `/a` as well.
                add(nodes[node].tail)
                if case .literal(let text) = segment {
                    if let child = nodes[node].literals[text] { next.append(child) }
                    // `*` matches no empty segment.
                    if text.isEmpty { continue }
                }
                if nodes[node].any >= 0 { next.append(nodes[node].any) }
            }
            level = next
            if level.isEmpty, index < segments.count { return found }
        }
        for node in level {
            add(nodes[node].tail)
            if !tail { add(nodes[node].end) }
        }
        return found
    }
}
