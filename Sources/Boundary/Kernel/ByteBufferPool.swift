/// Buffers of one size that wait to be used again, last given back first (its memory is still in the cache).
///
/// A bounded store: what does not fit is freed. Taking from an empty store allocates.
@safe
public struct ByteBufferPool: ~Copyable {
    // Room for `keptMax` buffers; the first `kept` are initialised.
    private let store: UnsafeMutablePointer<ByteBuffer>
    private let keptMax: Int
    private var kept = 0
    /// Bytes of each buffer.
    public let bufferBytes: Int

    /// An empty pool.
    public init(bufferBytes: Int, keptMax: Int) {
        precondition(bufferBytes > 0 && keptMax > 0)
        self.bufferBytes = bufferBytes
        self.keptMax = keptMax
        unsafe store = .allocate(capacity: keptMax)
    }

    deinit {
        unsafe store.deinitialize(count: kept)
        unsafe store.deallocate()
    }

    /// An empty buffer.
    public mutating func take() -> ByteBuffer {
        guard kept > 0 else { return ByteBuffer(capacity: bufferBytes) }
        kept -= 1
        // Index `kept` was initialised and is not any more.
        return unsafe (store + kept).move()
    }

    /// Takes a buffer back, emptied.
    public mutating func give(_ buffer: consuming ByteBuffer) {
        precondition(buffer.capacity == bufferBytes)
        guard kept < keptMax else { return }
        var returned = buffer
        returned.clear()
        // Index `kept` lies within the store and is not initialised.
        unsafe (store + kept).initialize(to: returned)
        kept += 1
    }
}

extension ByteBuffer {
    /// The buffer itself, leaving one without storage in its place.
    public mutating func take() -> ByteBuffer {
        var taken = ByteBuffer()
        swap(&taken, &self)
        return taken
    }
}
