/// Deadlines of connections, at a resolution of one tick, in O(1) each.
///
/// Nothing is ever cancelled. Whoever owns a deadline remembers the tick it is armed for and moves only the deadline while work
/// goes on; when the entry comes due, the owner compares and arms again or acts. So the steady exchange touches no timer.
public struct TimerWheel: ~Copyable {
    /// A due entry: whose it is, and the tick it was armed for (the owner ignores it when that is not its own).
    public struct Entry: Sendable, Equatable {
        /// The owner's identity.
        public let token: UInt64
        /// The tick that was armed.
        public let tick: UInt64
    }

    private var slots: [[Entry]]
    /// Every tick up to this one has been served.
    private var servedTick: UInt64
    /// No slot before this tick holds an entry.
    private var earliestTick = UInt64.max
    private var count = 0

    /// Length of a tick.
    public static let tickNanoseconds: UInt64 = 16_000_000
    /// Slots of the wheel: 65 s ahead. Deadlines beyond come due at the horizon and are armed again.
    static let slotCount: UInt64 = 4_096

    /// A wheel that begins now.
    public init(nowNanoseconds: UInt64) {
        slots = Array(repeating: [], count: Int(Self.slotCount))
        servedTick = nowNanoseconds / Self.tickNanoseconds
    }

    /// Entries that wait, stale ones included.
    public var pendingCount: Int { count }

    /// The tick at which a deadline has surely passed.
    @inlinable
    public static func tick(of deadlineNanoseconds: UInt64) -> UInt64 {
        deadlineNanoseconds / tickNanoseconds &+ 1
    }

    /// Enters a token for the first tick at or after `tick`, within the horizon; returns the tick that is armed.
    public mutating func arm(_ token: UInt64, tick: UInt64) -> UInt64 {
        let armed = min(max(tick, servedTick &+ 1), servedTick &+ Self.slotCount &- 1)
        slots[Int(armed % Self.slotCount)].append(Entry(token: token, tick: armed))
        count &+= 1
        earliestTick = min(earliestTick, armed)
        return armed
    }

    /// Moves all entries that are due at `nowNanoseconds` into `due`, which keeps its storage.
    public mutating func collect(nowNanoseconds: UInt64, into due: inout [Entry]) {
        due.removeAll(keepingCapacity: true)
        let now = nowNanoseconds / Self.tickNanoseconds
        guard now >= earliestTick else {
            servedTick = max(servedTick, now)
            return
        }
        let last = min(now, servedTick &+ Self.slotCount)
        var tick = max(servedTick &+ 1, earliestTick)
        while tick <= last {
            let slot = Int(tick % Self.slotCount)
            if !slots[slot].isEmpty {
                due.append(contentsOf: slots[slot])
                slots[slot].removeAll(keepingCapacity: true)
            }
            tick &+= 1
        }
        count &-= due.count
        servedTick = max(servedTick, now)
        earliestTick = nextOccupied()
    }

    /// How long a wait for events may last before an entry is due; `nil` when there is none.
    public func millisecondsToNext(nowNanoseconds: UInt64) -> Int? {
        guard earliestTick != .max else { return nil }
        let due = earliestTick &* Self.tickNanoseconds
        return due <= nowNanoseconds ? 0 : Int((due &- nowNanoseconds) / 1_000_000) &+ 1
    }

    private func nextOccupied() -> UInt64 {
        guard count > 0 else { return .max }
        var tick = servedTick &+ 1
        while tick < servedTick &+ Self.slotCount {
            if !slots[Int(tick % Self.slotCount)].isEmpty { return tick }
            tick &+= 1
        }
        return .max
    }
}
