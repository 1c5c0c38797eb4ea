import EventLoop
import Kernel
import Testing

/// Time is simulated: every test says what o'clock it is.
@Suite struct TimerWheelTests {
    private static let tick = TimerWheel.tickNanoseconds
    /// The wheel reaches this many ticks ahead.
    private static let horizon: UInt64 = 4_095

    @Test func `an entry comes due at its tick, not before, and once`() {
        var wheel = TimerWheel(nowNanoseconds: 0)
        var due: [TimerWheel.Entry] = []
        let armed = wheel.arm(7, tick: 5)
        #expect(armed == 5)
        wheel.collect(nowNanoseconds: 5 * Self.tick - 1, into: &due)
        #expect(due.isEmpty)
        wheel.collect(nowNanoseconds: 5 * Self.tick, into: &due)
        #expect(due.map(\.token) == [7])
        #expect(due.map(\.tick) == [5])
        wheel.collect(nowNanoseconds: 9_000 * Self.tick, into: &due)
        #expect(due.isEmpty)
    }

    @Test(arguments: [0, 1, TimerWheel.tickNanoseconds - 1, TimerWheel.tickNanoseconds, 12_345_678_901])
    func `a deadline has passed when its tick begins`(deadline: UInt64) {
        let tick = TimerWheel.tick(of: deadline)
        #expect(tick * Self.tick > deadline)
        #expect((tick - 1) * Self.tick <= deadline)
    }

    @Test func `a tick that is gone is the next one, and one beyond the horizon is the horizon`() {
        var wheel = TimerWheel(nowNanoseconds: 100 * Self.tick)
        let past = wheel.arm(1, tick: 3)
        let present = wheel.arm(2, tick: 100)
        let far = wheel.arm(3, tick: 1_000_000)
        #expect(past == 101)
        #expect(present == 101)
        #expect(far == 100 + Self.horizon)
        var due: [TimerWheel.Entry] = []
        wheel.collect(nowNanoseconds: 101 * Self.tick, into: &due)
        #expect(due.map(\.token) == [1, 2])
        wheel.collect(nowNanoseconds: (100 + Self.horizon) * Self.tick, into: &due)
        #expect(due.map(\.token) == [3])
    }

    @Test(arguments: [1, 4_094, 4_095, 4_096, 4_097, 8_192, 1_000_000])
    func `after a jump everything that was due is collected once`(jump: UInt64) {
        var wheel = TimerWheel(nowNanoseconds: 0)
        for token in 1...Self.horizon { _ = wheel.arm(token, tick: token) }
        var due: [TimerWheel.Entry] = []
        wheel.collect(nowNanoseconds: jump * Self.tick, into: &due)
        let expected = min(jump, Self.horizon)
        #expect(due.map(\.token) == Array(1...expected))
        let (left, now) = (wheel.pendingCount, jump * Self.tick)
        #expect(left == Int(Self.horizon - expected))
        let next = wheel.millisecondsToNext(nowNanoseconds: now)
        #expect((next == nil) == (left == 0))
    }

    @Test func `a clock that goes back does no harm`() {
        var wheel = TimerWheel(nowNanoseconds: 50 * Self.tick)
        var due: [TimerWheel.Entry] = []
        _ = wheel.arm(1, tick: 60)
        wheel.collect(nowNanoseconds: 20 * Self.tick, into: &due)
        #expect(due.isEmpty)
        wheel.collect(nowNanoseconds: 60 * Self.tick, into: &due)
        #expect(due.count == 1)
    }

    @Test func `the wait ends with the next entry, and never without one`() {
        var wheel = TimerWheel(nowNanoseconds: 0)
        let idle = wheel.millisecondsToNext(nowNanoseconds: 0)
        #expect(idle == nil)
        _ = wheel.arm(1, tick: 100)
        _ = wheel.arm(2, tick: 10)
        let first = wheel.millisecondsToNext(nowNanoseconds: 0)
        #expect(first == 161)
        let over = wheel.millisecondsToNext(nowNanoseconds: 11 * Self.tick)
        #expect(over == 0)
        var due: [TimerWheel.Entry] = []
        wheel.collect(nowNanoseconds: 11 * Self.tick, into: &due)
        let second = wheel.millisecondsToNext(nowNanoseconds: 11 * Self.tick)
        #expect(second == 89 * 16 + 1)
    }

    @Test func `an owner that moved its deadline tells a stale entry by its tick`() {
        var wheel = TimerWheel(nowNanoseconds: 0)
        var due: [TimerWheel.Entry] = []
        _ = wheel.arm(9, tick: 10)
        let own = wheel.arm(9, tick: 20)
        wheel.collect(nowNanoseconds: 30 * Self.tick, into: &due)
        #expect(due.map { $0.tick == own } == [false, true])
    }

    @Test func `random arming and collecting agrees with a sorted list`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = FastRandom(seed: seed)
        var now: UInt64 = 1_000
        var wheel = TimerWheel(nowNanoseconds: now * Self.tick)
        var model: [(token: UInt64, tick: UInt64)] = []
        var due: [TimerWheel.Entry] = []
        for token in 0..<UInt64(5_000) {
            let wanted = now + UInt64(random.below(6_000))
            let armed = wheel.arm(token, tick: wanted)
            #expect(armed == min(max(wanted, now + 1), now + Self.horizon), "seed \(seed)")
            model.append((token, armed))
            guard random.below(3) == 0 else { continue }
            now += UInt64(random.below(20) == 0 ? random.below(9_000) : random.below(40))
            wheel.collect(nowNanoseconds: now * Self.tick + UInt64(random.below(16_000_000)), into: &due)
            let expected = model.filter { $0.tick <= now }.sorted { ($0.tick, $0.token) < ($1.tick, $1.token) }
            #expect(due.map(\.token) == expected.map(\.token), "seed \(seed)")
            model.removeAll { $0.tick <= now }
            let next = wheel.millisecondsToNext(nowNanoseconds: now * Self.tick)
            let soonest = model.map(\.tick).min()
            #expect(next == soonest.map { Int($0 - now) * 16 + 1 }, "seed \(seed)")
        }
    }
}
