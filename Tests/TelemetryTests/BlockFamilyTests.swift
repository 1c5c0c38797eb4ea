import Telemetry
import Testing

@Suite struct BlockFamilyTests {
    /// The samples of a family that are not zero.
    private func lines(_ registry: MetricsRegistry, _ family: String) -> [String] {
        page(registry).filter { $0.hasPrefix(family) && !$0.hasSuffix(" 0") }
    }

    private func count(_ registry: MetricsRegistry, _ route: String, shard: Int = 0) {
        registry.route(route, shard: shard).exchangeEnded(status: 200, durationNanoseconds: 1)
    }

    @Test func `routes beyond the bound share a series and the counts add up`() {
        let registry = MetricsRegistry(shards: 2, seriesMax: 2)
        for shard in 0..<2 {
            for route in ["a", "b", "c", "d", MetricsRegistry.noRoute] { count(registry, route, shard: shard) }
        }
        #expect(
            lines(registry, "martlet_requests_total") == [
                #"martlet_requests_total{route="-",code="2xx"} 2"#,
                #"martlet_requests_total{route="__other__",code="2xx"} 4"#,
                #"martlet_requests_total{route="a",code="2xx"} 2"#, #"martlet_requests_total{route="b",code="2xx"} 2"#,
            ])
    }

    @Test func `each name that is folded counts once`() {
        let registry = MetricsRegistry(shards: 2, seriesMax: 1)
        for _ in 0..<3 {
            for shard in 0..<2 {
                for route in ["a", "b", "c"] { count(registry, route, shard: shard) }
                for upstream in ["x", "y"] { registry.upstream(upstream, shard: shard).connectSucceeded() }
            }
        }
        #expect(
            lines(registry, "martlet_metrics_series_folded_total") == [
                #"martlet_metrics_series_folded_total{label="route"} 2"#,
                #"martlet_metrics_series_folded_total{label="upstream"} 1"#,
            ])
    }

    @Test func `gauges of upstreams that share a series are summed up`() {
        let registry = MetricsRegistry(shards: 1, seriesMax: 1)
        for upstream in ["x", "y", "z"] { registry.upstream(upstream, shard: 0).idleConnectionsChanged(by: 2) }
        registry.upstream("z", shard: 0).idleConnectionsChanged(by: -1)
        let shown = lines(registry, "martlet_upstream_connections").filter { $0.contains("idle") }
        #expect(
            shown == [
                #"martlet_upstream_connections{upstream="__other__",state="idle"} 3"#,
                #"martlet_upstream_connections{upstream="x",state="idle"} 2"#,
            ])
    }

    @Test func `a reload under all new names folds none of them`() {
        let registry = MetricsRegistry(shards: 1, seriesMax: 2)
        for route in ["a", "b"] { count(registry, route) }
        registry.expect(routes: ["c", "d"], upstreams: [])
        for route in ["c", "d"] { count(registry, route) }
        registry.keepOnly(routes: ["c", "d"], upstreams: [])
        count(registry, "e")
        #expect(
            lines(registry, "martlet_requests_total") == [
                #"martlet_requests_total{route="__other__",code="2xx"} 1"#,
                #"martlet_requests_total{route="c",code="2xx"} 1"#, #"martlet_requests_total{route="d",code="2xx"} 1"#,
            ])
    }

    @Test func `a route that was folded gets a series when another one is gone`() {
        let registry = MetricsRegistry(shards: 1, seriesMax: 1)
        for route in ["a", "b"] { count(registry, route) }
        registry.keepOnly(routes: ["b"], upstreams: [])
        count(registry, "b")
        #expect(
            lines(registry, "martlet_requests_total") == [
                #"martlet_requests_total{route="__other__",code="2xx"} 1"#,
                #"martlet_requests_total{route="b",code="2xx"} 1"#,
            ])
    }

    @Test func `ten thousand routes make no more series than the bound`() {
        let registry = MetricsRegistry(shards: 1)
        for number in 0..<10_000 { count(registry, "route-\(number)") }
        let shown = lines(registry, "martlet_requests_total")
        #expect(shown.count == MetricsRegistry.seriesMax + 1)
        #expect(shown.first == #"martlet_requests_total{route="__other__",code="2xx"} 8000"#)
    }
}
