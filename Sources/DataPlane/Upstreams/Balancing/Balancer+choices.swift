internal import Declarations
internal import Kernel

// The power of two choices: of two endpoints drawn by share, the better one. Nearly as good as looking at all of them, at a cost that
// does not grow, and shards that know nothing of each other do not all run to the same endpoint (Mitzenmacher, 2001).
extension Balancer {
    /// The one with fewer exchanges per share.
    func lessLoaded(_ active: [Int], _ avoiding: EndpointSet, _ random: inout FastRandom) -> Int? {
        guard let (first, second) = twoDrawn(avoiding, &random) else { return nil }
        guard second >= 0 else { return first }
        // active/share compared without division; the one about to be added counts, so that idle endpoints differ by share.
        let firstLoad = (active[first] + 1) * shares.shares[second]
        let secondLoad = (active[second] + 1) * shares.shares[first]
        return secondLoad < firstLoad ? second : first
    }

    /// The one where expected latency times exchanges in progress is smaller, per share.
    func fasterOrLessLoaded(
        _ active: [Int], _ avoiding: EndpointSet, _ now: UInt64, _ random: inout FastRandom
    ) -> Int? {
        guard let (first, second) = twoDrawn(avoiding, &random) else { return nil }
        guard second >= 0 else { return first }
        let firstLoad = latencies.expected(first, now: now) * Double((active[first] + 1) * shares.shares[second])
        let secondLoad = latencies.expected(second, now: now) * Double((active[second] + 1) * shares.shares[first])
        return secondLoad < firstLoad ? second : first
    }

    /// Two different candidates; -1 as the second when there is but one, `nil` when there is none.
    private func twoDrawn(_ avoiding: EndpointSet, _ random: inout FastRandom) -> (first: Int, second: Int)? {
        if avoiding.isEmpty {
            let first = shares.draw(&random)
            return (first, shares.draw(except: first, &random))
        }
        guard let first = shares.draw(avoiding: avoiding, &random) else { return nil }
        return (first, shares.draw(except: first, avoiding: avoiding, &random) ?? -1)
    }

    // MARK: - Latency

    /// An exchange took so long from its start to its response head. Nothing unless the balance is by latency.
    public mutating func latencyMeasured(_ nanoseconds: UInt64, endpoint: Int, now: UInt64) {
        guard balance == .leastLatency else { return }
        latencies.record(nanoseconds, endpoint, now: now)
    }

    /// An exchange ended in a gateway failure after so long. Nothing unless the balance is by latency.
    public mutating func latencyFailed(afterNanoseconds: UInt64, endpoint: Int, now: UInt64) {
        guard balance == .leastLatency else { return }
        latencies.recordFailure(afterNanoseconds, endpoint, now: now)
    }
}
