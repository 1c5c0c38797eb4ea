public import Kernel

/// A shard's end of the access log: collects lines in a chunk and hands it over when it is full or has waited long
/// enough.
///
/// It never waits: when the writer holds all chunks, a line is dropped and counted. Owned by the shard's thread.
public final class AccessLogChannel {
    /// Longest time a line waits in a chunk that is not full.
    public static let flushIntervalNanoseconds: UInt64 = 100_000_000

    /// Writes the first parts of lines.
    public var format = AccessLogFormat()
    private var filler: ChunkFiller
    private let metrics: ShardMetrics

    /// The queue's other end is the log's writer.
    public init(queue: ChunkQueue, metrics: ShardMetrics) {
        filler = ChunkFiller(queue, flushIntervalNanoseconds: Self.flushIntervalNanoseconds)
        self.metrics = metrics
    }

    /// Appends the line of an exchange that has ended. The names are `AccessLogFormat.quoted` texts; an empty span is
    /// `null`.
    public func append(
        prefix: borrowing ByteBuffer, route: Span<UInt8>, upstream: Span<UInt8>, endpoint: Span<UInt8>,
        outcome: AccessOutcome
    ) {
        let bound = AccessLogFormat.outcomeBound(prefix: prefix, route: route, upstream: upstream, endpoint: endpoint)
        guard let chunk = filler.chunk(withRoom: bound) else {
            metrics.logLineDropped()
            return
        }
        AccessLogFormat.appendOutcome(
            into: &chunk.bytes, prefix: prefix, route: route, upstream: upstream, endpoint: endpoint, outcome: outcome)
    }

    /// Hands the waiting lines over when they have waited long enough. Call it once per tick.
    public func flushIfDue(nowNanoseconds: UInt64) { filler.flushIfDue(nowNanoseconds: nowNanoseconds) }

    /// Lines wait to be handed over: the loop must tick again within `flushIntervalNanoseconds`, even without any
    /// event.
    public var hasPendingLines: Bool { filler.hasPending }

    /// Hands the waiting lines over now; for a shard that ends.
    public func flush() { filler.flush() }
}
