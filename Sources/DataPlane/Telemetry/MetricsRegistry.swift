internal import Kernel

/// Hands out the counters of all shards and sums them up for a scrape.
///
/// Its lock is taken when a counter block is asked for, which a shard does once per route, upstream and listener, and
/// by a scrape for as long as it takes to copy a few references; never while an exchange is counted. A series that was
/// never asked for costs nothing and is not shown. Asking again for the same name on the same shard gives the same
/// block, so counters survive a reload. Routes and upstreams beyond `seriesMax` of each share one series.
public final class MetricsRegistry: Sendable {
    /// The route of exchanges that no route took.
    public static let noRoute = "-"
    /// What shares the series of routes and upstreams that have none of their own. No name may begin like that.
    public static let others = "__other__"
    /// Routes, and upstreams, that have series of their own. A route is 50 lines of the page, most of them its
    /// histogram's, so both together are at most some 15 MB, which Prometheus can take in every 15 s.
    public static let seriesMax = 2_000

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

    /// Counters for so many shards, at least one. Of routes and of upstreams so many have series of their own.
    public init(shards count: Int, seriesMax: Int = MetricsRegistry.seriesMax) {
        precondition(count > 0 && seriesMax > 0)
        shardCount = count
        reporting = ReportingMetrics(block: CounterBlock(count: ReportingMetrics.Word.count))
        shards = (0..<count).map { _ in ShardMetrics(block: CounterBlock(count: ShardMetrics.Word.count)) }
        state = Guarded(
            State(
                routes: BlockFamily(shards: count, words: RouteMetrics.Word.count, namesMax: seriesMax),
                upstreams: BlockFamily(shards: count, words: UpstreamMetrics.Word.count, namesMax: seriesMax),
                listeners: BlockFamily(shards: count, words: ListenerMetrics.Word.count, namesMax: .max)))
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

    /// Shards will soon ask for these. Whatever else has series gives way: until `keepOnly` takes them they do not count
    /// against the bound, so that a reload under all new names folds none of them.
    public func expect(routes: Set<String>, upstreams: Set<String>) {
        state.withLock { state in
            state.routes.expect(routes)
            state.upstreams.expect(upstreams)
        }
    }

    /// Forgets the series of routes and upstreams that are no longer configured, so that reloads under ever new names
    /// do not pile up. What a shard still counts for one of them is lost.
    public func keepOnly(routes: Set<String>, upstreams: Set<String>) {
        state.withLock { state in
            state.routes.keepOnly(routes)
            state.upstreams.keepOnly(upstreams)
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
            listeners: listeners.series(label: "listener"), routesFolded: routes.folded,
            upstreamsFolded: upstreams.folded, shards: shards.map(\.block), reporting: reporting.block,
            configuration: configuration, certificates: certificates)
    }
}
