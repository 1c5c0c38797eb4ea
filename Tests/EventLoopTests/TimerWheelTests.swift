import Testing

@testable import EventLoop

private let tick = TimerWheel.tickNanoseconds

struct TimerWheelTests {
    @Test func `an entry comes due at its tick and not before`() {
        var wheel = TimerWheel(nowNanoseconds: 1_000 * tick)
        var due: [TimerWheel.Entry] = []
        let armed = wheel.arm(7, tick: 1_010)
        wheel.collect(nowNanoseconds: 1_009 * tick, into: &due)
        #expect(due.isEmpty)
        wheel.collect(nowNanoseconds: 1_010 * tick, into: &due)
        #expect(due == [TimerWheel.Entry(token: 7, tick: armed)])
        #expect(wheel.pendingCount == 0)
        #expect(wheel.millisecondsToNext(nowNanoseconds: 0) == nil)
    }

    @Test func `a deadline beyond the horizon comes due at the horizon`() {
        var wheel = TimerWheel(nowNanoseconds: 0)
        #expect(wheel.arm(1, tick: 1_000_000) < TimerWheel.slotCount)
    }

    @Test func `a long sleep misses nothing`() {
        var wheel = TimerWheel(nowNanoseconds: 0)
        var due: [TimerWheel.Entry] = []
        for token in 0..<500 { _ = wheel.arm(UInt64(token), tick: UInt64(1 + token * 7)) }
        wheel.collect(nowNanoseconds: 1_000_000 * tick, into: &due)
        #expect(due.count == 500)
    }

    @Test func `in a simulated hour every entry comes due once, in time`() {
        var wheel = TimerWheel(nowNanoseconds: 0)
        var due: [TimerWheel.Entry] = []
        var armed: [UInt64: UInt64] = [:]
        var state: UInt64 = 11
        for now in stride(from: UInt64(1), to: 225_000, by: 3) {
            state = state &* 6_364_136_223_846_793_005 &+ 1
            armed[now] = wheel.arm(now, tick: now + 1 + state % 900)
            wheel.collect(nowNanoseconds: now * tick, into: &due)
            for entry in due {
                #expect(armed.removeValue(forKey: entry.token) == entry.tick)
                #expect(entry.tick <= now && now - entry.tick < 3)
            }
        }
    }
}

struct SlotTableTests {
    final class Thing {
        let token: SlotToken
        init(_ token: SlotToken) { self.token = token }
    }

    @Test func `a token leads nowhere once its object is gone, even when the slot is taken again`() {
        var table = SlotTable<Thing>(kind: 3)
        let first = table.insert(Thing.init)
        table.remove(first.token)
        let second = table.insert(Thing.init)
        #expect(second.token.index == first.token.index)
        #expect(table[first.token] == nil)
        #expect(table[second.token] === second)
        #expect(second.token.kind == 3)
        table.remove(first.token)
        #expect(table.count == 1)
    }
}
