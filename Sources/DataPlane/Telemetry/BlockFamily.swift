internal import Kernel

/// The blocks of one kind: by name and shard, each made when first asked for.
///
/// Names beyond a bound get the block of `MetricsRegistry.others`, of which each shard has one too, so that a block has
/// one writer here as well. Who comes first has series of its own, and keeps them.
struct BlockFamily: Sendable {
    /// What a scrape needs; names and rows of blocks have the same indices.
    struct Contents: Sendable {
        var names: [String] = []
        /// First index: the shard. Rows may be shorter than `names`.
        var blocks: [[CounterBlock?]]
        /// Names that came too late, each counted once.
        var folded: UInt64 = 0
    }

    private(set) var contents: Contents
    private var places: [String: Int] = [:]
    private var namesFolded: Set<String> = []
    /// Names that count against the bound.
    private var namesCounted = 0
    private let namesMax: Int
    private let words: Int

    /// Names that are always there, and count for nothing.
    private static let exempt: Set<String> = [MetricsRegistry.noRoute, MetricsRegistry.others]

    init(shards: Int, words: Int, namesMax: Int) {
        contents = Contents(blocks: Array(repeating: [], count: shards))
        self.words = words
        self.namesMax = namesMax
    }

    mutating func block(_ name: String, shard: Int) -> CounterBlock {
        let place = places[name] ?? newPlace(name)
        while contents.blocks[shard].count <= place { contents.blocks[shard].append(nil) }
        if let block = contents.blocks[shard][place] { return block }
        let block = CounterBlock(count: words)
        contents.blocks[shard][place] = block
        return block
    }

    private mutating func newPlace(_ name: String) -> Int {
        let isExempt = Self.exempt.contains(name)
        guard isExempt || namesCounted < namesMax else {
            if namesFolded.insert(name).inserted { contents.folded += 1 }
            return places[MetricsRegistry.others] ?? newPlace(MetricsRegistry.others)
        }
        if !isExempt { namesCounted += 1 }
        namesFolded.remove(name)
        let place = contents.names.count
        contents.names.append(name)
        places[name] = place
        return place
    }

    /// From now on only these of the names count against the bound.
    mutating func expect(_ names: Set<String>) {
        namesCounted = contents.names.count { names.contains($0) }
    }

    mutating func keepOnly(_ names: Set<String>) {
        namesFolded.formIntersection(names)
        let kept = contents.names.indices.filter {
            names.contains(contents.names[$0]) || Self.exempt.contains(contents.names[$0])
        }
        namesCounted = kept.count { !Self.exempt.contains(contents.names[$0]) }
        guard kept.count < contents.names.count else { return }
        let before = contents
        contents.names = kept.map { before.names[$0] }
        contents.blocks = before.blocks.map { row in kept.map { $0 < row.count ? row[$0] : nil } }
        places = Dictionary(uniqueKeysWithValues: contents.names.enumerated().map { ($0.element, $0.offset) })
    }
}
