/// Where an object lives in a `SlotTable`, and which of the objects that lived there it is.
///
/// Its 64 bits are what epoll and timers carry instead of a pointer: a report about an object that is gone is recognised by its
/// generation and dropped.
@frozen
public struct SlotToken: Sendable, Equatable {
    /// 8 bits of kind, 24 of generation, 32 of index.
    public let bits: UInt64

    /// From what epoll or the timer wheel carried.
    @inlinable
    public init(bits: UInt64) {
        self.bits = bits
    }

    /// All parts; the generation is cut to 24 bits.
    @inlinable
    public init(kind: UInt8, generation: UInt32, index: Int) {
        bits = UInt64(kind) << 56 | UInt64(generation & 0xFF_FFFF) << 32 | UInt64(UInt32(truncatingIfNeeded: index))
    }

    /// What sort of object.
    @inlinable public var kind: UInt8 { UInt8(truncatingIfNeeded: bits >> 56) }
    /// Which of those that lived there.
    @inlinable public var generation: UInt32 { UInt32(truncatingIfNeeded: bits >> 32) & 0xFF_FFFF }
    /// Where.
    @inlinable public var index: Int { Int(UInt32(truncatingIfNeeded: bits)) }
}

/// The objects of one kind that a shard owns, by slot. Slots are reused, last freed first.
///
/// Inlinable, because an unspecialised lookup costs more than the rest of an event's dispatch.
public struct SlotTable<Object: AnyObject> {
    @usableFromInline var objects: [Object?] = []
    @usableFromInline var generations: [UInt32] = []
    @usableFromInline var free: [Int] = []
    @usableFromInline let kind: UInt8
    @usableFromInline var taken = 0
    /// Objects in the table.
    @inlinable public var count: Int { taken }

    /// An empty table whose tokens carry `kind`.
    public init(kind: UInt8) {
        self.kind = kind
    }

    /// Puts an object into a slot.
    @inlinable
    public mutating func insert(_ make: (SlotToken) -> Object) -> Object {
        let index: Int
        if let freed = free.popLast() {
            index = freed
        } else {
            index = objects.count
            objects.append(nil)
            generations.append(0)
        }
        let object = make(SlotToken(kind: kind, generation: generations[index], index: index))
        objects[index] = object
        taken += 1
        return object
    }

    /// The object a token speaks of, unless it is gone.
    @inlinable
    public subscript(token: SlotToken) -> Object? {
        let index = token.index
        guard index < objects.count, generations[index] & 0xFF_FFFF == token.generation else { return nil }
        return objects[index]
    }

    /// Takes an object out; tokens that speak of it lead to nothing from now on.
    @inlinable
    public mutating func remove(_ token: SlotToken) {
        let index = token.index
        guard index < objects.count, generations[index] & 0xFF_FFFF == token.generation, objects[index] != nil else {
            return
        }
        objects[index] = nil
        generations[index] &+= 1
        free.append(index)
        taken -= 1
    }

    /// All objects, for work that concerns every one (drain, shutdown); copies the list so that they may be removed meanwhile.
    @inlinable
    public var all: [Object] { objects.compactMap { $0 } }
}
