import Declarations
import Kernel
import Testing
import Upstreams

@Suite struct BalancerAvailabilityTests {
    private let seed = UInt64.random(in: 0...UInt64.max)

    // MARK: - Turns

    @Test func `turns step over who is unavailable and stay fair`() {
        var picking = Picking(.roundRobin, endpoints(count: 4), seed: seed)
        picking.balancer.setAvailable(false, endpoint: 1, now: 0)
        #expect((0..<6).map { _ in picking.pick() } == [0, 2, 3, 0, 2, 3])
        picking.balancer.setAvailable(true, endpoint: 1, now: 0)
        #expect((0..<4).map { _ in picking.pick() } == [0, 1, 2, 3])
    }

    @Test func `turns begin where they are told to`() {
        var declaration = UpstreamDeclaration(id: "test", endpoints: [])
        declaration.balance = .roundRobin
        var random = FastRandom(seed: seed)
        for first in [2, 5, -5, Int.min] {
            var balancer = Balancer(declaration, endpoints: endpoints(count: 3), firstTurn: first)
            #expect(balancer.pick(active: [0, 0, 0], random: &random) == 2)
        }
    }

    @Test func `whoever comes back is not flooded to make up for what it missed`() {
        let weights = [5, 1, 1]
        var picking = Picking(.roundRobin, endpoints(weights), seed: seed)
        picking.balancer.setAvailable(false, endpoint: 1, now: 0)
        _ = picking.shares(of: 1_003)
        picking.balancer.setAvailable(true, endpoint: 1, now: 0)
        #expect(picking.shares(of: 7) == weights)
    }

    @Test func `an avoided endpoint of a weighted round gets its due afterwards`() {
        var picking = Picking(.roundRobin, endpoints([2, 1, 1]), seed: seed)
        var counts = [0, 0, 0]
        for round in 0..<4_000 {
            guard let index = picking.pick(avoiding: round % 2 == 0 ? [0] : []) else { continue }
            counts[index] += 1
        }
        #expect(abs(counts[0] - 2_000) < 5)
        // All tried: nobody pays, nobody earns.
        var other = Picking(.roundRobin, endpoints([2, 1, 1]), seed: seed)
        _ = other.pick(avoiding: [0, 1, 2])
        #expect(other.shares(of: 399).reduce(0, +) == 399)
    }

    // MARK: - Panic

    @Test func `below the share of panic all endpoints count as available`() {
        var picking = Picking(.roundRobin, endpoints(count: 4), seed: seed) { $0.health.panicPercent = 50 }
        for index in [0, 1] { picking.balancer.setAvailable(false, endpoint: index, now: 0) }
        #expect(!picking.balancer.isPanicking)
        #expect(picking.shares(of: 100) == [0, 0, 50, 50])
        picking.balancer.setAvailable(false, endpoint: 2, now: 0)
        #expect(picking.balancer.isPanicking)
        #expect(picking.shares(of: 100) == [25, 25, 25, 25])
        #expect(picking.balancer.mayUse(0))
        picking.balancer.setAvailable(true, endpoint: 2, now: 0)
        #expect(!picking.balancer.isPanicking)
        #expect(picking.shares(of: 100) == [0, 0, 50, 50])
        #expect(!picking.balancer.mayUse(0) && picking.balancer.mayUse(2))
        #expect(!picking.balancer.mayUse(4) && !picking.balancer.mayUse(-1))
    }

    @Test(arguments: BalanceDeclaration.allCases)
    func `without panic nothing available means no pick`(balance: BalanceDeclaration) {
        for count in 1...3 {
            var picking = Picking(balance, endpoints(count: count), seed: seed) { $0.health.panicPercent = 0 }
            for index in 0..<count { picking.balancer.setAvailable(false, endpoint: index, now: 0) }
            #expect(picking.pick(1) == nil)
            picking.balancer.setAvailable(true, endpoint: count - 1, now: 0)
            #expect(picking.pick(1) == count - 1)
            #expect(picking.pick(1, avoiding: [count - 1]) == count - 1)
        }
    }

    @Test func `saying the same twice changes nothing`() {
        var picking = Picking(.random, endpoints(count: 2), seed: seed)
        picking.balancer.setAvailable(false, endpoint: 0, now: 0)
        picking.balancer.setAvailable(false, endpoint: 0, now: 0)
        #expect(picking.balancer.availableCount == 1)
    }

    // MARK: - Slow start

    @Test(arguments: [BalanceDeclaration.roundRobin, .random, .leastRequests, .leastLatency, .consistentHash])
    func `who comes back rises from a tenth of its share to all of it`(balance: BalanceDeclaration) {
        var picking = Picking(balance, endpoints(count: 4), seed: seed) {
            $0.slowStartMilliseconds = 10_000
            $0.hashLoadPercentMax = 0
        }
        picking.balancer.setAvailable(false, endpoint: 2, now: picking.now)
        #expect(picking.shares(of: 100, hashed: true)[2] == 0)
        picking.balancer.setAvailable(true, endpoint: 2, now: picking.now)
        for (milliseconds, percent) in [(0, 10), (2_500, 33), (5_000, 55), (7_500, 78), (10_200, 100)] {
            let start = picking.now
            picking.now += UInt64(milliseconds) * 1_000_000
            var counts = [0, 0, 0, 0]
            for _ in 0..<20_000 {
                guard let index = picking.pick(picking.random.next()) else { continue }
                counts[index] += 1
                picking.active[index] += balance == .leastRequests || balance == .leastLatency ? 1 : 0
            }
            picking.active = [0, 0, 0, 0]
            picking.now = start
            // The table has one size for all times; keys that a ramp turns away go elsewhere.
            let share = balance == .consistentHash ? Double(percent) / 400 : Double(percent) / Double(300 + percent)
            #expect(
                abs(Double(counts[2]) / 20_000 - share) < 0.02,
                "\(balance) after \(milliseconds) ms: \(counts), seed \(seed)")
        }
    }

    @Test func `a key moves once in the course of a slow start`() {
        var picking = Picking(.consistentHash, endpoints(count: 5), seed: seed) {
            $0.slowStartMilliseconds = 10_000
            $0.hashLoadPercentMax = 0
        }
        let keys = (0..<500).map { _ in picking.random.next() }
        let homes = keys.map { picking.pick($0) }
        picking.balancer.setAvailable(false, endpoint: 1, now: picking.now)
        let refuges = keys.map { picking.pick($0) }
        picking.balancer.setAvailable(true, endpoint: 1, now: picking.now)
        var before = refuges
        for _ in 0..<110 {
            let after = keys.map { picking.pick($0) }
            for index in keys.indices where after[index] != before[index] {
                #expect(before[index] == refuges[index] && after[index] == homes[index], "seed \(seed)")
            }
            before = after
            picking.advance(milliseconds: 100)
        }
        #expect(before == homes)
    }

    @Test func `a ramp that is broken off begins anew`() {
        var picking = Picking(.random, endpoints(count: 2), seed: seed) { $0.slowStartMilliseconds = 1_000 }
        picking.balancer.setAvailable(false, endpoint: 0, now: picking.now)
        picking.balancer.setAvailable(true, endpoint: 0, now: picking.now)
        picking.advance(milliseconds: 900)
        picking.balancer.setAvailable(false, endpoint: 0, now: picking.now)
        picking.balancer.setAvailable(true, endpoint: 0, now: picking.now)
        let counts = picking.shares(of: 11_000)
        #expect(abs(counts[0] - 1_000) < 200, "\(counts), seed \(seed)")
    }

    // MARK: - Another list

    @Test func `endpoints that stay keep their state, new ones start slowly`() {
        var picking = Picking(.random, endpoints(count: 3), seed: seed) {
            $0.slowStartMilliseconds = 1_000
            $0.health.panicPercent = 0
        }
        picking.balancer.setAvailable(false, endpoint: 1, now: picking.now)
        let old = picking.balancer
        // 10.0.0.2, away, and 10.0.0.3 move up; 10.0.0.9 is new.
        let list = [
            endpoints(count: 3)[1], endpoints(count: 3)[2], BalancedEndpoint(identity: "10.0.0.9:80", weight: 1),
        ]
        picking = Picking(.random, list, seed: seed) {
            $0.slowStartMilliseconds = 1_000
            $0.health.panicPercent = 0
        }
        picking.balancer.inherit(from: old, now: picking.now)
        #expect(picking.balancer.availableCount == 2)
        let counts = picking.shares(of: 11_000)
        #expect(counts[0] == 0)
        #expect(abs(counts[2] - 1_000) < 200, "\(counts), seed \(seed)")
        picking.advance(milliseconds: 1_100)
        expectShares(picking.shares(of: 10_000), follow: [0, 1, 1], "seed \(seed)")
    }
}
