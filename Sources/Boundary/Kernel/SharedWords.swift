internal import Glibc
public import Synchronization

/// Two neighbouring words of `SharedWords`, read or replaced as one.
@frozen
public struct WordTwin: Sendable, Equatable {
    /// The word at the even index.
    public var first: UInt64
    /// The word after it.
    public var second: UInt64

    /// Both words.
    @inlinable
    public init(first: UInt64, second: UInt64) {
        self.first = first
        self.second = second
    }
}

/// A fixed number of 64-bit words that any thread may read and replace.
///
/// What makes this safe: every access is atomic. A twin, the words at `2n` and `2n + 1`, is also read and replaced as
/// one by the processor's 128-bit compare-exchange (`cmpxchg16b`, `casp`). Accesses of both sizes may meet: on x86-64
/// and arm64 aligned 8 and 16 bytes are each accessed at one moment, so a reader of one word sees it as it was before
/// or after a replaced twin, never in between. Two words that are read one after the other may be of different moments;
/// only the exchange tells.
///
/// All accesses are sequentially consistent, which for a load costs nothing on x86-64. Words start on a pair of cache
/// lines, which processors fetch together. The memory of words that were never replaced is not touched, so a large and
/// empty table takes address space only.
@safe
public final class SharedWords: @unchecked Sendable {
    // Valid for `count` initialised words while `storage` lives; every access is atomic.
    @usableFromInline let words: UnsafeMutableRawPointer
    private let storage: Storage
    /// Number of words, a multiple of those of a cache line.
    public let count: Int
    // Keeps the reference counts of two shards' handles out of one cache line.
    private let padding = InlineArray<8, UInt64>(repeating: 0)

    /// Words of a cache line.
    public static let lineWords = 8

    /// Owns the memory, for all handles.
    @safe
    private final class Storage: @unchecked Sendable {
        // As `calloc` returned it; freed when no handle is left, so by then nobody reads it.
        let base: UnsafeMutableRawPointer

        init(bytes: Int) {
            // All bits 0 is how an atomic integer 0 is held.
            guard let memory = unsafe calloc(1, bytes) else { preconditionFailure("no memory for shared words") }
            unsafe base = memory
        }

        deinit {
            // An atomic integer needs no deinitialisation.
            unsafe free(base)
        }
    }

    /// At least `count` words, at least one, all 0.
    public init(count: Int) {
        precondition(count > 0 && count <= 1 << 40)
        let lines = (count + Self.lineWords - 1) / Self.lineWords
        storage = Storage(bytes: (lines + 2) * 64)
        // The two spare lines leave room for moving the start up to the next pair of lines.
        unsafe words = storage.base.alignedUp(toMultipleOf: 128)
        self.count = lines * Self.lineWords
    }

    private init(sharing other: SharedWords) {
        storage = other.storage
        unsafe words = other.words
        count = other.count
    }

    /// The same words behind a reference count of its own: one for each shard, so that shards do not contend for the
    /// count.
    public func handle() -> SharedWords { SharedWords(sharing: self) }

    /// Whether an exchange took place.
    @frozen
    public enum Exchange: Sendable, Equatable {
        case exchanged
        /// Somebody was faster: what was found was not what was expected.
        case different
    }

    /// A word.
    @inlinable
    public subscript(index: Int) -> UInt64 {
        unsafe word(index).pointee.load(ordering: .sequentiallyConsistent)
    }

    /// Replaces a word if it is still as expected.
    @inlinable
    public func compareExchange(_ index: Int, expected: UInt64, desired: UInt64) -> Exchange {
        let result = unsafe word(index).pointee.compareExchange(
            expected: expected, desired: desired, ordering: .sequentiallyConsistent)
        return result.exchanged ? .exchanged : .different
    }

    /// Adds to a word, wrapping around, and returns what it was before.
    @inlinable
    @discardableResult
    public func add(_ index: Int, _ amount: UInt64) -> UInt64 {
        unsafe word(index).pointee.wrappingAdd(amount, ordering: .sequentiallyConsistent).oldValue
    }

    /// The words at `index`, which is even, and after it, as of one moment. Takes the cache line for writing.
    @inlinable
    public func twin(_ index: Int) -> WordTwin {
        let pair = unsafe twinPlace(index).pointee.load(ordering: .sequentiallyConsistent)
        return WordTwin(first: UInt64(pair.first), second: UInt64(pair.second))
    }

    /// Replaces the words at `index`, which is even, and after it, if both are still as expected.
    @inlinable
    public func compareExchangeTwin(_ index: Int, expected: WordTwin, desired: WordTwin) -> Exchange {
        let result = unsafe twinPlace(index).pointee.compareExchange(
            expected: WordPair(first: UInt(expected.first), second: UInt(expected.second)),
            desired: WordPair(first: UInt(desired.first), second: UInt(desired.second)),
            ordering: .sequentiallyConsistent)
        return result.exchanged ? .exchanged : .different
    }

    @inlinable @inline(__always)
    func word(_ index: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
        precondition(index >= 0 && index < count)
        // The precondition keeps the word inside the storage, and an atomic integer is laid out like the integer.
        return unsafe (words + index &* 8).assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    @inlinable @inline(__always)
    func twinPlace(_ index: Int) -> UnsafeMutablePointer<Atomic<WordPair>> {
        precondition(index >= 0 && index < count && index & 1 == 0)
        // `count` is even and so is `index`: both words lie inside the storage, and at a multiple of 16 bytes.
        return unsafe (words + index &* 8).assumingMemoryBound(to: Atomic<WordPair>.self)
    }
}
