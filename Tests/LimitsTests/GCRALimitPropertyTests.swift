import Kernel
import Testing

@testable import Limits

@Suite struct GCRALimitPropertyTests {
    private struct Passed {
        let at: UInt64
        let cost: Int
    }

    private static func limit(_ random: inout FastRandom) -> GCRALimit {
        while true {
            let count = 1 + random.below([3, 100, 10_000, 1_000_000][random.below(4)])
            let burst = 1 + random.below([1, 10, 1_000, 1_000_000][random.below(4)])
            let unit = [1_000_000, second, 60 * second, 3_600 * second, 86_400 * second][random.below(5)]
            let period = unit * UInt64(1 + random.below(3)) + UInt64(random.below(4) == 0 ? random.below(1_000) : 0)
            if let limit = try? GCRALimit(count: count, periodNanoseconds: period, burst: burst) { return limit }
        }
    }

    @Test func `every decision and figure is that of the reference`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = FastRandom(seed: seed)
        for _ in 0..<1_500 {
            let limit = Self.limit(&random)
            // Some begin shortly before the clock wraps around.
            var now = random.below(3) == 0 ? UInt64.max - UInt64(random.below(1 << 40)) : random.next() >> 2
            var reference = GCRAReference(limit, at: now)
            var arrival: TheoreticalArrival?
            let interval = max(1, limit.periodNanoseconds / UInt64(limit.count))
            for _ in 0..<100 {
                let pace = [0, 1, 3, limit.burst][random.below(4)]
                now &+= UInt64(random.below(Int(min(interval * UInt64(pace) + 2, 1 << 60))))
                let cost = random.below([2, 3, limit.burst + 2][random.below(3)])
                let step = limit.step(from: arrival, cost: cost, now: now)
                let expected = reference.charge(cost, now: now)
                #expect(step.decision == expected, "seed \(seed): \(limit), cost \(cost), now \(now)")
                if step.decision.verdict == .allowed { arrival = step.arrival }
                if arrival?.isPast(now) == true { arrival = nil }
            }
        }
    }

    @Test func `between any two moments no more passes than the burst and the rate`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = FastRandom(seed: seed)
        for _ in 0..<60 {
            let limit = try GCRALimit(
                count: 1 + random.below(50), periodNanoseconds: second + UInt64(random.below(100)),
                burst: 1 + random.below(20))
            let table = LimitTable(limit: limit, keys: 1)
            var now: UInt64 = 0
            var passed: [Passed] = []
            for _ in 0..<300 {
                now += UInt64(random.below(50_000_000))
                let cost = 1 + random.below(3)
                if table.charge(key(1), cost: cost, now: now).verdict == .allowed {
                    passed.append(Passed(at: now, cost: cost))
                }
            }
            for first in passed.indices {
                var units = 0
                for last in first..<passed.count {
                    units += passed[last].cost
                    let room =
                        limit.burst * Int(limit.periodNanoseconds) + Int(passed[last].at - passed[first].at)
                        * limit.count
                    #expect(units * Int(limit.periodNanoseconds) <= room, "seed \(seed)")
                }
            }
        }
    }
}
