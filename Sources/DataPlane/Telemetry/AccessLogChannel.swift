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
    private let queue: ChunkQueue
    private let metrics: ShardMetrics
    private var current: Chunk?
    // When `flushIfDue` first saw the lines that wait; 0 while none do.
    private var pendingSinceNanoseconds: UInt64 = 0

    /// The queue's other end is the log's writer.
    public init(queue: ChunkQueue, metrics: ShardMetrics) {
        self.queue = queue
        self.metrics = metrics
    }

    /// Appends the line of an exchange that has ended. The names are `AccessLogFormat.quoted` texts; an empty span is
    /// `null`.
    public func append(
        prefix: borrowing ByteBuffer, route: Span<UInt8>, upstream: Span<UInt8>, endpoint: Span<UInt8>,
        outcome: AccessOutcome
    ) {
        let bound = AccessLogFormat.outcomeBound(prefix: prefix, route: route, upstream: upstream, endpoint: endpoint)
        guard let chunk = chunk(withRoom: bound) else {
            metrics.logLineDropped()
            return
        }
        AccessLogFormat.appendOutcome(
            into: &chunk.bytes, prefix: prefix, route: route, upstream: upstream, endpoint: endpoint, outcome: outcome)
    }

    /// Hands the waiting lines over when they have waited long enough. Call it once per tick.
    public func flushIfDue(nowNanoseconds: UInt64) {
        guard hasPendingLines else { return }
        if pendingSinceNanoseconds == 0 {
            pendingSinceNanoseconds = max(1, nowNanoseconds)
        } else if nowNanoseconds &- pendingSinceNanoseconds >= Self.flushIntervalNanoseconds {
            flush()
        }
    }

    /// Lines wait to be handed over: the loop must tick again within `flushIntervalNanoseconds`, even without any
    /// event.
    public var hasPendingLines: Bool { current.map { !$0.bytes.isEmpty } ?? false }

    /// Hands the waiting lines over now; for a shard that ends.
    public func flush() {
        guard hasPendingLines, let chunk = current else { return }
        current = nil
        pendingSinceNanoseconds = 0
        queue.submit(chunk)
    }

    private func chunk(withRoom bound: Int) -> Chunk? {
        if let current, current.bytes.writableCount >= bound { return current }
        guard bound <= queue.chunkBytes else { return nil }
        flush()
        current = queue.take()
        return current
    }
}
