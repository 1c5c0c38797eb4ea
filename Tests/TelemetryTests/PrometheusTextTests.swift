import Telemetry
import Testing

@Suite struct PrometheusTextTests {
    /// A registry in which every family has a series.
    private func used() -> MetricsRegistry {
        let registry = MetricsRegistry(shards: 2)
        for (index, name) in ["b", "a", MetricsRegistry.noRoute, "quote\"back\\slash\nfeed", "größe"].enumerated() {
            registry.route(name, shard: index % 2).exchangeEnded(status: 100 * index, durationNanoseconds: 123_456_789)
        }
        let upstream = registry.upstream("origin", shard: 1)
        upstream.headReceived(status: 200, durationNanoseconds: 100)
        upstream.attemptFailed()
        upstream.connectSucceeded()
        upstream.connectFailed()
        upstream.requestRetried()
        registry.listener("public", shard: 0).connectionOpened()
        registry.shard(0).connectionShed()
        registry.shard(1).sentToUpstream(bytes: 10)
        registry.shard(0).receivedFromDownstream(bytes: 11)
        registry.reporting.linesDropped(3)
        registry.shard(1).logLineDropped()
        registry.configurationLoaded(routes: 4)
        return registry
    }

    @Test func `the page obeys the text format strictly`() throws {
        let samples = try StrictPage(lines: page(used())).samples
        #expect(samples["martlet_access_log_dropped_total"] == 4)
        #expect(samples["martlet_build_info{version=\"1.2.3\"}"] == 1)
        #expect(samples["martlet_configuration_routes"] == 4)
        #expect(samples["martlet_configuration_last_reload_successful"] == 1)
        #expect(samples["martlet_connections_shed_total"] == 1)
        #expect(samples["martlet_received_bytes_total{side=\"downstream\"}"] == 11)
        #expect(samples["martlet_sent_bytes_total{side=\"upstream\"}"] == 10)
        #expect(samples["martlet_upstream_connects_total{upstream=\"origin\",outcome=\"failed\"}"] == 1)
        #expect(samples["martlet_upstream_requests_total{upstream=\"origin\",code=\"none\"}"] == 1)
        #expect(samples["martlet_upstream_retries_total{upstream=\"origin\"}"] == 1)
        #expect(samples["martlet_requests_total{route=\"b\",code=\"none\"}"] == 1)
        #expect(samples["process_cpu_seconds_total"] == 1.25)
        #expect(samples["process_start_time_seconds"] == 1_700_000_000.12)
    }

    @Test func `an empty registry gives a valid page`() throws {
        _ = try StrictPage(lines: page(MetricsRegistry(shards: 1)))
    }

    @Test func `a name with a quote, a backslash and a line feed is escaped`() {
        #expect(page(used()).contains(#"martlet_requests_total{route="quote\"back\\slash\nfeed",code="3xx"} 1"#))
    }

    @Test func `bounds are printed exactly`() {
        let bounds = page(used()).compactMap { line -> String? in
            guard line.hasPrefix(#"martlet_request_duration_seconds_bucket{route="a",le=""#) else { return nil }
            return line.split(separator: "\"")[3].description
        }
        #expect(bounds.count == LatencyHistogram.bucketCount)
        #expect(bounds.prefix(5) == ["0.000064", "0.000096", "0.000128", "0.000192", "0.000256"])
        #expect(bounds.suffix(4) == ["33.554432", "50.331648", "67.108864", "+Inf"])
    }

    @Test func `a refused reload is visible until one is applied`() throws {
        let registry = MetricsRegistry(shards: 1)
        registry.reloadRefused()
        var samples = try StrictPage(lines: page(registry)).samples
        #expect(samples["martlet_configuration_last_reload_successful"] == 0)
        #expect(samples["martlet_reloads_total{outcome=\"refused\"}"] == 1)
        registry.reloadApplied(routes: 9)
        samples = try StrictPage(lines: page(registry)).samples
        #expect(samples["martlet_configuration_last_reload_successful"] == 1)
        #expect(samples["martlet_reloads_total{outcome=\"applied\"}"] == 1)
        #expect(samples["martlet_configuration_routes"] == 9)
    }
}

/// A reader of the Prometheus text format that forgives nothing.
struct StrictPage {
    /// By name with labels as written.
    private(set) var samples: [String: Double] = [:]

    struct Violation: Error { let line: String, why: String }

    init(lines: [String]) throws {
        guard lines.last == "" else { throw Violation(line: lines.last ?? "", why: "no line feed at the end") }
        var families: [String] = []
        var type = ""
        var cumulative = 0.0
        for line in lines.dropLast() {
            func demand(_ condition: Bool, _ why: String) throws {
                if !condition { throw Violation(line: line, why: why) }
            }
            let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
            if line.hasPrefix("# HELP ") {
                try demand(words.count == 4 && !words[3].isEmpty, "no help")
                try demand(families.allSatisfy { $0 < words[2] }, "a family out of order or twice")
                families.append(words[2])
                type = ""
                continue
            }
            if line.hasPrefix("# TYPE ") {
                try demand(words[2] == families.last && type.isEmpty, "a type that belongs to no help")
                type = words[3]
                try demand(["counter", "gauge", "histogram"].contains(type), "unknown type")
                continue
            }
            let sample = try Self.sample(line)
            let family = try families.last ?? { throw Violation(line: line, why: "no family") }()
            let endings = type == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
            try demand(endings.contains { family + $0 == sample.name }, "a sample in another family")
            try demand(type != "counter" || family.hasSuffix("_total"), "a counter without _total")
            try demand(samples.updateValue(sample.value, forKey: sample.series) == nil, "a series twice")
            try demand(sample.value >= 0 && sample.value.isFinite, "not a number of things")
            if sample.name.hasSuffix("_bucket") {
                try demand(sample.value >= cumulative, "buckets are not cumulative")
                cumulative = sample.value
            } else {
                if sample.name.hasSuffix("_count") { try demand(sample.value == cumulative, "count is not +Inf") }
                if !sample.name.hasSuffix("_sum") { cumulative = 0 }
            }
        }
    }

    private static func sample(_ line: String) throws -> (name: String, series: String, value: Double) {
        let name = String(line.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
        var rest = line.dropFirst(name.count)
        if rest.first == "{" {
            rest.removeFirst()
            while true {
                guard let label = rest.prefixMatch(of: /[a-z_]+="((\\["\\n])|[^"\\\n])*"/) else {
                    throw Violation(line: line, why: "bad label")
                }
                rest = rest[label.range.upperBound...]
                guard rest.first == "," else { break }
                rest.removeFirst()
            }
            guard rest.first == "}" else { throw Violation(line: line, why: "labels do not end") }
            rest.removeFirst()
        }
        let series = String(line[..<rest.startIndex])
        guard rest.first == " ", let value = Double(rest.dropFirst()) else {
            throw Violation(line: line, why: "bad value")
        }
        return (name, series, value)
    }
}
