import Glibc
import Kernel
import Limits

let second: UInt64 = 1_000_000_000

/// Runs the body on this many threads at once, each with its number, and waits for all.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) throws {
    let barrier = Barrier(count)
    let threads = try (0..<count).map { number in
        try SystemThread.start(name: "limits") {
            barrier.wait()
            body(number)
        }
    }
    for thread in threads { thread.join() }
}

/// Lets this many threads go on together, any number of times.
final class Barrier: Sendable {
    private let words = SharedWords(count: 1)
    private let count: UInt64

    init(_ count: Int) { self.count = UInt64(count) }

    func wait() {
        let round = words.add(0, 1) / count
        while words[0] / count == round { sched_yield() }
    }
}

/// Numbers that several threads add to.
final class Tally: Sendable {
    private let words: SharedWords

    init(_ count: Int) { words = SharedWords(count: count) }

    func add(_ index: Int, _ amount: Int = 1) { words.add(index, UInt64(bitPattern: Int64(amount))) }
    subscript(index: Int) -> Int { Int(words[index]) }
}

/// A key whose hash is well spread, as those of `LimitKeyHasher` are.
func key(_ number: Int) -> LimitKey {
    var hasher = LimitKeyHasher(LimitSeed(low: 1, high: 2))
    hasher.append(number: UInt64(number))
    return hasher.finish()
}
