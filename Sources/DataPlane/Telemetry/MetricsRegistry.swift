internal import Kernel

/// Hands out the counters of all shards and sums them up for a scrape.
///
/// Its lock is taken when a counter block is asked for, which a shard does once per route, upstream and listener, and
/// by a scrape for as long as it takes to copy a few references; never while an exchange is counted. A series that was
/// never asked for costs nothing and is not shown. Asking again for the same name on the same shard gives the same
/// block, so counters survive a reload.
public final class MetricsRegistry: Sendable {
    /// The route of exchanges that no route took.
    public static let noRoute = "-"

    /// Shards there are counters for.
    public let shardCount: Int
    /// The counters of the access log's writer.
    public let reporting: ReportingMetrics
    let shards: [ShardMetrics]
    private let state: Guarded<State>

    /// What the control plane knows of the configuration.
    struct ConfigurationFigures: Sendable {
        var reloadsApplied: UInt64 = 0
        var reloadsRefused: UInt64 = 0
        var lastReloadSuccessful = true
        var routes = 0
    }

    private struct State: Sendable {
        var routes: BlockFamily
        var upstreams: BlockFamily
        var listeners: BlockFamily
        var configuration = ConfigurationFigures()
        var certificates: [CertificateFigure] = []
    }

    /// Counters for so many shards, at least one.
    public init(shards count: Int) {
        precondition(count > 0)
        shardCount = count
        reporting = ReportingMetrics(block: CounterBlock(count: ReportingMetrics.Word.count))
        shards = (0..<count).map { _ in ShardMetrics(block: CounterBlock(count: ShardMetrics.Word.count)) }
        state = Guarded(
            State(
                routes: BlockFamily(shards: count, words: RouteMetrics.Word.count),
                upstreams: BlockFamily(shards: count, words: UpstreamMetrics.Word.count),
                listeners: BlockFamily(shards: count, words: ListenerMetrics.Word.count)))
    }

    /// The counters of a shard, 0..<shardCount.
    public func shard(_ shard: Int) -> ShardMetrics { shards[shard] }

    /// The counters of a route on a shard.
    public func route(_ id: String, shard: Int) -> RouteMetrics {
        RouteMetrics(block: state.withLock { $0.routes.block(id, shard: shard) })
    }

    /// The counters of an upstream on a shard.
    public func upstream(_ id: String, shard: Int) -> UpstreamMetrics {
        UpstreamMetrics(block: state.withLock { $0.upstreams.block(id, shard: shard) })
    }

    /// The counters of a listener on a shard.
    public func listener(_ name: String, shard: Int) -> ListenerMetrics {
        ListenerMetrics(block: state.withLock { $0.listeners.block(name, shard: shard) })
    }

    /// A configuration came into force for the first time: it is not a reload.
    public func configurationLoaded(routes: Int) {
        state.withLock { $0.configuration.routes = routes }
    }

    /// These certificates are served from now on.
    public func certificatesLoaded(_ certificates: [CertificateFigure]) {
        state.withLock { $0.certificates = certificates }
    }

    /// A reload came into force.
    public func reloadApplied(routes: Int) {
        state.withLock { state in
            state.configuration.reloadsApplied += 1
            state.configuration.lastReloadSuccessful = true
            state.configuration.routes = routes
        }
    }

    /// A reload was refused; the configuration before it is still in force.
    public func reloadRefused() {
        state.withLock { state in
            state.configuration.reloadsRefused += 1
            state.configuration.lastReloadSuccessful = false
        }
    }

    /// Forgets the series of routes and upstreams that are no longer configured, so that reloads under ever new names
    /// do not pile up. What a shard still counts for one of them is lost.
    public func keepOnly(routes: Set<String>, upstreams: Set<String>) {
        state.withLock { state in
            state.routes.keepOnly { $0 == Self.noRoute || routes.contains($0) }
            state.upstreams.keepOnly { upstreams.contains($0) }
        }
    }

    /// References to all that is counted.
    func snapshot() -> MetricsSnapshot {
        // The arrays are shared, not copied, so the lock is held for moments; series are sorted and summed outside of
        // it.
        let (routes, upstreams, listeners, configuration, certificates) = state.withLock { state in
            (
                state.routes.contents, state.upstreams.contents, state.listeners.contents, state.configuration,
                state.certificates
            )
        }
        return MetricsSnapshot(
            routes: routes.series(label: "route"), upstreams: upstreams.series(label: "upstream"),
            listeners: listeners.series(label: "listener"), shards: shards.map(\.block), reporting: reporting.block,
            configuration: configuration, certificates: certificates)
    }
}

/// The blocks of one kind: by name and shard, each made when first asked for.
struct BlockFamily: Sendable {
    /// What a scrape needs; names and rows of blocks have the same indices.
    struct Contents: Sendable {
        var names: [String] = []
        /// First index: the shard. Rows may be shorter than `names`.
        var blocks: [[CounterBlock?]]
    }

    private(set) var contents: Contents
    private var places: [String: Int] = [:]
    private let words: Int

    init(shards: Int, words: Int) {
        contents = Contents(blocks: Array(repeating: [], count: shards))
        self.words = words
    }

    mutating func block(_ name: String, shard: Int) -> CounterBlock {
        let place: Int
        if let known = places[name] {
            place = known
        } else {
            place = contents.names.count
            contents.names.append(name)
            places[name] = place
        }
        while contents.blocks[shard].count <= place { contents.blocks[shard].append(nil) }
        if let block = contents.blocks[shard][place] { return block }
        let block = CounterBlock(count: words)
        contents.blocks[shard][place] = block
        return block
    }

    mutating func keepOnly(_ isKept: (String) -> Bool) {
        let kept = contents.names.indices.filter { isKept(contents.names[$0]) }
        guard kept.count < contents.names.count else { return }
        let before = contents
        contents.names = kept.map { before.names[$0] }
        contents.blocks = before.blocks.map { row in kept.map { $0 < row.count ? row[$0] : nil } }
        places = Dictionary(uniqueKeysWithValues: contents.names.enumerated().map { ($0.element, $0.offset) })
    }
}
