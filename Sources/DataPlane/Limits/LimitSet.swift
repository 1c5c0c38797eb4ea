/// One request's share of one limit.
public struct LimitCharge: Sendable {
    /// Which table of the set.
    public var table: Int
    /// Whom to charge.
    public var key: LimitKey
    /// How much, 0 or more.
    public var cost: Int
    /// The key's own limit, if it is not the table's.
    public var plan: GCRALimit?

    /// All four.
    public init(table: Int, key: LimitKey, cost: Int = 1, plan: GCRALimit? = nil) {
        self.table = table
        self.key = key
        self.cost = cost
        self.plan = plan
    }
}

/// The tables of a configuration, to charge several limits at once: all of them, or none.
///
/// How exact that is. No limit ever lets one too many through. A request that is refused has cost nothing in the end.
/// In between, when two threads meet at the edge of a limit, a limit may have been charged for a moment with a request
/// that another limit then refused, and a request that came in that moment may be refused although it would just have
/// fitted. That takes a refusal that the first look at all limits did not foresee. What is given back, and how exactly:
/// `LimitTable.giveBack`.
public struct LimitSet: Sendable {
    /// The tables.
    public let tables: [LimitTable]

    /// What became of the charges.
    public enum Outcome: Sendable, Equatable {
        /// All limits were charged.
        case allowed
        /// None was; the first of those that refused.
        case refused(by: Int)
    }

    /// Of these tables.
    public init(_ tables: [LimitTable]) { self.tables = tables }

    /// The same tables for another shard.
    public func handle() -> LimitSet { LimitSet(tables.map { $0.handle() }) }

    /// Charges all limits or none. `decisions` has as many elements as `charges` or more and tells how each key then
    /// stands.
    public func charge(
        _ charges: Span<LimitCharge>, now: UInt64, decisions: inout MutableSpan<LimitDecision>
    ) -> Outcome {
        precondition(decisions.count >= charges.count)
        if charges.count == 1 {
            decisions[0] = charge(charges[0], now)
            return decisions[0].verdict == .allowed ? .allowed : .refused(by: 0)
        }
        // 1. If a limit refuses as it stands, none is charged.
        if let refuser = peek(charges, now, &decisions) { return .refused(by: refuser) }
        // 2. Charge one after the other.
        for index in charges.indices {
            let decision = charge(charges[index], now)
            guard decision.verdict == .refused else {
                decisions[index] = decision
                continue
            }
            // 3. Another thread was faster: give back what was charged, and tell how the keys stand now.
            for earlier in 0..<index { giveBack(charges[earlier], now) }
            for other in charges.indices where other != index {
                let charge = charges[other]
                decisions[other] = tables[charge.table].peek(charge.key, cost: 0, plan: charge.plan, now: now)
            }
            decisions[index] = decision
            return .refused(by: index)
        }
        return .allowed
    }

    private func charge(_ charge: LimitCharge, _ now: UInt64) -> LimitDecision {
        tables[charge.table].charge(charge.key, cost: charge.cost, plan: charge.plan, now: now)
    }

    private func giveBack(_ charge: LimitCharge, _ now: UInt64) {
        tables[charge.table].giveBack(
            charge.key, cost: charge.cost, plan: charge.plan, chargedAt: now, now: now)
    }

    /// The first limit that would refuse; if there is one, those that would allow tell what is there without the
    /// charge.
    private func peek(
        _ charges: Span<LimitCharge>, _ now: UInt64, _ decisions: inout MutableSpan<LimitDecision>
    ) -> Int? {
        var refuser: Int?
        for index in charges.indices {
            let charge = charges[index]
            decisions[index] = tables[charge.table].peek(charge.key, cost: charge.cost, plan: charge.plan, now: now)
            if decisions[index].verdict == .refused { refuser = refuser ?? index }
        }
        guard refuser != nil else { return nil }
        for index in charges.indices where decisions[index].verdict == .allowed {
            let charge = charges[index]
            decisions[index] = tables[charge.table].peek(charge.key, cost: 0, plan: charge.plan, now: now)
        }
        return refuser
    }
}
