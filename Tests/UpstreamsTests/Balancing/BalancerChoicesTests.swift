import Declarations
import Kernel
import Testing
import Upstreams

/// `least-requests` is tested in `BalancerTests`; here the latency counts as well.
@Suite struct BalancerChoicesTests {
    private let seed = UInt64.random(in: 0...UInt64.max)

    /// A simulated shard: each endpoint answers after its latency, exchanges arrive evenly.
    private struct Simulation {
        var picking: Picking
        var latencies: [UInt64]
        var inFlight: [(endpoint: Int, started: UInt64, ends: UInt64)] = []
        var counts: [Int]

        init(_ weights: [Int], latencyMilliseconds: [UInt64], seed: UInt64) {
            picking = Picking(.leastLatency, endpoints(weights), seed: seed)
            latencies = latencyMilliseconds
            counts = weights.map { _ in 0 }
        }

        /// `exchanges`, one each millisecond.
        mutating func run(exchanges: Int, failing: Int? = nil) {
            for _ in 0..<exchanges {
                picking.advance(milliseconds: 1)
                for exchange in inFlight where exchange.ends <= picking.now {
                    picking.active[exchange.endpoint] -= 1
                    let took = exchange.ends - exchange.started
                    if exchange.endpoint == failing {
                        picking.balancer.latencyFailed(
                            afterNanoseconds: took, endpoint: exchange.endpoint, now: picking.now)
                    } else {
                        picking.balancer.latencyMeasured(took, endpoint: exchange.endpoint, now: picking.now)
                    }
                }
                inFlight.removeAll { $0.ends <= picking.now }
                guard let index = picking.pick() else { continue }
                picking.active[index] += 1
                counts[index] += 1
                inFlight.append((index, picking.now, picking.now + latencies[index] * 1_000_000))
            }
        }

        mutating func sharesAnew() -> [Double] {
            defer { counts = counts.map { _ in 0 } }
            let sum = Double(max(1, counts.reduce(0, +)))
            return counts.map { Double($0) / sum }
        }
    }

    @Test func `a slow endpoint gets little, but never nothing`() {
        var simulation = Simulation([1, 1, 1, 1], latencyMilliseconds: [10, 10, 10, 200], seed: seed)
        simulation.run(exchanges: 2_000)
        _ = simulation.sharesAnew()
        simulation.run(exchanges: 60_000)
        let shares = simulation.sharesAnew()
        #expect(shares[3] < 0.08 && shares[3] > 0, "\(shares), seed \(seed)")
        for index in 0..<3 { #expect(abs(shares[index] - 0.32) < 0.06, "\(shares), seed \(seed)") }
    }

    @Test func `a slow endpoint that becomes quick gets its share back`() {
        var simulation = Simulation([1, 1], latencyMilliseconds: [10, 500], seed: seed)
        simulation.run(exchanges: 5_000)
        simulation.latencies = [10, 10]
        simulation.run(exchanges: 60_000)
        _ = simulation.sharesAnew()
        simulation.run(exchanges: 10_000)
        let shares = simulation.sharesAnew()
        #expect(shares[1] > 0.3, "\(shares), seed \(seed)")
    }

    @Test func `an endpoint that fails at once is not the fastest`() {
        var simulation = Simulation([1, 1, 1], latencyMilliseconds: [20, 20, 0], seed: seed)
        simulation.run(exchanges: 1_000, failing: 2)
        _ = simulation.sharesAnew()
        simulation.run(exchanges: 20_000, failing: 2)
        let shares = simulation.sharesAnew()
        #expect(shares[2] < 0.1, "\(shares), seed \(seed)")
    }

    @Test(arguments: [UInt64(10), 1_000_000])
    func `a new endpoint is neither flooded nor starved`(latency: UInt64) {
        var simulation = Simulation([1, 1, 1, 1], latencyMilliseconds: [10, 10, 10, latency], seed: seed)
        simulation.picking.balancer.setAvailable(false, endpoint: 3, now: simulation.picking.now)
        simulation.run(exchanges: 2_000)
        simulation.picking.balancer.setAvailable(true, endpoint: 3, now: simulation.picking.now)
        _ = simulation.sharesAnew()
        simulation.run(exchanges: 2_000)
        let shares = simulation.sharesAnew()
        if latency == 10 {
            #expect(abs(shares[3] - 0.25) < 0.1, "\(shares), seed \(seed)")
        } else {
            // It never answers: as many exchanges stick to it as others have in progress, and a few more as chance has it.
            #expect(simulation.picking.active[3] < 30, "\(simulation.picking.active), seed \(seed)")
            #expect(simulation.picking.active[3] > 1, "\(simulation.picking.active), seed \(seed)")
        }
    }

    @Test func `an endpoint without measurements counts as average`() {
        var picking = Picking(.leastLatency, endpoints(count: 3), seed: seed)
        picking.balancer.latencyMeasured(1_000_000, endpoint: 0, now: picking.now)
        picking.balancer.latencyMeasured(9_000_000, endpoint: 1, now: picking.now)
        var pairs: Set<Int> = []
        for _ in 0..<200 { pairs.insert(picking.pick(avoiding: [0]) ?? -1) }
        #expect(pairs == [2], "5 ms against 9")
        pairs = []
        for _ in 0..<200 { pairs.insert(picking.pick(avoiding: [1]) ?? -1) }
        #expect(pairs == [0], "1 ms against 5")
    }

    @Test func `a peak counts at once and fades with time`() {
        var picking = Picking(.leastLatency, endpoints(count: 2), seed: seed)
        for _ in 0..<100 {
            picking.advance(milliseconds: 10)
            for index in 0..<2 { picking.balancer.latencyMeasured(10_000_000, endpoint: index, now: picking.now) }
        }
        picking.balancer.latencyMeasured(100_000_000, endpoint: 0, now: picking.now)
        #expect(Set((0..<100).map { _ in picking.pick() }) == [1])
        // Endpoint 1 goes on as before; after four half-lives of silence, a tenth of the peak is all there is left.
        for _ in 0..<2_000 {
            picking.advance(milliseconds: 10)
            picking.balancer.latencyMeasured(10_000_000, endpoint: 1, now: picking.now)
        }
        #expect(Set((0..<100).map { _ in picking.pick() }) == [0])
    }

    @Test func `other balances ignore latencies`() {
        var picking = Picking(.leastRequests, endpoints(count: 2), seed: seed)
        picking.balancer.latencyMeasured(1, endpoint: 1, now: 0)
        picking.balancer.latencyFailed(afterNanoseconds: 1, endpoint: 1, now: 0)
        picking.active = [0, 1]
        #expect(picking.pick() == 0)
    }
}
