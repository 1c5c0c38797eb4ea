/// The keys of one limit definition, counted for all shards together: each shard has a handle of its own on the same
/// slots.
///
/// Exact across threads: for a key that stays in the table, what all threads let through is what one thread would have
/// let through that made the same charges one after the other (see `KeyedSlots` for why), so never one more than the
/// limit permits between any two moments. The moments are those that are given: where the times of two shards' ticks
/// are apart, the limit is exact for a span of time that is longer by this difference. No lock, no allocation; a
/// decision touches one cache line, or two where many keys meet.
///
/// Memory is 64 bytes for each key the table is made for. A key whose debt has ended takes no room. Where eight keys in
/// debt meet in one bucket and a ninth comes, the one with the oldest theoretical arrival time, so the least debt, is
/// forgotten: it may have its burst once more, which `evictions` counts. Whoever is far over the limit is the last to
/// be forgotten.
///
/// A table belongs to one definition and outlives reloads that leave it as it was; one that changes it gets a new table, or
/// debts under the old limit would be held against the new.
public struct LimitTable: Sendable {
    /// The most keys a table can be made for.
    public static let keysMax = KeyedSlots.keysMax

    /// The limit of keys without a plan of their own.
    public let limit: GCRALimit
    private let slots: KeyedSlots

    /// Free slots for this many keys in debt at once, 1...`keysMax`.
    public init(limit: GCRALimit, keys: Int) {
        self.limit = limit
        slots = KeyedSlots(keys: keys)
    }

    private init(limit: GCRALimit, slots: KeyedSlots) {
        self.limit = limit
        self.slots = slots
    }

    /// The same table for another shard, which then shares no reference count with this one.
    public func handle() -> LimitTable { LimitTable(limit: limit, slots: slots.handle()) }

    /// Memory of the table when all of it is used; what no key has touched is not taken from the system.
    public var bytes: Int { slots.bytes }
    /// Keys in debt that were forgotten because their buckets were full.
    public var evictions: UInt64 { slots.evictions }
    /// Keys in debt at this time. Looks at every slot, so not for the path of a request.
    public func keysInDebt(_ now: UInt64) -> Int { slots.count(Rule(now: now)) }

    /// Charges a request of this cost (0 or more) to its key, if the limit permits. `plan`: the limit of this key,
    /// always the same for a key, if it is not the table's.
    public func charge(_ key: LimitKey, cost: Int = 1, plan: GCRALimit? = nil, now: UInt64) -> LimitDecision {
        let limit = plan ?? limit
        var decision = LimitDecision(verdict: .allowed, remaining: 0, resetNanoseconds: 0, retryNanoseconds: 0)
        let outcome = slots.update(key, Rule(now: now)) { value in
            let step = limit.step(from: value.map(Self.arrival), cost: cost, now: now)
            decision = step.decision
            guard step.decision.verdict == .allowed, cost > 0 else { return .leave }
            return .replace(SlotValue(word: step.arrival.nanoseconds, small: step.arrival.parts))
        }
        precondition(outcome == .done, "any value may be evicted, so there is room")
        return decision
    }

    /// What `charge` would say, without the charge; with cost 0, how the key stands.
    public func peek(_ key: LimitKey, cost: Int = 1, plan: GCRALimit? = nil, now: UInt64) -> LimitDecision {
        let limit = plan ?? limit
        return limit.step(from: slots.value(key).map(Self.arrival), cost: cost, now: now).decision
    }

    /// Takes back what is still owed of a charge that was allowed at `chargedAt`, because the request was refused
    /// otherwise: all of it at once, and by the time since less later, for what has run off may already have made room
    /// for others.
    ///
    /// Given back at the time of the charge it is as if that had never been made; given back later it may be stricter,
    /// never laxer: Let R be the sum of what could still be given back. R falls at least as fast as time passes while
    /// it is not 0, a charge adds as much to R as to the arrival time, and giving back takes as much from both. So at
    /// any time t the arrival time is no less than t + R, and no less than what it would be without those charges + R.
    /// If another thread's clock is ahead of `now`, the sum may be too lax by the difference, and for a key that was
    /// forgotten since by the charge.
    public func giveBack(_ key: LimitKey, cost: Int = 1, plan: GCRALimit? = nil, chargedAt: UInt64, now: UInt64) {
        let limit = plan ?? limit
        let elapsed = UInt64(max(0, Int64(bitPattern: now &- chargedAt)))
        _ = slots.update(key, Rule(now: now)) { value in
            guard let arrival = value.map(Self.arrival) else { return .leave }
            let reduced = limit.withoutCharge(arrival, cost: cost, afterNanoseconds: elapsed)
            guard reduced != arrival else { return .leave }
            return .replace(SlotValue(word: reduced.nanoseconds, small: reduced.parts))
        }
    }

    private static func arrival(_ value: SlotValue) -> TheoreticalArrival {
        TheoreticalArrival(nanoseconds: value.word, parts: value.small)
    }

    /// A key whose debt has ended makes room; of the others, the one whose debt ends first.
    private struct Rule: SlotRule {
        let now: UInt64

        @inline(__always)
        func room(_ value: SlotValue) -> SlotRoom {
            let arrival = TheoreticalArrival(nanoseconds: value.word, parts: value.small)
            return arrival.isPast(now) ? .free : .evictable(arrival.nanoseconds &- now)
        }
    }
}
