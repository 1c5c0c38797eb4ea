/// A bounded run of bytes that is filled at its end and consumed at its start.
///
/// Storage is allocated once and never grows: whoever fills it has checked `writableCount`, and an overrun traps (it is a bug of
/// ours, never a peer's doing). A buffer without storage (`ByteBuffer()`) stands for "none" and costs nothing.
@safe
@frozen
public struct ByteBuffer: ~Copyable {
    // Valid for `capacity` bytes while the buffer lives; nil exactly when `capacity` is 0. All indices below stay in 0...capacity.
    @usableFromInline var base: UnsafeMutablePointer<UInt8>?
    /// Bytes of storage.
    public let capacity: Int
    @usableFromInline var start = 0
    @usableFromInline var end = 0

    /// A buffer without storage.
    public init() {
        unsafe base = nil
        capacity = 0
    }

    /// A buffer with `capacity` bytes of storage, at least 1.
    public init(capacity: Int) {
        precondition(capacity > 0)
        unsafe base = .allocate(capacity: capacity)
        self.capacity = capacity
    }

    deinit {
        unsafe base?.deallocate()
    }

    /// True when there is storage to write to.
    @inlinable public var hasStorage: Bool { capacity > 0 }
    /// Bytes that wait to be consumed.
    @inlinable public var count: Int { end &- start }
    /// True when nothing waits to be consumed.
    @inlinable public var isEmpty: Bool { start == end }
    /// Bytes that can still be appended without `compact()`.
    @inlinable public var writableCount: Int { capacity &- end }

    /// The bytes that wait to be consumed; valid until the buffer is next changed.
    @inlinable
    public var readable: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            guard let base = unsafe base else { return Span<UInt8>() }
            // start...end lies within the storage, and the span cannot outlive this borrow of the buffer.
            let span = unsafe Span<UInt8>(_unsafeStart: UnsafePointer(base + start), count: end &- start)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// Forgets everything.
    @inlinable
    public mutating func clear() {
        start = 0
        end = 0
    }

    /// Drops `count` bytes from the start.
    @inlinable
    public mutating func consume(_ count: Int) {
        precondition(count >= 0 && count <= end &- start)
        start &+= count
        if start == end { clear() }
    }

    /// Drops bytes from the end until `count` are left.
    @inlinable
    public mutating func truncate(to count: Int) {
        precondition(count >= 0 && count <= end &- start)
        end = start &+ count
    }

    /// Moves the waiting bytes to the front of the storage.
    public mutating func compact() {
        guard start > 0, hasStorage else { return }
        let count = end - start
        // Both runs lie within the storage; `update` allows overlap.
        unsafe base.unsafelyUnwrapped.update(from: base.unsafelyUnwrapped + start, count: count)
        start = 0
        end = count
    }

    /// Appends one byte.
    @inlinable
    public mutating func append(_ byte: UInt8) {
        precondition(end < capacity)
        unsafe base.unsafelyUnwrapped[end] = byte
        end &+= 1
    }

    /// Appends the bytes of a span.
    @inlinable
    public mutating func append(_ bytes: Span<UInt8>) {
        let count = bytes.count
        precondition(count <= capacity &- end)
        guard count > 0 else { return }
        // The precondition leaves room for `count` bytes behind `end`; the storage is ours alone, so the runs are disjoint.
        unsafe bytes.withUnsafeBufferPointer { source in
            unsafe Self.copy(source.baseAddress.unsafelyUnwrapped, to: base.unsafelyUnwrapped + end, count)
        }
        end &+= count
    }

    /// Copies `count` bytes (at least 1) that both places hold. Short runs, which heads consist of, take two moves and no call.
    @inlinable @inline(__always)
    static func copy(_ source: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<UInt8>, _ count: Int) {
        let from = unsafe UnsafeRawPointer(source)
        let into = UnsafeMutableRawPointer(target)
        if count > 16 {
            unsafe into.copyMemory(from: from, byteCount: count)
        } else if count >= 8 {
            // The first and the last 8 of 8...16 bytes: both lie within the runs, and what overlaps is written twice alike.
            let first = unsafe from.loadUnaligned(as: UInt64.self)
            let last = unsafe from.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
            unsafe into.storeBytes(of: first, as: UInt64.self)
            unsafe into.storeBytes(of: last, toByteOffset: count &- 8, as: UInt64.self)
        } else if count >= 4 {
            // Likewise for 4...7 bytes.
            let first = unsafe from.loadUnaligned(as: UInt32.self)
            let last = unsafe from.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
            unsafe into.storeBytes(of: first, as: UInt32.self)
            unsafe into.storeBytes(of: last, toByteOffset: count &- 4, as: UInt32.self)
        } else {
            // 1...3 bytes: the first, the middle and the last.
            unsafe target[0] = source[0]
            unsafe target[count >> 1] = source[count >> 1]
            unsafe target[count &- 1] = source[count &- 1]
        }
    }

    /// Appends the waiting bytes of another buffer.
    @inlinable
    public mutating func append(_ other: borrowing ByteBuffer) {
        append(other.readable)
    }

    /// Appends the bytes of an array.
    @inlinable
    public mutating func append(_ bytes: [UInt8]) {
        append(bytes.span)
    }

    /// Appends a literal. Inlined everywhere: with its length known the copy becomes a few moves.
    @inlinable
    @inline(__always)
    public mutating func append(_ text: StaticString) {
        let count = text.utf8CodeUnitCount
        precondition(text.hasPointerRepresentation && count <= capacity &- end)
        guard count > 0 else { return }
        // A static string's bytes live as long as the program.
        unsafe (base.unsafelyUnwrapped + end).update(from: text.utf8Start, count: count)
        end &+= count
    }

    /// Lets `body` write into the free storage; it returns how many bytes it wrote.
    @inlinable
    package mutating func fill(atMost limit: Int, _ body: (UnsafeMutablePointer<UInt8>, Int) -> Int) -> Int {
        let room = min(limit, capacity &- end)
        guard room > 0 else { return 0 }
        let written = unsafe body(base.unsafelyUnwrapped + end, room)
        precondition(written <= room)
        if written > 0 { end &+= written }
        return written
    }
}
