import Declarations
import Kernel
import Testing

@testable import Upstreams

struct BalancerTests {
    @Test func `weighted turns are exact in every round and spread`() {
        var balancer = Balancer(.roundRobin, weights: [5, 1, 1])
        var random = FastRandom(seed: 1)
        let picks = (0..<7).compactMap { _ in balancer.pick(active: [0, 0, 0], random: &random) }
        #expect(picks == [0, 0, 1, 0, 2, 0, 0])
    }

    @Test func `least-requests avoids the loaded and heeds weights`() {
        var balancer = Balancer(.leastRequests, weights: [1, 1, 1, 1])
        var random = FastRandom(seed: 2)
        var counts = [0, 0, 0, 0]
        for _ in 0..<4_000 { counts[balancer.pick(active: [50, 0, 0, 0], random: &random) ?? 0] += 1 }
        #expect(counts[0] == 0)
        #expect(counts[1...].allSatisfy { $0 > 1_000 })
        #expect(Balancer(.roundRobin, weights: []).isEmptyPick)
    }

    @Test func `a split draws by weight and never what weighs nothing`() {
        let draw = SplitDraw(weights: [90, 0, 10])
        var random = FastRandom(seed: 3)
        var counts = [0, 0, 0]
        for _ in 0..<20_000 { counts[draw.draw(random: &random)] += 1 }
        #expect(counts[1] == 0)
        #expect((17_600...18_400).contains(counts[0]))
    }
}

extension Balancer {
    fileprivate var isEmptyPick: Bool {
        var copy = self
        var random = FastRandom(seed: 0)
        return copy.pick(active: [], random: &random) == nil
    }
}

struct ConnectionPoolTests {
    @Test func `the last one given back is used first, and limits hold`() {
        var declaration = PoolDeclaration()
        declaration.connectionsMax = 3
        declaration.idleMax = 2
        var pool = ConnectionPool(declaration)
        for _ in 0..<3 { #expect(pool.acquire(fresh: false) == .open) }
        #expect(pool.acquire(fresh: false) == .exhausted)
        #expect(pool.giveBack(1) == .kept)
        #expect(pool.giveBack(2) == .kept)
        #expect(pool.giveBack(3) == .close)
        pool.closed()
        #expect(pool.acquire(fresh: true) == .open)
        #expect(pool.acquire(fresh: true) == .reuse(2))
        let removed = pool.removeIdle(1)
        let again = pool.removeIdle(1)
        #expect(removed && !again)
    }
}
