import HTTPModel
import Kernel
import Telemetry
import Testing

@Suite struct MetricsRegistryTests {
    @Test func `shards are summed up`() {
        let registry = MetricsRegistry(shards: 2)
        registry.route("a", shard: 0).exchangeEnded(status: 200, durationNanoseconds: 1_000_000)
        registry.route("a", shard: 1).exchangeEnded(status: 204, durationNanoseconds: 500_000_000)
        let lines = page(registry)
        #expect(lines.contains(#"martlet_requests_total{route="a",code="2xx"} 2"#))
        #expect(lines.contains(#"martlet_request_duration_seconds_sum{route="a"} 0.501"#))
        #expect(lines.contains(#"martlet_request_duration_seconds_bucket{route="a",le="0.000768"} 0"#))
        #expect(lines.contains(#"martlet_request_duration_seconds_bucket{route="a",le="0.001024"} 1"#))
        #expect(lines.contains(#"martlet_request_duration_seconds_bucket{route="a",le="+Inf"} 2"#))
        #expect(lines.contains(#"martlet_request_duration_seconds_count{route="a"} 2"#))
    }

    @Test func `a route keeps its counters when the table is built anew in another order`() {
        let registry = MetricsRegistry(shards: 1)
        var table = RouteMetricsTable(registry: registry, shard: 0)
        table.reset(routes: 2)
        table.metrics(0, id: "a").exchangeEnded(status: 200, durationNanoseconds: 1)
        table.metrics(1, id: "b").exchangeEnded(status: 200, durationNanoseconds: 1)
        table.reset(routes: 3)
        table.metrics(2, id: "a").exchangeEnded(status: 200, durationNanoseconds: 1)
        let lines = page(registry)
        #expect(lines.contains(#"martlet_requests_total{route="a",code="2xx"} 2"#))
        #expect(lines.contains(#"martlet_requests_total{route="b",code="2xx"} 1"#))
    }

    @Test func `the id of a route is asked for once`() {
        let registry = MetricsRegistry(shards: 1)
        var table = RouteMetricsTable(registry: registry, shard: 0)
        table.reset(routes: 1)
        var asked = 0
        func id() -> String {
            asked += 1
            return "a"
        }
        for _ in 0..<3 { table.metrics(0, id: id()).exchangeEnded(status: 200, durationNanoseconds: 1) }
        #expect(asked == 1)
    }

    @Test func `a route that was never used is not shown`() {
        let registry = MetricsRegistry(shards: 4)
        _ = registry.route("used", shard: 3)
        let shown = page(registry).filter { $0.hasPrefix("martlet_request_duration_seconds_count") }
        #expect(shown == [#"martlet_request_duration_seconds_count{route="used"} 0"#])
    }

    @Test func `a class of status has its series before it occurs`() {
        let registry = MetricsRegistry(shards: 1)
        registry.route("a", shard: 0).exchangeEnded(status: 200, durationNanoseconds: 1)
        let shown = page(registry).filter { $0.hasPrefix("martlet_requests_total") }
        #expect(shown.count == 6 && shown.contains(#"martlet_requests_total{route="a",code="5xx"} 0"#))
    }

    @Test func `series of routes that are gone are forgotten and the others stay`() {
        let registry = MetricsRegistry(shards: 2)
        for name in ["a", "b", "c", MetricsRegistry.noRoute] {
            registry.route(name, shard: 1).exchangeEnded(status: 404, durationNanoseconds: 1)
        }
        registry.keepOnly(routes: ["c"], upstreams: [])
        registry.route("c", shard: 1).exchangeEnded(status: 404, durationNanoseconds: 1)
        let shown = page(registry).filter { $0.hasPrefix("martlet_requests_total") && !$0.hasSuffix(" 0") }
        #expect(
            shown == [
                #"martlet_requests_total{route="-",code="4xx"} 1"#, #"martlet_requests_total{route="c",code="4xx"} 2"#,
            ])
    }

    @Test func `gauges go up and down`() {
        let registry = MetricsRegistry(shards: 1)
        let upstream = registry.upstream("origin", shard: 0)
        upstream.activeConnectionsChanged(by: 3)
        upstream.activeConnectionsChanged(by: -1)
        upstream.idleConnectionsChanged(by: 1)
        let listener = registry.listener("public", shard: 0)
        for _ in 0..<5 { listener.connectionOpened() }
        for _ in 0..<2 { listener.connectionClosed() }
        let lines = page(registry)
        #expect(lines.contains(#"martlet_upstream_connections{upstream="origin",state="active"} 2"#))
        #expect(lines.contains(#"martlet_upstream_connections{upstream="origin",state="idle"} 1"#))
        #expect(lines.contains(#"martlet_downstream_connections{listener="public"} 3"#))
        #expect(lines.contains(#"martlet_downstream_accepts_total{listener="public"} 5"#))
    }

    @Test func `every error has a row of its own`() {
        let registry = MetricsRegistry(shards: 1)
        registry.shard(0).failed(.connectTimeout)
        let rows = page(registry).filter { $0.hasPrefix("martlet_errors_total") }
        #expect(rows.count == GatewayError.allCases.count)
        #expect(Set(rows.map { $0.prefix { $0 != " " } }).count == rows.count)
        #expect(
            rows.filter { !$0.hasSuffix(" 0") }
                == [#"martlet_errors_total{stage="connect",side="upstream",error="connect-timeout"} 1"#])
    }

    @Test func `a scrape reads while a shard writes and never sees a counter go back`() throws {
        let registry = MetricsRegistry(shards: 1)
        let isDone = Guarded(false)
        let rounds = 200_000
        let writer = try SystemThread.start(name: "writer") {
            let metrics = registry.route("a", shard: 0)
            for _ in 0..<rounds { metrics.exchangeEnded(status: 200, durationNanoseconds: 70_000) }
            isDone.withLock { $0 = true }
        }
        var last = 0
        while !isDone.withLock({ $0 }) {
            let count = requests(registry)
            #expect(count >= last)
            last = count
        }
        writer.join()
        #expect(requests(registry) == rounds)
    }

    private func requests(_ registry: MetricsRegistry) -> Int {
        let head = #"martlet_requests_total{route="a",code="2xx"} "#
        let line = page(registry).first { $0.hasPrefix(head) }
        return line.flatMap { Int($0.dropFirst(head.count)) } ?? 0
    }
}
