internal import Kernel

/// The producer's end of a queue of chunks: fills one chunk after the other with whole pieces of text.
///
/// It never waits: when the consumer holds all chunks, there is no room. Owned by the shard's thread.
struct ChunkFiller: ~Copyable {
    private let queue: ChunkQueue
    private let flushIntervalNanoseconds: UInt64
    private var current: Chunk?
    // When `flushIfDue` first saw what waits; 0 while nothing does.
    private var pendingSinceNanoseconds: UInt64 = 0

    /// What waits in a chunk that is not full is handed over after the interval.
    init(_ queue: ChunkQueue, flushIntervalNanoseconds: UInt64) {
        self.queue = queue
        self.flushIntervalNanoseconds = flushIntervalNanoseconds
    }

    /// Something waits to be handed over.
    var hasPending: Bool { current.map { !$0.bytes.isEmpty } ?? false }

    /// A chunk with room for so many bytes, or `nil`. A chunk that has less is handed over.
    mutating func chunk(withRoom bound: Int) -> Chunk? {
        if let current, current.bytes.writableCount >= bound { return current }
        guard bound <= queue.chunkBytes else { return nil }
        flush()
        // An empty chunk that is too small cannot be: all have the same size.
        current = queue.take()
        return current
    }

    /// Hands over what has waited long enough. Call it once per tick.
    mutating func flushIfDue(nowNanoseconds: UInt64) {
        guard hasPending else { return }
        if pendingSinceNanoseconds == 0 {
            pendingSinceNanoseconds = max(1, nowNanoseconds)
        } else if nowNanoseconds &- pendingSinceNanoseconds >= flushIntervalNanoseconds {
            flush()
        }
    }

    /// Hands over what waits.
    mutating func flush() {
        guard hasPending, let chunk = current else { return }
        current = nil
        pendingSinceNanoseconds = 0
        queue.submit(chunk)
    }
}
