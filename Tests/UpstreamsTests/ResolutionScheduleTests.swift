import Kernel
import Testing
import Upstreams

@Suite struct ResolutionScheduleTests {
    private static let second: UInt64 = 1_000_000_000
    private let one = NamedAddress(host: "one.test", port: 80)
    private let two = NamedAddress(host: "two.test", port: 80)
    private let first = SocketAddress(ipv4: 1, port: 80)
    private let other = SocketAddress(ipv4: 2, port: 80)

    private func exact(_ change: (inout ResolutionSchedule.Limits) -> Void = { _ in }) -> ResolutionSchedule {
        var limits = ResolutionSchedule.Limits()
        limits.jitterPercent = 0
        change(&limits)
        return ResolutionSchedule(limits)
    }

    @Test func `new names are due at once and not named twice`() {
        var schedule = exact()
        #expect(schedule.nextDue == nil)
        #expect(schedule.keepOnly([two, one, one], at: 5) == .kept)
        #expect(schedule.count == 2)
        #expect(schedule.nextDue == 5)
        #expect(schedule.takeDue(at: 4).isEmpty)
        #expect(schedule.takeDue(at: 5, atMost: 1) == [one])
        #expect(schedule.takeDue(at: 5) == [two])
        #expect(schedule.takeDue(at: .max).isEmpty)
        #expect(schedule.nextDue == nil)
    }

    @Test(arguments: [(-5, 1), (0, 1), (1, 1), (17, 17), (300, 300), (301, 300), (Int.max, 300)])
    func `an answer holds for its time to live within the limits`(told: Int, held: Int) {
        var schedule = exact()
        var random = FastRandom(seed: 1)
        _ = schedule.keepOnly([one], at: 0)
        _ = schedule.takeDue(at: 0)
        let now = 7 * Self.second
        #expect(
            schedule.succeeded(one, [first], timeToLiveSeconds: told, at: now, random: &random) == .changed([first]))
        #expect(schedule.nextDue == now + UInt64(held) * Self.second)
        #expect(schedule.takeDue(at: now + UInt64(held) * Self.second - 1).isEmpty)
        #expect(schedule.takeDue(at: now + UInt64(held) * Self.second) == [one])
    }

    @Test func `only other addresses are a change, not another order`() {
        var schedule = exact()
        var random = FastRandom(seed: 1)
        _ = schedule.keepOnly([one], at: 0)
        func answer(_ addresses: [SocketAddress]) -> ResolutionSchedule.Change {
            _ = schedule.takeDue(at: .max)
            return schedule.succeeded(one, addresses, timeToLiveSeconds: 1, at: 0, random: &random)
        }
        #expect(answer([first, other]) == .changed([first, other]))
        #expect(answer([other, first]) == .unchanged)
        #expect(answer([first, other]) == .unchanged)
        #expect(answer([other]) == .changed([other]))
        #expect(answer([first]) == .changed([first]))
        #expect(schedule.addresses(of: one) == [first])
    }

    @Test func `failures are tried again less and less often, and keep the last addresses`() {
        var schedule = exact()
        var random = FastRandom(seed: 1)
        _ = schedule.keepOnly([one], at: 0)
        _ = schedule.takeDue(at: 0)
        _ = schedule.succeeded(one, [first], timeToLiveSeconds: 1, at: 0, random: &random)
        var now = Self.second
        for wait in [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000] {
            #expect(schedule.takeDue(at: now) == [one])
            #expect(schedule.failed(one, at: now, random: &random) == wait)
            #expect(schedule.addresses(of: one) == [first])
            now += UInt64(wait) * 1_000_000
            #expect(schedule.nextDue == now)
        }
        #expect(schedule.failures(of: one) == 8)
        // An answer ends the back-off; the same addresses are no change.
        _ = schedule.takeDue(at: now)
        #expect(schedule.succeeded(one, [first], timeToLiveSeconds: 60, at: now, random: &random) == .unchanged)
        #expect(schedule.failures(of: one) == 0)
        _ = schedule.takeDue(at: now + 60 * Self.second)
        #expect(schedule.failed(one, at: now, random: &random) == 1_000)
    }

    @Test func `a name can fail for ever`() {
        var schedule = exact { $0.retryMillisecondsMax = .max / 2_000_000 }
        var random = FastRandom(seed: 1)
        _ = schedule.keepOnly([one], at: 0)
        for _ in 0..<200 {
            _ = schedule.takeDue(at: .max)
            schedule.failed(one, at: 0, random: &random)
        }
        #expect(schedule.failures(of: one) == 64)
    }

    @Test func `a kept name keeps its addresses and its time, another one is forgotten with its late answer`() {
        var schedule = exact()
        var random = FastRandom(seed: 1)
        _ = schedule.keepOnly([one, two], at: 0)
        _ = schedule.takeDue(at: 0)
        _ = schedule.succeeded(one, [first], timeToLiveSeconds: 10, at: 0, random: &random)
        #expect(schedule.keepOnly([one], at: Self.second) == .kept)
        #expect(schedule.nextDue == 10 * Self.second)
        #expect(schedule.addresses(of: one) == [first])
        #expect(schedule.succeeded(two, [other], timeToLiveSeconds: 10, at: 0, random: &random) == .unknown)
        #expect(schedule.failed(two, at: 0, random: &random) == nil)
        // Nobody asked for this one yet: an answer from before it was forgotten must not count for it.
        _ = schedule.keepOnly([one, two], at: Self.second)
        #expect(schedule.succeeded(two, [other], timeToLiveSeconds: 10, at: 0, random: &random) == .unknown)
        #expect(schedule.addresses(of: two).isEmpty)
    }

    @Test func `names beyond the limit are told and not asked for`() {
        var schedule = exact { $0.namesMax = 1 }
        #expect(schedule.keepOnly([two, one], at: 0) == .tooMany(1))
        #expect(schedule.takeDue(at: 0) == [one])
    }

    @Test func `a name whose addresses are dead is asked for at once, unless it fails`() {
        var schedule = exact()
        var random = FastRandom(seed: 1)
        _ = schedule.keepOnly([one], at: 0)
        _ = schedule.takeDue(at: 0)
        schedule.refresh(one, at: 0)
        #expect(schedule.nextDue == nil)
        _ = schedule.succeeded(one, [first], timeToLiveSeconds: 100, at: 0, random: &random)
        schedule.refresh(one, at: 5)
        schedule.refresh(two, at: 5)
        #expect(schedule.takeDue(at: 5) == [one])
        schedule.failed(one, at: 5, random: &random)
        schedule.refresh(one, at: 6)
        #expect(schedule.nextDue == 5 + Self.second)
    }

    @Test func `jitter takes up to its share away and nothing more`() {
        var schedule = ResolutionSchedule()
        var random = FastRandom(seed: 42)
        var dues: Set<UInt64> = []
        _ = schedule.keepOnly([one], at: 0)
        for _ in 0..<500 {
            _ = schedule.takeDue(at: .max)
            _ = schedule.succeeded(one, [first], timeToLiveSeconds: 100, at: 0, random: &random)
            dues.insert(schedule.nextDue ?? 0)
        }
        #expect(dues.count > 400)
        #expect(dues.allSatisfy { (90 * Self.second...100 * Self.second).contains($0) })
    }
}
