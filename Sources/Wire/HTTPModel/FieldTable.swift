/// A run of bytes in the head it was parsed from.
@frozen
public struct ByteRange: Sendable, Equatable {
    /// Index of the first byte.
    public var start: UInt32
    /// Index behind the last byte.
    public var end: UInt32

    /// An empty range at 0.
    @inlinable
    public init() {
        start = 0
        end = 0
    }

    /// `start <= end`, both below 2^32.
    @inlinable
    public init(_ start: Int, _ end: Int) {
        self.start = UInt32(truncatingIfNeeded: start)
        self.end = UInt32(truncatingIfNeeded: end)
    }

    /// Number of bytes.
    @inlinable public var count: Int { Int(end) &- Int(start) }
    /// True when it spans nothing.
    @inlinable public var isEmpty: Bool { start == end }
    /// As a range of `Int`, for `Span.extracting`.
    @inlinable public var indices: Range<Int> { Int(start)..<Int(end) }
}

/// A header field line: where its name and value lie, and which field it is.
@frozen
public struct FieldEntry: Sendable, Equatable {
    /// Where the name lies.
    public var name: ByteRange
    /// Where the value lies, without white space around it.
    public var value: ByteRange
    /// Which field, when the gateway knows it.
    public var known: KnownField

    /// All parts.
    @inlinable
    public init(name: ByteRange, value: ByteRange, known: KnownField) {
        self.name = name
        self.value = value
        self.known = known
    }
}

/// The field lines of one head as offsets into the bytes they were received in; nothing is copied.
///
/// The table is reused from head to head: its storage is reserved once, for `limit` lines.
@frozen
public struct FieldTable: Sendable {
    /// In the order received.
    public var entries: [FieldEntry]
    /// Most lines a head may have.
    public let limit: Int

    /// Reserves room for `limit` lines.
    public init(limit: Int) {
        self.limit = limit
        entries = []
        entries.reserveCapacity(limit)
    }

    /// Forgets all lines and keeps the storage.
    @inlinable
    public mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
    }

    /// Adds a line; false when the table is full.
    @inlinable
    public mutating func append(_ entry: FieldEntry) -> Bool {
        guard entries.count < limit else { return false }
        entries.append(entry)
        return true
    }
}
