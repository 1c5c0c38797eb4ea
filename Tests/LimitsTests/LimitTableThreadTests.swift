import Kernel
import Testing

@testable import Limits

@Suite(.serialized) struct LimitTableThreadTests {
    private static let threads = 8

    @Test(arguments: [64, 256, 4_096])
    func `threads on the same keys let through exactly what is permitted`(keys: Int) throws {
        let burst = 300
        let table = LimitTable(limit: try GCRALimit(count: 7, periodNanoseconds: second, burst: burst), keys: keys)
        let passed = Tally(64)
        try onThreads(Self.threads) { thread in
            let table = table.handle()
            var random = FastRandom(seed: UInt64(thread))
            for _ in 0..<20_000 {
                let number = random.below(64)
                if table.charge(key(number), now: second).verdict == .allowed { passed.add(number) }
            }
        }
        #expect((0..<64).allSatisfy { passed[$0] == burst }, "\((0..<64).map { passed[$0] })")
        #expect(table.evictions == 0)
    }

    @Test func `in real time no more passes than the burst and the rate, and no less`() throws {
        let burst = 50
        let limit = try GCRALimit(count: 10_000, periodNanoseconds: second, burst: burst)
        let table = LimitTable(limit: limit, keys: 64)
        let passed = Tally(8)
        let start = SystemClock.monotonicNanoseconds()
        try onThreads(Self.threads) { _ in
            let table = table.handle()
            while true {
                let now = SystemClock.monotonicNanoseconds()
                guard now - start < 300_000_000 else { return }
                for number in 0..<8 where table.charge(key(number), now: now).verdict == .allowed { passed.add(number) }
            }
        }
        for number in 0..<8 {
            #expect(passed[number] <= burst + 3_000, "\(passed[number])")
            // A key is asked all the time, but for moments when no thread ran.
            #expect(passed[number] > 500, "\(passed[number])")
        }
    }

    @Test func `a key that all threads see for the first time has one count`() throws {
        let limit = try GCRALimit(count: 1, periodNanoseconds: second, burst: 1)
        // One bucket for all, so that claims meet.
        let table = LimitTable(limit: limit, keys: 1)
        let rounds = 1_500
        let keysAtOnce = 4
        let passed = Tally(rounds * keysAtOnce)
        let barrier = Barrier(Self.threads)
        try onThreads(Self.threads) { thread in
            let table = table.handle()
            for round in 0..<rounds {
                barrier.wait()
                // By the next round the debts of this one are over, and their slots are free.
                let now = UInt64(round) * 10 * second
                for offset in 0..<keysAtOnce {
                    let number = round * keysAtOnce + (offset + thread) % keysAtOnce
                    if table.charge(key(number), now: now).verdict == .allowed { passed.add(number) }
                }
                barrier.wait()
            }
        }
        let wrong = (0..<rounds * keysAtOnce).filter { passed[$0] != 1 }
        #expect(wrong.isEmpty, "\(wrong.map { ($0, passed[$0]) })")
        #expect(table.evictions == 0)
    }

    @Test func `keys that come and go do not change the count of one that stays`() throws {
        let burst = 20_000
        let limit = try GCRALimit(count: 1, periodNanoseconds: second, burst: burst)
        let table = LimitTable(limit: limit, keys: 1)
        // So much in debt that others are always forgotten first.
        #expect(table.charge(key(0), cost: 10_000, now: 0).verdict == .allowed)
        let passed = Tally(2)
        try onThreads(Self.threads) { thread in
            let table = table.handle()
            var random = FastRandom(seed: UInt64(thread))
            for _ in 0..<8_000 {
                if thread < 4 {
                    if table.charge(key(0), now: 0).verdict == .allowed { passed.add(0) }
                } else {
                    // A newcomer at first sight has its whole burst: nobody else's charge may have landed on it.
                    let number = 1 + thread << 32 + random.below(1 << 30)
                    let decision = table.charge(key(number), now: 0)
                    if decision.verdict != .allowed || decision.remaining != burst - 1 { passed.add(1) }
                }
            }
        }
        #expect(passed[0] == 10_000 && passed[1] == 0)
        #expect(table.peek(key(0), cost: 0, now: 0).remaining == 0)
        #expect(table.evictions > 0)
    }

    @Test func `what threads give back is neither lost nor doubled`() throws {
        let burst = 1_000
        let table = LimitTable(limit: try GCRALimit(count: 1, periodNanoseconds: second, burst: burst), keys: 4)
        let kept = Tally(4)
        try onThreads(Self.threads) { thread in
            let table = table.handle()
            var random = FastRandom(seed: UInt64(thread))
            for _ in 0..<5_000 {
                let number = random.below(4)
                let decision = table.charge(key(number), now: 0)
                guard decision.verdict == .allowed else { continue }
                if random.below(10) < 9 {
                    table.giveBack(key(number), chargedAt: 0, now: 0)
                } else {
                    kept.add(number)
                }
            }
        }
        for number in 0..<4 {
            #expect(table.peek(key(number), cost: 0, now: 0).remaining == burst - kept[number])
        }
    }
}
