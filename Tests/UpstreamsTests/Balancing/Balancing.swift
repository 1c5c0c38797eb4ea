import Declarations
import Kernel
import Testing
import Upstreams

/// Endpoints by name and weight, and a simulated shard that picks among them.
struct Picking {
    var balancer: Balancer
    var active: [Int]
    var random: FastRandom
    var now: UInt64 = 1_000_000_000

    init(
        _ balance: BalanceDeclaration, _ endpoints: [BalancedEndpoint], seed: UInt64,
        _ adjust: (inout UpstreamDeclaration) -> Void = { _ in }
    ) {
        var declaration = UpstreamDeclaration(id: "test", endpoints: [])
        declaration.balance = balance
        adjust(&declaration)
        balancer = Balancer(declaration, endpoints: endpoints)
        active = endpoints.map { _ in 0 }
        random = FastRandom(seed: seed)
    }

    mutating func pick(_ hashKey: UInt64? = nil, avoiding: [Int] = []) -> Int? {
        var set = EndpointSet()
        for index in avoiding { set.insert(index) }
        return balancer.pick(active: active, hashKey: hashKey, avoiding: set, now: now, random: &random)
    }

    /// How often each endpoint is picked, by index, each exchange being over at once; `hashed` draws a key for each.
    mutating func shares(of picks: Int, hashed: Bool = false, avoiding: [Int] = []) -> [Int] {
        var counts = active.map { _ in 0 }
        for _ in 0..<picks {
            if let index = pick(hashed ? random.next() : nil, avoiding: avoiding) { counts[index] += 1 }
        }
        return counts
    }

    mutating func advance(milliseconds: UInt64) { now += milliseconds * 1_000_000 }
}

/// Endpoints 10.0.0.1:80, 10.0.0.2:80 … of these weights.
func endpoints(_ weights: [Int]) -> [BalancedEndpoint] {
    weights.enumerated().map { BalancedEndpoint(identity: "10.0.\($0 / 250).\($0 % 250 + 1):80", weight: $1) }
}

func endpoints(count: Int) -> [BalancedEndpoint] { endpoints(Array(repeating: 1, count: count)) }

/// Whether counts follow weights within five standard deviations of a binomial draw, plus `slack` of each expected count.
func expectShares(
    _ counts: [Int], follow weights: [Int], slack: Double = 0, _ comment: Comment,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let total = Double(counts.reduce(0, +))
    let sum = Double(weights.reduce(0, +))
    for index in weights.indices {
        let share = Double(weights[index]) / sum
        let expected = total * share
        let allowed = 5 * (total * share * (1 - share)).squareRoot() + slack * expected
        #expect(
            abs(Double(counts[index]) - expected) <= allowed,
            "endpoint \(index): \(counts[index]), not \(expected); \(comment)",
            sourceLocation: sourceLocation)
    }
}
