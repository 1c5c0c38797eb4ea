import Kernel
import Testing

@Suite struct FastRandomTests {
    @Test(arguments: [1, 2, 3, 7, 10, 1_000, 1 << 32, Int.max])
    func `a number is below its bound`(bound: Int) {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = FastRandom(seed: seed)
        for _ in 0..<10_000 {
            let number = random.below(bound)
            #expect(number >= 0 && number < bound, "seed \(seed)")
        }
    }

    @Test func `numbers are spread evenly`() {
        var random = FastRandom(seed: 42)
        var counts = [Int](repeating: 0, count: 10)
        for _ in 0..<100_000 { counts[random.below(10)] += 1 }
        // Ten standard deviations of a fair die.
        for count in counts { #expect(abs(count - 10_000) < 950) }
    }

    @Test func `the same seed gives the same numbers, and other seeds others`() {
        var first = FastRandom(seed: 7)
        var second = FastRandom(seed: 7)
        var third = FastRandom(seed: 8)
        let numbers = (0..<100).map { _ in first.next() }
        #expect(numbers == (0..<100).map { _ in second.next() })
        #expect(numbers != (0..<100).map { _ in third.next() })
        #expect(Set(numbers).count == 100)
    }

    @Test func `a seed of zero is as good as any`() {
        var random = FastRandom(seed: 0)
        #expect(Set((0..<100).map { _ in random.next() }).count == 100)
    }

    @Test func `a bound of zero ends the process`() async {
        await #expect(processExitsWith: .failure) {
            var random = FastRandom(seed: 1)
            _ = random.below(0)
        }
    }
}
