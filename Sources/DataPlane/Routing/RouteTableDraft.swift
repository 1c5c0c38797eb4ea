internal import Declarations
internal import HTTPModel
internal import Kernel
internal import Patterns

/// A table while it is built:
/// 1. each route is checked and its predicates, paths and captures become rows;
/// 2. its candidates (one for each pair of host and path) are ranked among all;
/// 3. in the order of ranks they are inserted into the tries of their hosts;
/// 4. tries and lists are flattened.
struct RouteTableDraft {
    private struct Ranked {
        var rank: RouteRank
        var candidate: RouteCandidate
        var group: Int32
        var path: PathPatternDeclaration?
    }

    private(set) var candidates: [RouteCandidate] = []
    private(set) var groupOfCandidate: [Int32] = []
    private(set) var groups: [HostGroup] = []
    private(set) var lists: [Int32] = []
    /// Empty until `finish`.
    private(set) var nodes: [TrieNode] = []
    private(set) var literalMask = 0
    private(set) var rankedOrder: [Int] = []
    private(set) var depthMax = 0
    var texts = TextTable()
    private(set) var captures: [CaptureRow] = []
    var predicates: [PredicateRow] = []
    var patterns: [Pattern] = []
    var extensionMethods: [[UInt8]] = []

    private var ranked: [Ranked] = []
    /// The group of each host pattern; group 0 is that of no host.
    private var groupOfHost: [String: Int32] = [:]
    private var trie = TrieDraft()
    private var expressions: [[Int32]] = [[]]
    private var placeOfCaptures: [[CaptureRow]: Int32] = [:]

    init(_ declarations: [RouteDeclaration]) throws(RouteTableError) {
        groups.append(HostGroup(root: trie.addRoot(), best: .max, expressions: noRow))
        var ids: Set<String> = []
        for (index, declaration) in declarations.enumerated() {
            let compiler = RouteCompiler(declaration, index: index)
            guard ids.insert(declaration.id).inserted else { throw compiler.error(.duplicateID) }
            try add(compiler)
        }
        rank(routeCount: declarations.count)
    }

    /// 1. Rows of one route.
    private mutating func add(_ compiler: RouteCompiler) throws(RouteTableError) {
        let declaration = compiler.declaration
        let methods = try compiler.methods(into: &self)
        let predicateStart = predicates.count
        try compiler.addPredicates(to: &self)
        let hosts: [String?] = declaration.match.hosts.isEmpty ? [nil] : declaration.match.hosts.map { $0.lowercased() }
        let paths: [PathPatternDeclaration?] = declaration.match.paths.isEmpty ? [nil] : declaration.match.paths
        guard ranked.count + hosts.count * paths.count <= RouteLimits.candidatesMax else {
            throw compiler.error(.tooManyCandidates)
        }
        var ordinal = 0
        for path in paths {
            let shape = try compiler.addShape(of: path, to: &self)
            for host in hosts {
                let candidate = RouteCandidate(
                    methods: methods, route: Int32(compiler.index), predicates: Int32(predicateStart),
                    predicateCount: UInt16(predicates.count - predicateStart), shape: shape)
                let rank = RouteRank(declaration, host: host, path: path, ordinal: ordinal)
                let group = try group(of: host, compiler)
                ranked.append(Ranked(rank: rank, candidate: candidate, group: group, path: path))
                ordinal += 1
            }
        }
    }

    /// 2. and 3. The total order, and the candidates in it.
    private mutating func rank(routeCount: Int) {
        ranked.sort { $0.rank < $1.rank }
        candidates.reserveCapacity(ranked.count)
        var seen = [Bool](repeating: false, count: routeCount)
        for entry in ranked {
            let rank = Int32(candidates.count)
            candidates.append(entry.candidate)
            groupOfCandidate.append(entry.group)
            let route = Int(entry.candidate.route)
            if !seen[route] { rankedOrder.append(route) }
            seen[route] = true
            insert(rank, entry)
        }
        ranked = []
    }

    private mutating func insert(_ rank: Int32, _ entry: Ranked) {
        let group = Int(entry.group)
        groups[group].best = min(groups[group].best, rank)
        let root = groups[group].root
        switch entry.path {
        case .regex:
            expressions[group].append(rank)
        case .segments(let segments, let tail, source: _):
            depthMax = max(depthMax, segments.count)
            trie.insert(rank: rank, root: root, segments: segments, tail: tail, texts: &texts)
        case nil:
            trie.insert(rank: rank, root: root, segments: [], tail: true, texts: &texts)
        }
    }

    /// 4. Flat lists.
    mutating func finish() {
        // The empty list, which most nodes share.
        lists = [endOfList]
        var flat = lists
        let ends = trie.ends
        let tails = trie.tails
        func list(_ ranks: [Int32]?) -> Int32 {
            guard let ranks else { return 0 }
            if ranks.count == 1 { return ~ranks[0] }
            let start = flat.count
            flat.append(contentsOf: ranks)
            flat.append(endOfList)
            return Int32(start)
        }
        trie.link(ends: { list(ends[$0]) }, tails: { list(tails[$0]) })
        for index in groups.indices {
            groups[index].expressions = list(expressions[index].isEmpty ? nil : expressions[index])
        }
        lists = flat
        let flatTrie = trie.flattened(texts.bytes)
        nodes = flatTrie.nodes
        literalMask = flatTrie.literalMask
        for index in groups.indices { groups[index].root = flatTrie.places[Int(groups[index].root)] }
    }

    /// Where a run of capture rows lies, which is added when it is new: most routes capture alike, and shared rows stay in the cache.
    mutating func place(of rows: [CaptureRow]) -> Int32 {
        if let known = placeOfCaptures[rows] { return known }
        let place = Int32(captures.count)
        captures.append(contentsOf: rows)
        placeOfCaptures[rows] = place
        return place
    }

    // MARK: Hosts

    private mutating func group(of host: String?, _ compiler: RouteCompiler) throws(RouteTableError) -> Int32 {
        guard let host else { return 0 }
        if let known = groupOfHost[host] { return known }
        guard RouteCompiler.isHostPattern(host) else { throw compiler.error(.badHost(host)) }
        let group = Int32(groups.count)
        groups.append(HostGroup(root: trie.addRoot(), best: .max, expressions: noRow))
        expressions.append([])
        groupOfHost[host] = group
        _ = texts.place(of: host.hasPrefix("*.") ? String(host.dropFirst(2)) : host)
        return group
    }

    /// The host tables; the texts of all hosts are known.
    mutating func hosts() -> HostTable {
        var table = HostTable()
        let wildcards = groupOfHost.keys.count { $0.hasPrefix("*.") }
        let free = HostRow(hash: 0, group: noRow, textStart: 0, textCount: 0)
        table.exact = [HostRow](repeating: free, count: OpenAddressing.size(for: groupOfHost.count - wildcards))
        table.suffixes = [HostRow](repeating: free, count: OpenAddressing.size(for: wildcards))
        for (host, group) in groupOfHost.sorted(by: { $0.value < $1.value }) {
            let isWildcard = host.hasPrefix("*.")
            let place = texts.place(of: isWildcard ? String(host.dropFirst(2)) : host)
            let range = Int(place.start)..<Int(place.start + place.count)
            let hash = ByteSearch.hashIgnoringCase(texts.bytes.span.extracting(range), from: 0)
            let row = HostRow(hash: hash, group: group, textStart: place.start, textCount: place.count)
            if isWildcard {
                Self.insert(row, into: &table.suffixes)
                table.suffixBest = min(table.suffixBest, groups[Int(group)].best)
                table.suffixLabels |= 1 << UInt64(min(63, host.utf8.count { $0 == 0x2E }))
            } else {
                Self.insert(row, into: &table.exact)
            }
        }
        return table
    }

    private static func insert(_ row: HostRow, into rows: inout [HostRow]) {
        let mask = rows.count - 1
        var place = Int(truncatingIfNeeded: row.hash) & mask
        while rows[place].group != noRow { place = (place + 1) & mask }
        rows[place] = row
    }
}
