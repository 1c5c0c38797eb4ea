import Kernel
import Testing

@testable import Limits

@Suite struct GCRALimitTests {
    private static let day: UInt64 = 86_400 * second

    @Test func `legal settings reach from one a day to a million a second`() throws {
        _ = try GCRALimit(count: 1, periodNanoseconds: Self.day)
        _ = try GCRALimit(count: 1, periodNanoseconds: Self.day, burst: 36_525)
        _ = try GCRALimit(count: 1_000_000, periodNanoseconds: second)
        _ = try GCRALimit(count: 999_983, periodNanoseconds: second, burst: 1_000_000)
        _ = try GCRALimit(count: 1_000, periodNanoseconds: 1_000_000, burst: 1)
        _ = try GCRALimit(count: 1, periodNanoseconds: 366 * Self.day, burst: 99)
    }

    @Test(arguments: [
        (0, second, 1, GCRALimit.Problem.count), (-1, second, 1, .count), (1_000_001, second, 1, .count),
        (1, second, 0, .burst), (1, second, 1_000_001, .burst),
        (1, 999_999, 1, .period), (1, 366 * 86_400 * second + 1, 1, .period), (1, UInt64.max, 1, .period),
        (1_000_000, second - 1, 1, .tooFast), (1_001, 1_000_000, 1, .tooFast),
        (1, 86_400 * second, 1_000_000, .refillTooLong), (1, 366 * 86_400 * second, 1_000_000, .refillTooLong),
    ])
    func `illegal settings are told apart`(count: Int, period: UInt64, burst: Int, problem: GCRALimit.Problem) {
        #expect(throws: problem) { try GCRALimit(count: count, periodNanoseconds: period, burst: burst) }
    }

    @Test func `the burst passes, then one per interval`() throws {
        let limit = try GCRALimit(count: 10, periodNanoseconds: second, burst: 3)
        var arrival: TheoreticalArrival?
        var remaining: [Int] = []
        for _ in 0..<3 {
            let step = limit.step(from: arrival, now: 5 * second)
            #expect(step.decision.verdict == .allowed)
            remaining.append(step.decision.remaining)
            arrival = step.arrival
        }
        #expect(remaining == [2, 1, 0])
        let refused = limit.step(from: arrival, now: 5 * second + 1)
        #expect(
            refused.decision
                == LimitDecision(
                    verdict: .refused, remaining: 0, resetNanoseconds: 299_999_999, retryNanoseconds: 99_999_999))
        #expect(refused.arrival == arrival)
        #expect(limit.step(from: arrival, now: 5 * second + 99_999_999).decision.verdict == .refused)
        #expect(limit.step(from: arrival, now: 5 * second + 100_000_000).decision.verdict == .allowed)
    }

    @Test func `thirds of a second add up to a second`() throws {
        let limit = try GCRALimit(count: 3, periodNanoseconds: second, burst: 1)
        var arrival: TheoreticalArrival?
        var now: UInt64 = 0
        for _ in 0..<3_000 {
            let step = limit.step(from: arrival, now: now)
            #expect(step.decision.verdict == .allowed)
            arrival = step.arrival
            now = step.arrival.nanoseconds + (step.arrival.parts > 0 ? 1 : 0)
            #expect(limit.step(from: arrival, now: now - 1).decision.verdict == .refused)
        }
        // Each wait is rounded up to a whole nanosecond, and only that.
        #expect(now >= 1_000 * second && now <= 1_000 * second + 3_000)
        // A key that has its burst at once comes back after exactly as many intervals, without a rounding.
        let wide = try GCRALimit(count: 3, periodNanoseconds: second, burst: 3_000)
        #expect(
            wide.step(from: nil, cost: 3_000, now: 7).arrival
                == TheoreticalArrival(nanoseconds: 1_000 * second + 7, parts: 0))
    }

    @Test func `what costs more than the burst never passes, and what costs nothing always does`() throws {
        let limit = try GCRALimit(count: 10, periodNanoseconds: second, burst: 3)
        #expect(limit.step(from: nil, cost: 4, now: 0).decision.retryNanoseconds == LimitDecision.never)
        #expect(limit.step(from: nil, cost: Int.max, now: 0).decision.verdict == .refused)
        let full = limit.step(from: nil, cost: 3, now: 0)
        #expect(full.decision.verdict == .allowed && full.decision.remaining == 0)
        let free = limit.step(from: full.arrival, cost: 0, now: 0)
        #expect(free.decision.verdict == .allowed && free.arrival == full.arrival)
    }

    @Test(arguments: [
        (1, 86_400 * second, 36_525), (1_000_000, second, 1_000_000), (999_983, second, 1_000_000),
        (1, 366 * 86_400 * second, 99), (999_983, 366 * 86_400 * second, 90_000_000 / 100),
    ])
    func `the largest settings do not overflow at any time`(count: Int, period: UInt64, burst: Int) throws {
        let limit = try GCRALimit(count: count, periodNanoseconds: period, burst: burst)
        for now in [0, 1, UInt64.max / 2, UInt64.max / 2 + 1, UInt64.max - 1, .max] {
            let full = limit.step(from: nil, cost: burst, now: now)
            #expect(full.decision.verdict == .allowed && full.decision.remaining == 0)
            let refused = limit.step(from: full.arrival, cost: burst, now: now)
            #expect(refused.decision.verdict == .refused)
            #expect(refused.decision.retryNanoseconds == full.decision.resetNanoseconds)
            let later = now &+ full.decision.resetNanoseconds
            #expect(limit.step(from: full.arrival, cost: burst, now: later).decision.verdict == .allowed)
            #expect(limit.withoutCharge(full.arrival, cost: burst) == TheoreticalArrival(nanoseconds: now, parts: 0))
            #expect(!full.arrival.isPast(now) && full.arrival.isPast(later &+ 1))
            // Whatever a slot may hold, nothing traps.
            for arrival in [0, 1, UInt64.max / 2, UInt64.max / 2 + 1, .max] {
                let foreign = TheoreticalArrival(nanoseconds: now &+ arrival, parts: 999_999)
                _ = limit.step(from: foreign, now: now)
                _ = limit.step(from: foreign, cost: burst, now: now)
            }
        }
    }

    @Test func `a clock that wraps around makes no debt and loses none`() throws {
        let limit = try GCRALimit(count: 1, periodNanoseconds: second, burst: 10)
        let now = UInt64.max - second
        let step = limit.step(from: nil, cost: 10, now: now)
        #expect(step.arrival.nanoseconds < 10 * second)
        let after = limit.step(from: step.arrival, cost: 0, now: 2 * second &- 1)
        #expect(after.decision.resetNanoseconds == 7 * second && after.decision.remaining == 3)
    }
}
