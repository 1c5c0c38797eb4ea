public import Declarations

/// Exchanges that wait for a connection of an upstream on one shard, first come first served, each until its deadline. Pure:
/// exchanges are numbers.
///
/// All of it is O(1) but `expire`, which looks at every one that waits, and only when the earliest deadline has passed. Storage
/// grows to the most that ever waited at a time, at most `pendingMax`, and is then reused.
public struct PendingQueue: Sendable {
    /// Where an exchange waits; kept by the exchange for `remove`. It leads nowhere once the exchange has left.
    public struct Place: Sendable, Equatable {
        fileprivate let slot: UInt32
        fileprivate let visit: UInt32
    }

    /// What became of an exchange that wants to wait.
    public enum Admission: Sendable, Equatable {
        case waits(Place)
        /// As many wait as there may be.
        case full
    }

    private struct Slot {
        var token: UInt64 = 0
        var deadline: UInt64 = 0
        var next: UInt32
        var previous: UInt32
        /// Counts those that were here, so that an old place is recognised.
        var visit: UInt32 = 0
        var isTaken = false
    }

    /// No slot.
    private static let none = UInt32.max

    private let pendingMax: Int
    private var slots: [Slot] = []
    private var first = none
    private var last = none
    /// Free slots, linked by `next`.
    private var free = none
    /// No deadline of those that wait lies before this time.
    private var earliestDeadline = UInt64.max
    /// Exchanges that wait.
    public private(set) var count = 0

    /// Where nobody waits.
    public init(_ declaration: QueueDeclaration) {
        pendingMax = min(max(0, declaration.pendingMax), Int(Self.none) - 1)
    }

    /// When `expire` has something to do, in monotonic nanoseconds; it may turn out to be later. `nil` when nobody waits.
    public var nextDeadline: UInt64? { count == 0 ? nil : earliestDeadline }

    /// Puts an exchange at the end. It waits no longer than to `deadline`, in monotonic nanoseconds.
    public mutating func enqueue(_ token: UInt64, deadline: UInt64) -> Admission {
        guard count < pendingMax else { return .full }
        let slot = takeSlot()
        let index = Int(slot)
        slots[index].token = token
        slots[index].deadline = deadline
        slots[index].next = Self.none
        slots[index].previous = last
        slots[index].isTaken = true
        if last == Self.none { first = slot } else { slots[Int(last)].next = slot }
        last = slot
        count += 1
        earliestDeadline = min(earliestDeadline, deadline)
        return .waits(Place(slot: slot, visit: slots[index].visit))
    }

    /// Takes out the one that has waited longest and whose deadline has not passed, or `nil`. Those before it whose deadline has
    /// passed stay for `expire`, which tells whom to answer.
    public mutating func next(_ now: UInt64) -> UInt64? {
        var slot = first
        while slot != Self.none {
            if slots[Int(slot)].deadline > now { return take(slot) }
            slot = slots[Int(slot)].next
        }
        return nil
    }

    /// Takes out all whose deadline has passed and appends them to `expired`, in the order in which they came.
    public mutating func expire(_ now: UInt64, into expired: inout [UInt64]) {
        guard now >= earliestDeadline else { return }
        var earliest = UInt64.max
        var slot = first
        while slot != Self.none {
            let following = slots[Int(slot)].next
            let deadline = slots[Int(slot)].deadline
            if deadline <= now { expired.append(take(slot)) } else { earliest = min(earliest, deadline) }
            slot = following
        }
        earliestDeadline = earliest
    }

    /// Whether an exchange waited where it thought.
    public enum Removal: Sendable, Equatable {
        case removed
        /// It had left before: it was next, or expired.
        case absent
    }

    /// Takes out an exchange that no longer wants to wait.
    public mutating func remove(_ place: Place) -> Removal {
        let index = Int(place.slot)
        guard index < slots.count, slots[index].isTaken, slots[index].visit == place.visit else { return .absent }
        _ = take(place.slot)
        return .removed
    }

    private mutating func takeSlot() -> UInt32 {
        guard free != Self.none else {
            slots.append(Slot(next: Self.none, previous: Self.none))
            return UInt32(slots.count - 1)
        }
        let slot = free
        free = slots[Int(slot)].next
        return slot
    }

    /// Unlinks a slot and frees it.
    private mutating func take(_ slot: UInt32) -> UInt64 {
        let index = Int(slot)
        let next = slots[index].next
        let previous = slots[index].previous
        if previous == Self.none { first = next } else { slots[Int(previous)].next = next }
        if next == Self.none { last = previous } else { slots[Int(next)].previous = previous }
        slots[index].isTaken = false
        slots[index].visit &+= 1
        slots[index].next = free
        free = slot
        count -= 1
        if count == 0 { earliestDeadline = .max }
        return slots[index].token
    }
}
