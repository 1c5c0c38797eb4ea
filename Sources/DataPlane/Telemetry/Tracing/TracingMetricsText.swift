internal import Kernel
internal import TraceContext

/// Tracing in the Prometheus text format (version 0.0.4), to stand below the other families of a page.
public enum TracingMetricsText {
    /// Whole families in the order of their names.
    public static func render(_ registry: TracingRegistry) -> [UInt8] {
        typealias Export = SpanExportMetrics.Word
        let exporter = registry.exporter.block
        var page = MetricsPage(reserving: 4_096)
        page.counter(
            "martlet_span_batches_sent_total", "Batches of spans that the collector took.", exporter[Export.batchesSent]
        )
        page.counter(
            "martlet_span_bytes_sent_total", "Octets of those batches as sent, compressed.", exporter[Export.bytesSent])
        page.counter(
            "martlet_span_export_failures_total", "Transfers to the collector that failed.", exporter[Export.failures])
        page.family("martlet_spans_dropped_total", .counter, "Spans that were lost, by why.")
        page.reason("martlet_spans_dropped_total", "shard-full", registry.sum(TracingMetrics.Word.spansDropped))
        for reason in SpanDropReason.allCases {
            page.reason("martlet_spans_dropped_total", reason.word, exporter[Export.dropped + Int(reason.rawValue)])
        }
        page.counter(
            "martlet_spans_recorded_total", "Spans that shards have written.",
            registry.sum(TracingMetrics.Word.spansRecorded))
        page.counter("martlet_spans_sent_total", "Spans that the collector took.", exporter[Export.spansSent])
        page.family(
            "martlet_trace_headers_ignored_total", .counter, "Trace headers that were taken as absent, by why.")
        for problem in TraceProblem.allCases {
            page.reason(
                "martlet_trace_headers_ignored_total", problem.word,
                registry.sum(TracingMetrics.Word.problems + Int(problem.rawValue)))
        }
        page.family("martlet_traced_exchanges_total", .counter, "Exchanges whose spans were kept, by why.")
        for reason in KeepReason.allCases {
            page.reason(
                "martlet_traced_exchanges_total", reason.word,
                registry.sum(TracingMetrics.Word.kept + Int(reason.rawValue)))
        }
        return page.bytes
    }
}

extension MetricsPage {
    /// A family of one counter.
    fileprivate mutating func counter(_ name: StaticString, _ help: StaticString, _ value: UInt64) {
        family(name, .counter, help)
        sample(name, value)
    }

    fileprivate mutating func reason(_ name: StaticString, _ reason: StaticString, _ value: UInt64) {
        append(name)
        append("{reason=\"")
        append(reason)
        append("\"} ")
        append(decimal: value)
        append("\n")
    }
}
