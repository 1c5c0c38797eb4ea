import Kernel
import Limits
import Testing

@Suite struct LimitSetTests {
    private static let none = LimitDecision(verdict: .allowed, remaining: -1, resetNanoseconds: 0, retryNanoseconds: 0)

    private func charge(_ set: LimitSet, _ charges: [LimitCharge], now: UInt64 = 0) -> (
        LimitSet.Outcome, [LimitDecision]
    ) {
        var decisions = Array(repeating: Self.none, count: charges.count)
        var span = decisions.mutableSpan
        let outcome = set.charge(charges.span, now: now, decisions: &span)
        return (outcome, decisions)
    }

    private func set(_ bursts: Int...) throws -> LimitSet {
        LimitSet(
            try bursts.map { LimitTable(limit: try GCRALimit(count: 1, periodNanoseconds: second, burst: $0), keys: 8) }
        )
    }

    @Test func `a request that the second limit refuses is not charged to the first`() throws {
        let set = try set(10, 2)
        let both = [LimitCharge(table: 0, key: key(1)), LimitCharge(table: 1, key: key(2))]
        #expect(charge(set, both).0 == .allowed)
        #expect(charge(set, both).1.map(\.remaining) == [8, 0])
        for _ in 0..<5 {
            let (outcome, decisions) = charge(set, both)
            #expect(outcome == .refused(by: 1))
            #expect(decisions.map(\.verdict) == [.allowed, .refused])
            #expect(decisions.map(\.remaining) == [8, 0])
            #expect(decisions[1].retryNanoseconds == second)
        }
    }

    @Test func `one limit is charged like its table, and none always allows`() throws {
        let set = try set(1)
        #expect(charge(set, []).0 == .allowed)
        #expect(charge(set, [LimitCharge(table: 0, key: key(1))]).0 == .allowed)
        #expect(charge(set, [LimitCharge(table: 0, key: key(1))]).0 == .refused(by: 0))
    }

    @Test func `a key that is charged twice at once must have room for both`() throws {
        let set = try set(3)
        let twice = [LimitCharge(table: 0, key: key(1), cost: 2), LimitCharge(table: 0, key: key(1), cost: 2)]
        let (outcome, decisions) = charge(set, twice)
        #expect(outcome == .refused(by: 1))
        #expect(decisions[0].remaining == 3)
        #expect(set.tables[0].peek(key(1), cost: 0, now: 0).remaining == 3)
    }

    @Test func `threads never charge a limit for what another refused`() throws {
        let set = try set(5_000, 700)
        let passed = Tally(1)
        try onThreads(8) { _ in
            let set = set.handle()
            let charges = [LimitCharge(table: 0, key: key(1)), LimitCharge(table: 1, key: key(2))]
            var decisions = Array(repeating: Self.none, count: 2)
            for _ in 0..<2_000 {
                var span = decisions.mutableSpan
                if set.charge(charges.span, now: 0, decisions: &span) == .allowed { passed.add(0) }
            }
        }
        #expect(passed[0] == 700)
        #expect(set.tables[0].peek(key(1), cost: 0, now: 0).remaining == 4_300)
    }
}
