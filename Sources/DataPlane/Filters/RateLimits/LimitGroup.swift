public import Declarations
public import Kernel
internal import Limits

/// The limits that stand side by side in a chain, compiled for one shard: a request is charged to all of them, or refused and charged to
/// none.
public final class LimitGroup {
    private struct Member {
        let name: String
        let key: LimitKeyBuilder
        let isShadow: Bool
        let costs: [(method: [UInt8], cost: Int)]
        let plans: LimitPlans
        let tallies: LimitTallies
        /// Where the member's labels begin, one for each plan.
        let firstLabel: Int
        let table: LimitTable
    }

    private var members: [Member] = []
    private var set = LimitSet([])
    private var writer = LimitFieldWriter([])
    private var charges: [LimitCharge] = []
    private var labels: [Int] = []
    private var decisions: [LimitDecision] = []
    private var reports: [LimitReport] = []

    /// What became of a request.
    public enum Outcome: Sendable, Equatable {
        case allowed, refused
    }

    /// - Parameters:
    ///   - claims: the claims that the route's token filter keeps, in order.
    ///   - route: the route's id.
    public init(_ declarations: [RateLimitDeclaration], register: LimitRegister, claims: [String], route: String) {
        var named: [(name: String, limit: GCRALimit)] = []
        var tables: [LimitTable] = []
        for declaration in declarations {
            guard let table = register.table(declaration.name), let tallies = register.tallies(declaration.name) else {
                continue
            }
            let overrides = declaration.plans.compactMap { plan in
                GCRALimit(plan.rate, burst: plan.burst).map { (value: plan.value, limit: $0) }
            }
            let plans = LimitPlans(standard: table.limit, overrides: overrides, seed: register.seed)
            members.append(
                Member(
                    name: declaration.name,
                    key: LimitKeyBuilder(declaration.key, seed: register.seed, claims: claims, route: route),
                    isShadow: declaration.isShadow,
                    costs: declaration.costs.map { (method: Array($0.method.utf8), cost: $0.cost) }, plans: plans,
                    tallies: tallies, firstLabel: named.count, table: table))
            for limit in plans.limits { named.append((name: declaration.name, limit: limit)) }
            tables.append(table)
        }
        set = LimitSet(tables)
        writer = LimitFieldWriter(named, fields: [.rateLimit, .xRateLimit, .retryAfter], resetForm: .secondsLeft)
        decisions = Array(
            repeating: LimitDecision(verdict: .allowed, remaining: 0, resetNanoseconds: 0, retryNanoseconds: 0),
            count: members.count)
        charges.reserveCapacity(members.count)
        labels.reserveCapacity(members.count)
        reports.reserveCapacity(members.count)
    }

    /// Octets at most that `appendLines` writes.
    public var linesBytesMax: Int { writer.bytesMax(reports: members.count) }

    /// Charges a request to all limits, or to none.
    /// - Parameters:
    ///   - isCharged: false for a request that was charged before it had to wait.
    ///   - value: what the request has for a component.
    public func charge(
        method: Span<UInt8>, head: Span<UInt8>, isCharged: Bool, now: UInt64, value: (LimitComponent) -> LimitValue
    ) -> Outcome {
        charges.removeAll(keepingCapacity: true)
        labels.removeAll(keepingCapacity: true)
        reports.removeAll(keepingCapacity: true)
        var refusedBy = -1
        for index in members.indices {
            let (key, plan) = key(index, head, value)
            let cost = isCharged ? cost(index, method) : 0
            let charge = LimitCharge(
                table: index, key: key, cost: cost, plan: plan == 0 ? nil : members[index].plans.limits[plan])
            labels.append(members[index].firstLabel + plan)
            if members[index].isShadow {
                note(index, members[index].table.charge(key, cost: cost, plan: charge.plan, now: now), isCharged)
            } else {
                charges.append(charge)
            }
        }
        guard !charges.isEmpty else { return .allowed }
        if case .refused(let by) = settle(now) { refusedBy = by }
        for index in charges.indices {
            let member = charges[index].table
            reports.append(
                LimitReport(label: labels[member], decision: decisions[index], cost: charges[index].cost))
            guard isCharged else { continue }
            if index == refusedBy {
                members[member].tallies.count(.refused)
            } else if refusedBy < 0 {
                members[member].tallies.count(.allowed)
            }
        }
        return refusedBy < 0 ? .allowed : .refused
    }

    private func settle(_ now: UInt64) -> LimitSet.Outcome {
        // Out of the object and back: a span must not outlive an access to a property.
        var standing: [LimitDecision] = []
        swap(&standing, &decisions)
        let charges = charges
        var span = standing.mutableSpan
        let outcome = set.charge(charges.span, now: now, decisions: &span)
        swap(&standing, &decisions)
        return outcome
    }

    private func note(_ member: Int, _ decision: LimitDecision, _ isCharged: Bool) {
        guard isCharged else { return }
        members[member].tallies.count(decision.verdict == .allowed ? .allowed : .shadowRefused)
    }

    private func cost(_ member: Int, _ method: Span<UInt8>) -> Int {
        for (name, cost) in members[member].costs where ByteSearch.equal(name.span, method) { return cost }
        return 1
    }

    private func key(_ member: Int, _ head: Span<UInt8>, _ value: (LimitComponent) -> LimitValue) -> (
        LimitKey, plan: Int
    ) {
        var plan = 0
        let plans = members[member].plans
        let key = members[member].key.key(head: head, value: value) { plan = plans.plan(of: $0) }
        return (key, plan)
    }

    /// Appends the fields that tell how the request decided on last stands.
    public func appendLines(wallMilliseconds: Int64, to out: inout ByteBuffer) {
        let reports = reports
        writer.append(reports.span, wallMilliseconds: wallMilliseconds, to: &out)
    }
}
