internal import Kernel

/// Waits until so many shards have said that a configuration is in force.
final class InstallationLatch: Sendable {
    private struct Count: Sendable {
        var awaited: Int
        var failure: String?
        var retired: [Retired] = []
    }

    private let count: Guarded<Count>
    private let changed: WakeUp

    /// What a wait ended with.
    enum Outcome: Sendable, Equatable {
        case installed
        case failed(String)
        case timedOut
    }

    init(shards: Int) throws(SystemError) {
        count = Guarded(Count(awaited: shards))
        changed = try WakeUp()
    }

    /// A shard has it in force.
    func installed(_ old: Retired) {
        count.withLock {
            $0.awaited -= 1
            $0.retired.append(old)
        }
        changed.signal()
    }

    /// A shard could not start.
    func failed(_ reason: String) {
        count.withLock { $0.failure = $0.failure ?? reason }
        changed.signal()
    }

    func forget() {
        count.withLock { $0.retired = [] }
    }

    /// Waits for all.
    func wait(timeoutMilliseconds: Int) -> Outcome {
        let end = SystemClock.monotonicNanoseconds() + UInt64(timeoutMilliseconds) * 1_000_000
        while true {
            let (awaited, failure) = count.withLock { ($0.awaited, $0.failure) }
            if let failure { return .failed(failure) }
            if awaited <= 0 { return .installed }
            let now = SystemClock.monotonicNanoseconds()
            guard now < end else { return .timedOut }
            _ = changed.wait(timeoutMilliseconds: Int((end - now) / 1_000_000) + 1)
        }
    }
}
