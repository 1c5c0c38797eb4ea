public import Synchronization

/// A fixed number of 64-bit counters that one thread writes and any thread reads.
///
/// The rule that makes this safe: one writer per block. Its `add` is a relaxed load and a relaxed store, no
/// read-modify-write; a reader sees each word whole, and words in no particular order to each other. Blocks start on a
/// cache line and fill whole ones, so two writers never meet in one.
@safe
public final class CounterBlock: @unchecked Sendable {
    // Valid for `count` initialised words while the block lives; every access is atomic, and only the block's one
    // writer stores.
    @usableFromInline let words: UnsafeMutablePointer<Atomic<UInt64>>
    /// Number of words.
    public let count: Int
    // Keeps the reference counts of two neighbouring blocks, which their writers touch, out of one cache line.
    private let padding = InlineArray<8, UInt64>(repeating: 0)

    /// Bytes of a cache line.
    static let lineBytes = 64

    /// `count` words, all 0; at least one.
    public init(count: Int) {
        precondition(count > 0)
        let bytes = (count * MemoryLayout<UInt64>.stride + Self.lineBytes - 1) / Self.lineBytes * Self.lineBytes
        let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: Self.lineBytes)
        unsafe words = raw.bindMemory(to: Atomic<UInt64>.self, capacity: count)
        self.count = count
        for index in 0..<count {
            // The allocation has room for `count` words.
            unsafe (words + index).initialize(to: Atomic(0))
        }
    }

    deinit {
        // An atomic integer needs no deinitialisation.
        unsafe words.deallocate()
    }

    /// Adds to a word, wrapping around. The writer's thread only.
    @inlinable
    public func add(_ index: Int, _ amount: UInt64 = 1) {
        precondition(index >= 0 && index < count)
        // The precondition keeps the index inside the storage.
        let before = unsafe words[index].load(ordering: .relaxed)
        unsafe words[index].store(before &+ amount, ordering: .relaxed)
    }

    /// Replaces a word. The writer's thread only.
    @inlinable
    public func set(_ index: Int, _ value: UInt64) {
        precondition(index >= 0 && index < count)
        // The precondition keeps the index inside the storage.
        unsafe words[index].store(value, ordering: .relaxed)
    }

    /// Reads a word, from any thread.
    @inlinable
    public subscript(index: Int) -> UInt64 {
        precondition(index >= 0 && index < count)
        // The precondition keeps the index inside the storage.
        return unsafe words[index].load(ordering: .relaxed)
    }
}
