import Kernel
import Limits
import Testing

@Suite struct AdaptiveLimitTests {
    private static let millisecond: UInt64 = 1_000_000

    /// An upstream that works on `capacity` exchanges at once, each for `service`, and lets the others wait: with n in
    /// progress, an exchange takes n / capacity times as long. Keeps the limit full for some windows.
    private func load(
        _ limit: inout AdaptiveLimit, now: inout UInt64, windows: Int, capacity: Int, service: UInt64,
        demand: Int = .max
    ) {
        for _ in 0..<windows {
            var begun = 0
            while begun < demand, limit.begin() == .admitted { begun += 1 }
            let latency = service * UInt64(max(capacity, begun)) / UInt64(capacity)
            now += max(latency, 100 * Self.millisecond)
            for _ in 0..<begun { limit.ended(.responded(latencyNanoseconds: latency), now: now) }
        }
    }

    @Test func `it grows while latency stays, up to the maximum`() {
        var policy = AdaptiveLimitPolicy()
        policy.maximum = 100
        var limit = AdaptiveLimit(policy)
        var now: UInt64 = 0
        load(&limit, now: &now, windows: 300, capacity: 1_000, service: 10 * Self.millisecond)
        #expect(limit.limit == 100)
    }

    @Test func `it settles where an upstream begins to queue`() {
        var limit = AdaptiveLimit(AdaptiveLimitPolicy())
        var now: UInt64 = 0
        load(&limit, now: &now, windows: 200, capacity: 50, service: 10 * Self.millisecond)
        #expect(limit.limit >= 50 && limit.limit <= 250, "\(limit.limit)")
    }

    @Test func `it falls when latency rises, not below the minimum, and rises again`() {
        var policy = AdaptiveLimitPolicy()
        policy.minimum = 5
        policy.initial = 200
        var limit = AdaptiveLimit(policy)
        var now: UInt64 = 0
        load(&limit, now: &now, windows: 40, capacity: 1_000, service: 10 * Self.millisecond)
        let before = limit.limit
        load(&limit, now: &now, windows: 10, capacity: 1_000, service: 200 * Self.millisecond)
        #expect(limit.limit < before / 2, "\(before) to \(limit.limit)")
        let low = limit.limit
        load(&limit, now: &now, windows: 200, capacity: 1_000, service: 10 * Self.millisecond)
        #expect(limit.limit > 2 * low, "\(low) to \(limit.limit)")
    }

    @Test func `drops let it fall to the minimum and not further`() {
        var policy = AdaptiveLimitPolicy()
        policy.windowSamples = 1
        var limit = AdaptiveLimit(policy)
        var now: UInt64 = 0
        for _ in 0..<100 {
            #expect(limit.begin() == .admitted)
            now += 100 * Self.millisecond
            limit.ended(.dropped, now: now)
        }
        #expect(limit.limit == policy.minimum)
        for _ in 0..<policy.minimum { #expect(limit.begin() == .admitted) }
        #expect(limit.begin() == .refused)
    }

    @Test func `a limit that is hardly used does not grow`() {
        var limit = AdaptiveLimit(AdaptiveLimitPolicy())
        var now: UInt64 = 0
        load(&limit, now: &now, windows: 300, capacity: 100, service: 10 * Self.millisecond, demand: 5)
        #expect(limit.limit == 20)
    }

    @Test func `clients that go away say nothing`() {
        var limit = AdaptiveLimit(AdaptiveLimitPolicy())
        for _ in 0..<1_000 {
            #expect(limit.begin() == .admitted)
            limit.ended(.ignored, now: 1)
        }
        #expect(limit.limit == 20 && limit.inProgress == 0)
    }

    @Test func `it stays within its bounds whatever happens`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = FastRandom(seed: seed)
        for _ in 0..<50 {
            var policy = AdaptiveLimitPolicy()
            policy.minimum = random.below(20) - 2
            policy.maximum = random.below(200) - 2
            policy.initial = random.below(300) - 2
            policy.queue = random.below(20) - 2
            policy.windowSamples = random.below(5)
            policy.windowNanoseconds = random.below(9) == 0 ? .max : UInt64(random.below(1_000))
            var limit = AdaptiveLimit(policy)
            let minimum = max(1, policy.minimum)
            var now = random.next()
            for _ in 0..<2_000 {
                now &+= UInt64(random.below(1_000))
                if random.below(2) == 0 {
                    _ = limit.begin()
                } else if limit.inProgress > 0 {
                    let latency = [0, 1, UInt64(random.below(1_000_000)), .max][random.below(4)]
                    let outcome: [AdaptiveLimit.Outcome] = [
                        .responded(latencyNanoseconds: latency), .dropped, .ignored,
                    ]
                    limit.ended(outcome[random.below(3)], now: now)
                }
                #expect(limit.limit >= minimum && limit.limit <= max(minimum, policy.maximum), "seed \(seed)")
            }
        }
    }
}
