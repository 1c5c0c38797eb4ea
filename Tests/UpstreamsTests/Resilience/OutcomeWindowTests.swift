import Kernel
import Testing

@testable import Upstreams

@Suite struct OutcomeWindowTests {
    @Test func `it counts what a plain list would, to a tenth of its length`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = FastRandom(seed: seed)
        var window = OutcomeWindow(windowMilliseconds: 1_000)
        var list: [(time: UInt64, count: Int, marked: Int)] = []
        var now: UInt64 = 0
        for _ in 0..<5_000 {
            now += UInt64(random.below(random.below(50) == 0 ? 3_000 : 60)) * 1_000_000
            let count = random.below(5)
            let marked = random.below(count + 1)
            window.add(count, marked: marked, now: now)
            list.append((now, count, marked))
            let bucket = now / 100_000_000
            let kept = list.filter { $0.time / 100_000_000 + 10 > bucket }
            #expect(window.count == kept.reduce(0) { $0 + $1.count }, "seed \(seed)")
            #expect(window.marked == kept.reduce(0) { $0 + $1.marked }, "seed \(seed)")
        }
    }

    @Test func `absurd counts are cut, never trapped on`() {
        var window = OutcomeWindow(windowMilliseconds: 0)
        window.add(.max, marked: .max, now: 0)
        window.add(.max, marked: 1, now: 0)
        window.add(-5, marked: 7, now: 0)
        #expect(window.count == Int(UInt32.max) && window.marked == Int(UInt32.max))
        window.add(1, marked: 0, now: .max)
        #expect(window.count == 1)
        window.clear()
        #expect(window.count == 0 && !window.reaches(percent: 0, minimum: 0))
    }
}
