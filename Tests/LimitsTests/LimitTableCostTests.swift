import Kernel
import Limits
import Testing

/// Measurements, printed and not judged: `swift test -c release -Xswiftc -enable-testing --filter LimitTableCostTests`.
@Suite(.serialized) struct LimitTableCostTests {
    #if DEBUG
        private static let isOptimized = false
    #else
        private static let isOptimized = true
    #endif

    @Test(.enabled(if: isOptimized), arguments: [1_000, 10_000, 100_000, 1_000_000])
    func `what a decision costs with so many keys`(keys: Int) throws {
        let limit = try GCRALimit(count: 10, periodNanoseconds: second, burst: 1_000_000)
        let table = LimitTable(limit: limit, keys: keys)
        let resident = try Self.residentBytes()
        let insertion = Self.nanosecondsEach(keys) { _ = table.charge(key($0), now: second) }
        let forgotten = table.evictions
        let grown = try Self.residentBytes() - resident
        var random = FastRandom(seed: 1)
        // The keys are drawn and hashed outside of what is measured.
        let drawn = (0..<1_000_000).map { _ in key(random.below(keys)) }
        let charge = Self.nanosecondsEach(drawn.count) { _ = table.charge(drawn[$0], now: second) }
        let peek = Self.nanosecondsEach(drawn.count) { _ = table.peek(drawn[$0], now: second) }
        let refusal = Self.nanosecondsEach(drawn.count) { _ = table.charge(drawn[$0], cost: 1_000_000, now: second) }
        let hash = Self.nanosecondsEach(1_000_000) { _ = key($0) }
        print(
            "limits: \(keys) keys, \(grown / keys) bytes each, \(forgotten) forgotten; nanoseconds: "
                + "first sight \(insertion), charge \(charge), peek \(peek), refusal \(refusal), hash \(hash)")
    }

    @Test(.enabled(if: isOptimized), arguments: [1, 2])
    func `what a decision costs when threads meet`(threads: Int) throws {
        let limit = try GCRALimit(count: 10, periodNanoseconds: second, burst: 1_000_000)
        for keys in [1, 64, 100_000] {
            let table = LimitTable(limit: limit, keys: keys)
            let total = Tally(1)
            try onThreads(threads) { thread in
                let table = table.handle()
                var random = FastRandom(seed: UInt64(thread))
                let drawn = (0..<1_000_000).map { _ in key(random.below(keys)) }
                total.add(0, Self.nanosecondsEach(drawn.count) { _ = table.charge(drawn[$0], now: second) })
            }
            print("limits: \(threads) threads on \(keys) keys: \(total[0] / threads) nanoseconds for a charge")
        }
    }

    private static func nanosecondsEach(_ count: Int, _ body: (Int) -> Void) -> Int {
        let start = SystemClock.monotonicNanoseconds()
        for index in 0..<count { body(index) }
        return Int(SystemClock.monotonicNanoseconds() - start) / count
    }

    /// Memory of the process that the system has given it.
    private static func residentBytes() throws -> Int {
        let pages = try FileBytes.read(path: "/proc/self/statm", limit: 4_096).split(separator: 0x20)[1]
        return try #require(Int(String(decoding: pages, as: UTF8.self))) * ProcessStatus.pageBytes()
    }
}
