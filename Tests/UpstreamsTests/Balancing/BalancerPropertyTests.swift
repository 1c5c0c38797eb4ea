import Declarations
import Kernel
import Testing
import Upstreams

@Suite struct BalancerPropertyTests {
    private let seed = UInt64.random(in: 0...UInt64.max)

    @Test(arguments: [BalanceDeclaration.roundRobin, .random, .leastRequests, .leastLatency])
    func `picks follow the weights`(balance: BalanceDeclaration) {
        for weights in [[1, 1, 1], [1, 2, 4, 8], [100, 1, 1], [7, 7, 7, 3]] {
            var picking = Picking(balance, endpoints(weights), seed: seed)
            var counts = weights.map { _ in 0 }
            // Exchanges last long, so that loads say what was picked.
            for _ in 0..<40_000 {
                guard let index = picking.pick() else { continue }
                counts[index] += 1
                picking.active[index] += 1
            }
            expectShares(counts, follow: weights, slack: 0.02, "\(balance), seed \(seed)")
        }
    }

    @Test func `placement by hash follows the weights`() {
        for weights in [[1, 1, 1], [1, 2, 4, 8], [100, 1, 1], [7, 7, 7, 3], Array(repeating: 1, count: 100)] {
            var picking = Picking(.consistentHash, endpoints(weights), seed: seed) { $0.hashLoadPercentMax = 0 }
            expectShares(
                picking.shares(of: 40_000, hashed: true), follow: weights, slack: 0.03, "\(weights), seed \(seed)")
        }
    }

    @Test(arguments: BalanceDeclaration.allCases)
    func `only available endpoints are picked, in proportion to their weights`(balance: BalanceDeclaration) {
        let weights = [3, 1, 5, 1, 2, 1]
        var picking = Picking(balance, endpoints(weights), seed: seed) {
            $0.health.panicPercent = 0
            $0.hashLoadPercentMax = 0
        }
        for index in [1, 2, 5] { picking.balancer.setAvailable(false, endpoint: index, now: picking.now) }
        var counts = weights.map { _ in 0 }
        for _ in 0..<20_000 {
            guard let index = picking.pick(picking.random.next()) else { continue }
            counts[index] += 1
            picking.active[index] += 1
        }
        // Keys of an endpoint that is away spread by slots, hence by weight but for the rounding of a table.
        expectShares(counts, follow: [3, 0, 0, 1, 2, 0], slack: 0.05, "\(balance), seed \(seed)")
    }

    @Test(arguments: BalanceDeclaration.allCases)
    func `tried endpoints are avoided as long as there is another`(balance: BalanceDeclaration) {
        for weights in [[1, 1, 1, 1], [4, 3, 2, 1]] {
            var picking = Picking(balance, endpoints(weights), seed: seed) { $0.health.panicPercent = 0 }
            for _ in 0..<2_000 {
                let key = picking.random.next()
                #expect(picking.pick(key, avoiding: [0, 2]).map { [1, 3].contains($0) } == true, "seed \(seed)")
                #expect(picking.pick(key, avoiding: [0, 1, 2]) == 3, "seed \(seed)")
                #expect(picking.pick(key, avoiding: [0, 1, 2, 3]) != nil, "seed \(seed)")
            }
            picking.balancer.setAvailable(false, endpoint: 3, now: picking.now)
            // The one that was not tried is not available: better again than never.
            #expect(picking.pick(7, avoiding: [0, 1, 2]).map { $0 < 3 } == true, "\(balance)")
        }
    }

    @Test(arguments: BalanceDeclaration.allCases)
    func `any sequence of events keeps the rules`(balance: BalanceDeclaration) {
        var dice = FastRandom(seed: seed)
        for _ in 0..<40 {
            let count = 1 + dice.below(12)
            let weights = (0..<count).map { _ in 1 + dice.below(dice.below(2) == 0 ? 1 : 1_000) }
            let panic = dice.below(101)
            var picking = Picking(balance, endpoints(weights), seed: dice.next()) {
                $0.health.panicPercent = panic
                $0.slowStartMilliseconds = 500
            }
            var isAvailable = weights.map { _ in true }
            for _ in 0..<400 {
                picking.advance(milliseconds: UInt64(dice.below(20)))
                let endpoint = dice.below(count)
                switch dice.below(8) {
                case 0:
                    isAvailable[endpoint].toggle()
                    picking.balancer.setAvailable(isAvailable[endpoint], endpoint: endpoint, now: picking.now)
                case 1:
                    picking.balancer.latencyFailed(
                        afterNanoseconds: dice.next() >> 34, endpoint: endpoint, now: picking.now)
                case 2: picking.balancer.latencyMeasured(dice.next() >> 34, endpoint: endpoint, now: picking.now)
                case 3: if picking.active[endpoint] > 0 { picking.active[endpoint] -= 1 }
                default:
                    let available = isAvailable.count { $0 }
                    let panics = available * 100 < panic * count
                    let picked = picking.pick(dice.next(), avoiding: dice.below(3) == 0 ? [endpoint] : [])
                    #expect(picking.balancer.isPanicking == panics, "seed \(seed)")
                    #expect(picking.balancer.availableCount == available, "seed \(seed)")
                    #expect((picked == nil) == (available == 0 && !panics), "seed \(seed)")
                    guard let picked else { continue }
                    #expect(isAvailable[picked] || panics, "seed \(seed)")
                    #expect(picking.balancer.mayUse(picked), "seed \(seed)")
                    picking.active[picked] += 1
                }
            }
        }
    }
}
