internal import Synchronization

/// A buffer that travels between two threads.
///
/// The rule that makes this safe: it has one owner at a time. `ChunkQueue` hands it over under its lock, and whoever
/// has handed it over must not touch it again.
public final class Chunk: @unchecked Sendable {
    /// Protected by the ownership rule above.
    public var bytes: ByteBuffer

    init(capacity: Int) {
        bytes = ByteBuffer(capacity: capacity)
    }
}

/// Hands filled chunks from one producer thread to one consumer thread, and empty ones back.
///
/// Chunks are made on first need and never more than `chunksMax`, so a consumer that has stopped costs the producer its
/// output, never memory. The lock is taken once per chunk, not per line.
public final class ChunkQueue: Sendable {
    /// Bytes of storage of each chunk.
    public let chunkBytes: Int
    /// Most chunks that exist.
    public let chunksMax: Int
    private let wakeUp: WakeUp
    private let state: Guarded<State>
    // Chunks the producer may still take. It looks here first, so that a queue that has run dry costs it no lock per
    // line.
    private let available: Atomic<Int>

    private struct State {
        var filled: [Chunk] = []
        var empty: [Chunk] = []
        var made = 0
    }

    /// The wake-up is signalled once for each chunk that is submitted.
    public init(chunkBytes: Int = 65_536, chunksMax: Int = 8, wakeUp: WakeUp) {
        precondition(chunkBytes > 0 && chunksMax > 0)
        self.chunkBytes = chunkBytes
        self.chunksMax = chunksMax
        self.wakeUp = wakeUp
        var state = State()
        state.filled.reserveCapacity(chunksMax)
        state.empty.reserveCapacity(chunksMax)
        self.state = Guarded(state)
        available = Atomic(chunksMax)
    }

    /// Producer: an empty chunk, or `nil` when all are with the consumer.
    public func take() -> Chunk? {
        guard available.load(ordering: .relaxed) > 0 else { return nil }
        let (chunk, mayMake): (Chunk?, Bool) = state.withLock { state in
            if let chunk = state.empty.popLast() { return (chunk, false) }
            guard state.made < chunksMax else { return (nil, false) }
            state.made += 1
            return (nil, true)
        }
        guard chunk != nil || mayMake else { return nil }
        available.subtract(1, ordering: .relaxed)
        return chunk ?? Chunk(capacity: chunkBytes)
    }

    /// Producer: gives a filled chunk away and wakes the consumer.
    public func submit(_ chunk: Chunk) {
        state.withLock { state in
            precondition(state.filled.count < chunksMax)
            state.filled.append(chunk)
        }
        wakeUp.signal()
    }

    /// Consumer: the oldest filled chunk, or `nil`.
    public func next() -> Chunk? {
        state.withLock { state in state.filled.isEmpty ? nil : state.filled.removeFirst() }
    }

    /// Consumer: gives a chunk back; its bytes are forgotten.
    public func recycle(_ chunk: Chunk) {
        chunk.bytes.clear()
        state.withLock { state in
            precondition(state.empty.count < chunksMax)
            state.empty.append(chunk)
        }
        available.add(1, ordering: .relaxed)
    }
}
