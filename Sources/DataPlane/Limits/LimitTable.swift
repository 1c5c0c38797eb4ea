/// The keys of one limit definition, counted for all shards together: each shard has a handle of its own on the same slots.
///
/// Exact across threads: for a key that stays in the table, what all threads let through is what one thread would have let through that
/// made the same charges one after the other (see `KeyedSlots` for why), so never one more than the limit permits between any two moments.
/// The moments are those that are given: where the times of two shards' ticks are apart, the limit is exact for a span of time
/// that is longer by this difference. No lock, no allocation; a decision touches one cache line, or two where many keys meet.
///
/// Memory is 64 bytes for each key the table is made for. A key whose debt has ended takes no room. Where eight keys in debt meet
/// in one bucket and a ninth comes, the one with the oldest theoretical arrival time, so the least debt, is forgotten: it may
/// have its burst once more, which `evictions` counts. Whoever is far over the limit is the last to be forgotten.
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

    /// Charges a request of this cost (0 or more) to its key, if the limit permits. `plan`: the limit of this key, always the same for a
    /// key, if it is not the table's.
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

    /// Takes back a charge that was allowed at `chargedAt` with this decision, because the request was refused otherwise.
    ///
    /// Exact while the charge is still owed, that is until the theoretical arrival time it led to, and if no thread's clock is ahead of
    /// `now`. Later, nothing is taken back: the debt may have ended and begun anew, and then a credit would let one too many through. So it
    /// errs by at most this charge, to the stricter side. If another thread's clock was ahead and it found the debt ended, the credit is
    /// too great by at most the difference of the clocks.
    public func giveBack(
        _ key: LimitKey, cost: Int = 1, plan: GCRALimit? = nil, decision: LimitDecision, chargedAt: UInt64, now: UInt64
    ) {
        precondition(decision.verdict == .allowed)
        let limit = plan ?? limit
        let owedUntil = chargedAt &+ decision.resetNanoseconds
        guard cost > 0, Int64(bitPattern: owedUntil &- now) > 0 else { return }
        _ = slots.update(key, Rule(now: now)) { value in
            // Forgotten, or forgotten and begun anew with less than was owed: nothing to take back from.
            guard let value, Int64(bitPattern: value.word &+ 1 &- owedUntil) >= 0 else { return .leave }
            let arrival = limit.withoutCharge(Self.arrival(value), cost: cost)
            return .replace(SlotValue(word: arrival.nanoseconds, small: arrival.parts))
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
