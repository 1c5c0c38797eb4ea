import Kernel
import Telemetry
import Testing
import TraceContext

@Suite struct SpanChannelTests {
    private let registry = TracingRegistry(shards: 2)
    private let service = SpanServiceText(service: "gateway", address: nil)
    private let route = SpanRouteText(pattern: "/", route: "all")
    private let upstream = SpanUpstreamText(upstream: "origin", address: nil)

    private func channel(_ queue: ChunkQueue) -> SpanChannel {
        SpanChannel(
            queue: queue, metrics: registry.shard(0),
            clock: SpanClock(monotonicNanoseconds: 0, wallMilliseconds: 1_000))
    }

    private func append(_ count: Int, to channel: SpanChannel) {
        let none: [UInt8] = []
        for number in 0..<count {
            let context = SpanContext(traceIDHigh: 0, traceIDLow: 1, spanID: UInt64(number + 1))
            if number % 2 == 0 {
                channel.append(
                    ServerSpan(context: context, startNanoseconds: 0, endNanoseconds: 1, method: .get, kept: .rate),
                    service: service, route: route, requestID: none.span)
            } else {
                channel.append(
                    ClientSpan(context: context, startNanoseconds: 0, method: .get, number: 0), service: service,
                    route: route, upstream: upstream)
            }
        }
    }

    private func metric(_ name: String) -> Int? {
        String(decoding: TracingMetricsText.render(registry), as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix(name + " ") }
            .flatMap { Int($0.dropFirst(name.count + 1)) }
    }

    private func spans(_ text: String) -> Int { text.split(separator: "\n").count { $0.hasSuffix("}},") } }

    @Test func `spans wait until they are due`() throws {
        let queue = ChunkQueue(wakeUp: try WakeUp())
        let channel = channel(queue)
        channel.flushIfDue(nowNanoseconds: 5_000)
        #expect(!channel.hasPendingSpans)
        append(2, to: channel)
        #expect(channel.hasPendingSpans)
        channel.flushIfDue(nowNanoseconds: 5_000)
        channel.flushIfDue(nowNanoseconds: 5_000 + SpanChannel.flushIntervalNanoseconds - 1)
        #expect(queue.next() == nil)
        channel.flushIfDue(nowNanoseconds: 5_000 + SpanChannel.flushIntervalNanoseconds)
        #expect(spans(collect(queue)) == 2)
        #expect(!channel.hasPendingSpans)
        #expect(metric("martlet_spans_recorded_total") == 2)
    }

    @Test func `without a free chunk spans are dropped and counted, and it goes on when one is back`() throws {
        let queue = ChunkQueue(chunkBytes: 4_096, chunksMax: 2, wakeUp: try WakeUp())
        let channel = channel(queue)
        append(100, to: channel)
        let kept = spans(collect(queue))
        #expect(kept > 2 && kept < 100)
        #expect(metric(#"martlet_spans_dropped_total{reason="shard-full"}"#) == 100 - kept)
        #expect(metric("martlet_spans_recorded_total") == kept)
        append(1, to: channel)
        channel.flush()
        #expect(spans(collect(queue)) == 1)
    }

    @Test func `a span that no chunk can hold is dropped`() throws {
        let queue = ChunkQueue(chunkBytes: 512, wakeUp: try WakeUp())
        let channel = channel(queue)
        append(2, to: channel)
        #expect(!channel.hasPendingSpans)
        #expect(metric(#"martlet_spans_dropped_total{reason="shard-full"}"#) == 2)
    }

    @Test func `ignored headers and kept exchanges are counted by why, over all shards`() {
        var problems = TraceProblems()
        problems.insert(.b3)
        problems.insert(.tracestateTooLong)
        for shard in 0..<2 {
            registry.shard(shard).headersIgnored(problems)
            registry.shard(shard).exchangeKept(.slow)
        }
        registry.shard(0).headersIgnored(TraceProblems())
        registry.exporter.spansDropped(7, .refused)
        registry.exporter.batchSent(spans: 3, bytes: 100)
        registry.exporter.transferFailed()
        #expect(metric(#"martlet_trace_headers_ignored_total{reason="b3"}"#) == 2)
        #expect(metric(#"martlet_trace_headers_ignored_total{reason="tracestate-too-long"}"#) == 2)
        #expect(metric(#"martlet_trace_headers_ignored_total{reason="traceparent"}"#) == 0)
        #expect(metric(#"martlet_traced_exchanges_total{reason="slow"}"#) == 2)
        #expect(metric(#"martlet_spans_dropped_total{reason="refused"}"#) == 7)
        #expect(metric("martlet_spans_sent_total") == 3)
        #expect(metric("martlet_span_batches_sent_total") == 1)
        #expect(metric("martlet_span_bytes_sent_total") == 100)
        #expect(metric("martlet_span_export_failures_total") == 1)
    }

    @Test func `families stand in the order of their names`() {
        let names = String(decoding: TracingMetricsText.render(registry), as: UTF8.self).split(separator: "\n")
            .filter { $0.hasPrefix("# TYPE ") }.map { String($0.dropFirst(7)) }
        #expect(names == names.sorted() && names.count == 8)
    }
}
