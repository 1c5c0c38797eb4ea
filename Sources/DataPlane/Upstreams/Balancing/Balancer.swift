public import Declarations
public import Kernel

/// Chooses an endpoint by index. Pure: loads and dice are arguments.
public struct Balancer: Sendable {
    private let balance: BalanceDeclaration
    private let weights: [Int]
    private let totalWeight: Int
    /// Smooth weighted round-robin: what each endpoint has in credit. The sum is always 0 after a pick.
    private var credits: [Int]
    private var next = 0
    private let isUniform: Bool

    /// For endpoints of these weights, each at least 1.
    public init(_ balance: BalanceDeclaration, weights: [Int]) {
        precondition(weights.allSatisfy { $0 > 0 })
        self.balance = balance
        self.weights = weights
        totalWeight = weights.reduce(0, +)
        credits = Array(repeating: 0, count: weights.count)
        isUniform = Set(weights).count <= 1
    }

    /// The next endpoint, or `nil` without endpoints. `active` are the exchanges in progress per endpoint.
    public mutating func pick(active: [Int], random: inout FastRandom) -> Int? {
        guard weights.count > 1 else { return weights.isEmpty ? nil : 0 }
        switch balance {
        case .roundRobin: return isUniform ? turn() : weightedTurn()
        case .random: return draw(random.below(totalWeight), except: -1)
        case .leastRequests, .leastLatency, .consistentHash: return lessLoaded(active: active, random: &random)
        }
    }

    private mutating func turn() -> Int {
        let picked = next
        next = picked &+ 1 == weights.count ? 0 : picked &+ 1
        return picked
    }

    /// Each round everyone earns its weight, the richest is picked and pays the sum: picks are spread, not clustered.
    private mutating func weightedTurn() -> Int {
        var best = 0
        for index in weights.indices {
            credits[index] += weights[index]
            if credits[index] > credits[best] { best = index }
        }
        credits[best] -= totalWeight
        return best
    }

    /// Of two different endpoints drawn by weight, the one with fewer exchanges per weight.
    private func lessLoaded(active: [Int], random: inout FastRandom) -> Int {
        let first = draw(random.below(totalWeight), except: -1)
        let second = draw(random.below(totalWeight - weights[first]), except: first)
        // active/weight compared without division; the one about to be added counts, so that idle endpoints differ by weight.
        let firstLoad = (active[first] + 1) * weights[second]
        let secondLoad = (active[second] + 1) * weights[first]
        return secondLoad < firstLoad ? second : first
    }

    private func draw(_ place: Int, except: Int) -> Int {
        var rest = place
        for index in weights.indices where index != except {
            rest -= weights[index]
            if rest < 0 { return index }
        }
        preconditionFailure("the place lies within the sum of the weights")
    }
}
