/// A shard's own way from a route's index to its counters, filled as routes are first used.
public struct RouteMetricsTable {
    private let registry: MetricsRegistry
    private let shard: Int
    private var rows: [RouteMetrics?] = []

    /// For one shard of the registry; call `reset` before the first use.
    public init(registry: MetricsRegistry, shard: Int) {
        precondition(shard >= 0 && shard < registry.shardCount)
        self.registry = registry
        self.shard = shard
    }

    /// Forgets all rows: the indices mean other routes now. The counters live on in the registry.
    public mutating func reset(routes: Int) {
        rows = Array(repeating: nil, count: routes)
    }

    /// The counters of the route at `index`; `id` is evaluated the first time only.
    public mutating func metrics(_ index: Int, id: @autoclosure () -> String) -> RouteMetrics {
        if let known = rows[index] { return known }
        let metrics = registry.route(id(), shard: shard)
        rows[index] = metrics
        return metrics
    }
}
