public import Kernel

/// A shard's end of the span export: collects finished spans in a chunk and hands it over when it is full or has waited
/// long enough.
///
/// It never waits: when the exporter holds all chunks, a span is dropped and counted. Owned by the shard's thread.
public final class SpanChannel {
    /// Longest time a span waits in a chunk that is not full.
    public static let flushIntervalNanoseconds: UInt64 = 500_000_000

    /// Gives spans their times; the shard lets it follow the wall's clock.
    public var clock: SpanClock
    private var filler: ChunkFiller
    private let metrics: TracingMetrics

    /// The queue's other end is the exporter.
    public init(queue: ChunkQueue, metrics: TracingMetrics, clock: SpanClock) {
        filler = ChunkFiller(queue, flushIntervalNanoseconds: Self.flushIntervalNanoseconds)
        self.metrics = metrics
        self.clock = clock
    }

    /// Appends the span of an exchange that has ended and is kept. An empty identifier is left out.
    public func append(
        _ span: ServerSpan, service: SpanServiceText, route: SpanRouteText, requestID: Span<UInt8>
    ) {
        guard let chunk = filler.chunk(withRoom: SpanFormat.bound(service, route)) else {
            return metrics.spanDropped()
        }
        SpanFormat.append(span, service, route, requestID: requestID, clock: clock, into: &chunk.bytes)
        metrics.spanRecorded()
    }

    /// Appends the span of one attempt of such an exchange.
    public func append(
        _ span: ClientSpan, service: SpanServiceText, route: SpanRouteText, upstream: SpanUpstreamText
    ) {
        guard let chunk = filler.chunk(withRoom: SpanFormat.bound(service, route, upstream)) else {
            return metrics.spanDropped()
        }
        SpanFormat.append(span, service, route, upstream, clock: clock, into: &chunk.bytes)
        metrics.spanRecorded()
    }

    /// Hands the waiting spans over when they have waited long enough. Call it once per tick.
    public func flushIfDue(nowNanoseconds: UInt64) { filler.flushIfDue(nowNanoseconds: nowNanoseconds) }

    /// Spans wait to be handed over: the loop must tick again within `flushIntervalNanoseconds`, even without any
    /// event.
    public var hasPendingSpans: Bool { filler.hasPending }

    /// Hands the waiting spans over now; for a shard that ends.
    public func flush() { filler.flush() }
}
