import Kernel
import Limits
import Testing

@Suite struct ConcurrencyLimitTests {
    @Test func `so many may begin, and another for each that is over`() {
        let limit = ConcurrencyLimit(limit: 3)
        let other = limit.handle()
        #expect((0..<5).map { _ in limit.acquire() } == [.acquired, .acquired, .acquired, .refused, .refused])
        other.release()
        #expect(other.inProgress == 2 && other.acquire() == .acquired && limit.acquire() == .refused)
    }

    @Test func `each key has its own count`() {
        let limit = KeyedConcurrencyLimit(limit: 2, keys: 10)
        #expect((0..<3).map { _ in limit.acquire(key(1)) } == [.acquired, .acquired, .refused])
        #expect(limit.handle().acquire(key(2)) == .acquired)
        #expect(limit.acquire(key(1), plan: 3) == .acquired && limit.inProgress(key(1)) == 3)
        for _ in 0..<3 { limit.release(key(1)) }
        #expect(limit.inProgress(key(1)) == 0 && limit.inProgress(key(2)) == 1 && limit.inProgress(key(3)) == 0)
    }

    @Test func `who is in progress is never forgotten, and a newcomer may find no room`() {
        let limit = KeyedConcurrencyLimit(limit: 1, keys: 1)
        for number in 0..<8 { #expect(limit.acquire(key(number)) == .acquired) }
        #expect(limit.acquire(key(8)) == .noRoom && limit.acquire(key(0)) == .refused)
        limit.release(key(3))
        #expect(limit.acquire(key(8)) == .acquired && limit.inProgress(key(3)) == 0)
        for number in [0, 1, 2, 4, 5, 6, 7, 8] { limit.release(key(number)) }
    }

    @Test func `releasing what was not acquired ends the process`() async {
        await #expect(processExitsWith: .failure) { ConcurrencyLimit(limit: 1).release() }
        await #expect(processExitsWith: .failure) { KeyedConcurrencyLimit(limit: 1, keys: 1).release(key(1)) }
    }

    @Test func `threads never have more in progress than permitted, and lose none`() throws {
        let single = ConcurrencyLimit(limit: 3)
        let keyed = KeyedConcurrencyLimit(limit: 2, keys: 1)
        let held = Tally(8)
        let wrong = Tally(1)
        try onThreads(8) { thread in
            let (single, keyed) = (single.handle(), keyed.handle())
            var random = FastRandom(seed: UInt64(thread))
            for _ in 0..<5_000 {
                if single.acquire() == .acquired {
                    held.add(7)
                    if held[7] > 3 { wrong.add(0) }
                    held.add(7, -1)
                    single.release()
                }
                // Six keys come and go in eight slots, so that claims meet.
                let number = random.below(6)
                if keyed.acquire(key(number)) == .acquired {
                    held.add(number)
                    if held[number] > 2 { wrong.add(0) }
                    held.add(number, -1)
                    keyed.release(key(number))
                }
            }
        }
        #expect(wrong[0] == 0 && single.inProgress == 0)
        #expect((0..<6).allSatisfy { keyed.inProgress(key($0)) == 0 })
    }
}
