internal import Kernel

/// The buffers of one shard. Connections own none while they are idle; they borrow here and give back.
struct BufferStore: ~Copyable {
    private var small = ByteBufferPool(bufferBytes: smallBytes, keptMax: 1_024)
    private var large = ByteBufferPool(bufferBytes: largeBytes, keptMax: 32)

    /// Octets of the buffers that connections hold now.
    private(set) var heldBytes = 0

    /// Holds a usual head.
    static let smallBytes = 4_096
    /// Holds the largest head there may be (64 KiB), what the gateway adds to it, and some body; also the most that one
    /// connection ever buffers in one direction.
    static let largeBytes = 114_688

    /// A buffer with room for at least `count` bytes, at most `largeBytes`.
    mutating func take(room count: Int) -> ByteBuffer {
        precondition(count <= Self.largeBytes)
        heldBytes &+= count <= Self.smallBytes ? Self.smallBytes : Self.largeBytes
        return count <= Self.smallBytes ? small.take() : large.take()
    }

    /// Takes a buffer back; one without storage is ignored.
    mutating func give(_ buffer: consuming ByteBuffer) {
        heldBytes &-= buffer.capacity
        if buffer.capacity == Self.smallBytes {
            small.give(buffer)
        } else if buffer.capacity == Self.largeBytes {
            large.give(buffer)
        }
    }
}
