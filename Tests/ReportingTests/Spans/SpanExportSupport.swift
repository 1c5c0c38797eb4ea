import Compression
import Foundation
import Kernel
import Logging
import Telemetry
import TestOrigins
import TraceContext

@testable import Reporting

/// A gateway's side of the export: counters, channels and what they write.
final class SpanSource {
    let registry = TracingRegistry(shards: 2)
    private var channels: [SpanChannel] = []
    private let service = SpanServiceText(service: "gateway", address: nil)
    private let route = SpanRouteText(pattern: "/", route: "all")

    /// With a channel for each of the exporter's two queues.
    func connect(_ exporter: SpanExporter) {
        channels = (0..<2).map {
            SpanChannel(
                queue: exporter.queue(shard: $0), metrics: registry.shard($0),
                clock: SpanClock(monotonicNanoseconds: 0, wallMilliseconds: 1_700_000_000_000))
        }
    }

    /// Writes spans with these ids and hands them over.
    func write(_ ids: Range<Int>, shard: Int = 0) {
        let none: [UInt8] = []
        for id in ids {
            let context = SpanContext(traceIDHigh: 0, traceIDLow: 1, spanID: UInt64(id))
            channels[shard].append(
                ServerSpan(context: context, startNanoseconds: 0, endNanoseconds: 1, method: .get, kept: .rate),
                service: service, route: route, requestID: none.span)
        }
        channels[shard].flush()
    }

    func metric(_ name: String) -> Int {
        String(decoding: TracingMetricsText.render(registry), as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix(name + " ") }
            .flatMap { Int($0.dropFirst(name.count + 1)) } ?? -1
    }

    var sent: Int { metric("martlet_spans_sent_total") }
    var failures: Int { metric("martlet_span_export_failures_total") }

    func dropped(_ reason: String) -> Int { metric("martlet_spans_dropped_total{reason=\"\(reason)\"}") }
}

extension OriginAnswer {
    /// What Zipkin answers, without closing.
    static var accepted: OriginAnswer {
        .bytesAndStay(Array("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n".utf8))
    }
}

/// Options for a collector at this origin, impatient enough for a test.
func exportOptions(_ origin: Origin) -> SpanExportOptions {
    var options = SpanExportOptions(collector: "http://127.0.0.1:\(origin.port)")
    options.intervalMilliseconds = 5
    options.backOffFirstMilliseconds = 10
    options.backOffMaxMilliseconds = 50
    options.connectMilliseconds = 5_000
    options.wholeMilliseconds = 10_000
    return options
}

/// The ids of the spans of a body; throws when it is no JSON array.
func spanIDs(_ body: [UInt8], isPacked: Bool = true) throws -> [Int] {
    let text = isPacked ? try GzipDecoder.decode(body.span, bytesMax: 10_000_000) : body
    let spans = try JSONSerialization.jsonObject(with: Data(text)) as? [[String: Any]]
    return (spans ?? []).map { ($0["id"] as? String).flatMap { Int($0, radix: 16) } ?? -1 }
}

/// Seconds that something takes.
func seconds(_ body: () -> Void) -> Double {
    let start = SystemClock.monotonicNanoseconds()
    body()
    return Double(SystemClock.monotonicNanoseconds() - start) / 1e9
}
