import Declarations
import Kernel
import Testing
import Upstreams

@Suite struct BalancerTests {
    private func picks(_ count: Int, _ balance: BalanceDeclaration, _ weights: [Int], active: [Int]? = nil) -> [Int] {
        var balancer = Balancer(balance, weights: weights)
        var random = FastRandom(seed: 99)
        return (0..<count).compactMap { _ in
            balancer.pick(active: active ?? weights.map { _ in 0 }, random: &random)
        }
    }

    private func shares(_ picks: [Int], of count: Int) -> [Int] {
        (0..<count).map { index in picks.count { $0 == index } }
    }

    @Test(arguments: BalanceDeclaration.allCases)
    func `without endpoints there is no pick, and of one it is that one`(balance: BalanceDeclaration) {
        #expect(picks(3, balance, []).isEmpty)
        #expect(picks(3, balance, [5]) == [0, 0, 0])
    }

    @Test func `equal weights take turns`() {
        #expect(picks(7, .roundRobin, [1, 1, 1]) == [0, 1, 2, 0, 1, 2, 0])
        #expect(picks(4, .roundRobin, [9, 9]) == [0, 1, 0, 1])
    }

    @Test func `the well-known smooth sequence`() {
        #expect(picks(7, .roundRobin, [5, 1, 1]) == [0, 0, 1, 0, 2, 0, 0])
    }

    @Test(arguments: [[1, 2], [3, 1, 4, 1, 5], [1_000, 1], [2, 2, 3], [7, 11, 13]])
    func `in each full round every endpoint is picked as often as it weighs`(weights: [Int]) {
        let sum = weights.reduce(0, +)
        let all = picks(3 * sum, .roundRobin, weights)
        for round in 0..<3 {
            #expect(shares(Array(all[(round * sum)..<((round + 1) * sum)]), of: weights.count) == weights)
        }
    }

    @Test(arguments: [[1, 2], [3, 1, 4, 1, 5], [2, 2, 3], [7, 11, 13], [5, 1, 1]])
    func `at no moment is an endpoint far from its share`(weights: [Int]) {
        let sum = weights.reduce(0, +)
        var seen = weights.map { _ in 0 }
        for (round, index) in picks(4 * sum, .roundRobin, weights).enumerated() {
            seen[index] += 1
            for place in weights.indices {
                let fair = Double((round + 1) * weights[place]) / Double(sum)
                #expect(abs(Double(seen[place]) - fair) < Double(weights.count))
            }
        }
    }

    @Test func `of two endpoints the less loaded is always taken`() {
        #expect(Set(picks(200, .leastRequests, [1, 1], active: [5, 3])) == [1])
        // 10 of weight 10 are less than 2 of weight 1.
        #expect(Set(picks(200, .leastRequests, [10, 1], active: [10, 2])) == [0])
    }

    @Test func `the most loaded of many is never taken`() {
        let all = picks(5_000, .leastRequests, [1, 1, 1, 1], active: [9, 1, 1, 1])
        #expect(Set(all) == [1, 2, 3])
    }

    @Test func `two choices keep simulated loads together`() {
        var balancer = Balancer(.leastRequests, weights: Array(repeating: 1, count: 16))
        var random = FastRandom(seed: 5)
        var active = [Int](repeating: 0, count: 16)
        for _ in 0..<1_600 {
            if let index = balancer.pick(active: active, random: &random) { active[index] += 1 }
        }
        // Balls into bins: a single choice would spread by about 30 here.
        #expect(active.max()! - active.min()! <= 8)
    }

    @Test func `least requests follows the weights when exchanges last equally long`() {
        let weights = [1, 2, 4, 8]
        var balancer = Balancer(.leastRequests, weights: weights)
        var random = FastRandom(seed: 17)
        var active = [0, 0, 0, 0]
        for _ in 0..<15_000 {
            if let index = balancer.pick(active: active, random: &random) { active[index] += 1 }
        }
        for index in weights.indices { #expect(abs(active[index] - weights[index] * 1_000) < 100) }
    }

    @Test func `a weight of zero ends the process`() async {
        await #expect(processExitsWith: .failure) { _ = Balancer(.roundRobin, weights: [1, 0]) }
    }
}
