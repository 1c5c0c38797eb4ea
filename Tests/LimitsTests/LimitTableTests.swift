import Kernel
import Testing

@testable import Limits

@Suite struct LimitTableTests {
    private func table(count: Int = 10, burst: Int, keys: Int) throws -> LimitTable {
        LimitTable(limit: try GCRALimit(count: count, periodNanoseconds: second, burst: burst), keys: keys)
    }

    @Test func `each key has its own count, and all handles the same`() throws {
        let table = try table(burst: 2, keys: 100)
        let other = table.handle()
        #expect(table.charge(key(1), now: 0).verdict == .allowed)
        #expect(other.charge(key(1), now: 0).remaining == 0)
        #expect(table.charge(key(1), now: 0).verdict == .refused)
        #expect(other.charge(key(2), now: 0).remaining == 1)
        #expect(table.keysInDebt(0) == 2 && table.keysInDebt(second) == 0)
    }

    @Test func `a peek charges nothing`() throws {
        let table = try table(burst: 2, keys: 1)
        for _ in 0..<5 { #expect(table.peek(key(1), now: 9).verdict == .allowed) }
        #expect(table.keysInDebt(9) == 0)
        _ = table.charge(key(1), cost: 2, now: 9)
        let decision = table.peek(key(1), now: 9)
        #expect(decision.verdict == .refused && decision.retryNanoseconds == 100_000_000)
        #expect(table.peek(key(1), cost: 0, now: 9).resetNanoseconds == 200_000_000)
    }

    @Test func `a refused stranger takes no slot`() throws {
        let table = try table(burst: 2, keys: 1)
        for number in 0..<100 { #expect(table.charge(key(number), cost: 3, now: 0).verdict == .refused) }
        #expect(table.keysInDebt(0) == 0 && table.evictions == 0)
    }

    @Test func `a key with a plan of its own is held to that`() throws {
        let table = try table(burst: 2, keys: 1)
        let plan = try GCRALimit(count: 7, periodNanoseconds: second, burst: 5)
        #expect((0..<9).count { _ in table.charge(key(1), plan: plan, now: 0).verdict == .allowed } == 5)
        #expect((0..<9).count { _ in table.charge(key(2), now: 0).verdict == .allowed } == 2)
    }

    @Test func `where all keys are in debt, the one with the least is forgotten and counted`() throws {
        let table = try table(burst: 100, keys: 1)
        for number in 0..<8 { _ = table.charge(key(number), cost: 10 + number, now: 0) }
        #expect(table.evictions == 0 && table.keysInDebt(0) == 8)
        #expect(table.charge(key(8), cost: 50, now: 0).remaining == 50)
        #expect(table.evictions == 1)
        #expect(table.peek(key(0), cost: 0, now: 0).remaining == 100)
        for number in 1..<8 { #expect(table.peek(key(number), cost: 0, now: 0).remaining == 90 - number) }
        // Key 1 owes 11 intervals: once they are over, its slot is free.
        #expect(table.charge(key(9), cost: 50, now: 1_100_000_001).remaining == 50)
        #expect(table.evictions == 1)
    }

    @Test func `with more keys than slots the limit still holds for whoever stays`() throws {
        let table = try table(burst: 1_000, keys: 16)
        #expect(table.charge(key(0), cost: 500, now: 0).verdict == .allowed)
        var passed = 0
        for round in 0..<10_000 {
            _ = table.charge(key(1 + round), now: 0)
            if table.charge(key(0), now: 0).verdict == .allowed { passed += 1 }
        }
        #expect(passed == 500 && table.evictions > 9_000)
        #expect(table.keysInDebt(0) == 64)
    }

    @Test func `a table made for its keys hardly ever forgets one`() throws {
        let table = try table(burst: 10, keys: 10_000)
        for number in 0..<10_000 { _ = table.charge(key(number), now: 0) }
        #expect(table.keysInDebt(0) + Int(table.evictions) == 10_000)
        #expect(table.evictions < 10, "\(table.evictions)")
    }

    @Test func `a million keys take 64 MiB`() throws {
        let table = try table(burst: 10, keys: 1_000_000)
        #expect(table.bytes <= 64 << 20)
        #expect(table.bytes <= 64 * 1_000_000 + 128)
    }

    @Test func `what is given back can be charged again`() throws {
        let table = try table(count: 3, burst: 5, keys: 1)
        _ = table.charge(key(1), cost: 2, now: 0)
        let decision = table.charge(key(1), cost: 3, now: 100)
        #expect(decision.verdict == .allowed && decision.remaining == 0)
        table.giveBack(key(1), cost: 3, chargedAt: 100, now: 200)
        #expect(table.peek(key(1), cost: 0, now: 200).remaining == 3)
        #expect(table.charge(key(1), cost: 3, now: 200).verdict == .allowed)
        #expect(table.charge(key(1), now: 200).verdict == .refused)
    }

    @Test func `nothing is given back once the debt has run off`() throws {
        let table = try table(count: 10, burst: 5, keys: 1)
        #expect(table.charge(key(1), now: 0).verdict == .allowed)
        #expect(table.charge(key(1), cost: 5, now: second).remaining == 0)
        table.giveBack(key(1), chargedAt: 0, now: second)
        #expect(table.charge(key(1), now: second).verdict == .refused)
    }

    @Test func `giving back at once is as if the charge had never been`() throws {
        try givingBack(latest: 0) { table, without, now, seed in
            for cost in 0..<9 {
                #expect(
                    table.peek(key(1), cost: cost, now: now) == without.peek(key(1), cost: cost, now: now),
                    "seed \(seed)")
            }
        }
    }

    @Test func `giving back later is never laxer`() throws {
        try givingBack(latest: 900_000_000) { table, without, now, seed in
            let (left, right) = (table.peek(key(1), cost: 0, now: now), without.peek(key(1), cost: 0, now: now))
            // The two may have passed different requests, so what counts is what the one that gives back has passed too
            // much.
            #expect(left.resetNanoseconds >= right.resetNanoseconds, "seed \(seed)")
        }
    }

    /// Random charges that stay go to both tables; others go to the first and are given back up to `latest` nanoseconds
    /// later.
    private func givingBack(
        latest: Int, _ check: (LimitTable, LimitTable, UInt64, UInt64) -> Void
    ) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = FastRandom(seed: seed)
        for _ in 0..<300 {
            let limit = try GCRALimit(count: 1 + random.below(9), periodNanoseconds: second, burst: 1 + random.below(9))
            let table = LimitTable(limit: limit, keys: 1)
            let without = LimitTable(limit: limit, keys: 1)
            var now: UInt64 = 0
            var owed: [(cost: Int, at: UInt64, due: UInt64)] = []
            for _ in 0..<100 {
                now += UInt64(random.below(200_000_000))
                for charge in owed where charge.due <= now {
                    table.giveBack(key(1), cost: charge.cost, chargedAt: charge.at, now: now)
                }
                owed.removeAll { $0.due <= now }
                let cost = random.below(limit.burst + 1)
                guard table.charge(key(1), cost: cost, now: now).verdict == .allowed else { continue }
                if random.below(2) == 0 {
                    let due = now + UInt64(latest > 0 ? random.below(latest) : 0)
                    if due == now {
                        table.giveBack(key(1), cost: cost, chargedAt: now, now: now)
                    } else {
                        owed.append((cost, now, due))
                    }
                } else {
                    #expect(without.charge(key(1), cost: cost, now: now).verdict == .allowed, "seed \(seed)")
                }
                check(table, without, now, seed)
            }
        }
    }
}
