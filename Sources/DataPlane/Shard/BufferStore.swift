internal import Kernel

/// The buffers of one shard. Connections own none while they are idle; they borrow here and give back.
struct BufferStore: ~Copyable {
    private var tiny = ByteBufferPool(bufferBytes: tinyBytes, keptMax: 2_048)
    private var small = ByteBufferPool(bufferBytes: smallBytes, keptMax: 1_024)
    private var large = ByteBufferPool(bufferBytes: largeBytes, keptMax: 32)
    /// Octets of the buffers that connections hold now.
    private(set) var heldBytes = 0

    /// Holds a usual request on its way, and half a line of the log: with hundreds in progress, what lies close together stays in the
    /// processor's tables.
    static let tinyBytes = 1_024
    /// Holds a usual head.
    static let smallBytes = 4_096
    /// Holds the largest head there may be (64 KiB), what the gateway adds to it, and some body; also the most that one
    /// connection ever buffers in one direction.
    static let largeBytes = 114_688

    /// A buffer with room for at least `count` bytes, at most `largeBytes`.
    mutating func take(room count: Int) -> ByteBuffer {
        precondition(count <= Self.largeBytes)
        if count <= Self.tinyBytes {
            heldBytes &+= Self.tinyBytes
            return tiny.take()
        }
        if count <= Self.smallBytes {
            heldBytes &+= Self.smallBytes
            return small.take()
        }
        heldBytes &+= Self.largeBytes
        return large.take()
    }

    /// Takes a buffer back; one without storage is ignored.
    mutating func give(_ buffer: consuming ByteBuffer) {
        let bytes = buffer.capacity
        heldBytes &-= bytes
        if bytes == Self.tinyBytes {
            tiny.give(buffer)
        } else if bytes == Self.smallBytes {
            small.give(buffer)
        } else if bytes == Self.largeBytes {
            large.give(buffer)
        }
    }
}
