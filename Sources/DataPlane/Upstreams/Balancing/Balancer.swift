public import Declarations
public import Kernel

/// An endpoint as the balancer sees it.
public struct BalancedEndpoint: Sendable, Equatable {
    /// What stays the same as long as it is the same endpoint, such as its address and port as text; placement by hash is made
    /// from it.
    public var identity: String
    /// Its share relative to the others, at least 1.
    public var weight: Int

    /// Both.
    public init(identity: String, weight: Int) {
        self.identity = identity
        self.weight = weight
    }
}

/// Chooses an endpoint by index. Pure: loads, time and dice are arguments; a pick allocates nothing.
///
/// It must never return an endpoint that is unavailable while enough are available. The surprising part: when fewer are available
/// than the share of panic, all count as available, because what is left would drown in the load of all (`isPanicking`).
///
/// Loads are those of one shard, so `least-requests`, `least-latency` and the bound of `consistent-hash` hold per shard.
public struct Balancer: Sendable {
    let balance: BalanceDeclaration
    let identities: [String]
    let hashLoadPercentMax: Int
    var shares: EndpointShares
    /// Empty unless the balance is by hash.
    let table: MaglevTable
    /// Without endpoints unless the balance is by latency.
    var latencies: LatencyEstimates
    /// Smooth weighted round-robin: what each endpoint has in credit. The sum is always 0 after a pick.
    private var credits: [Int]
    private var next: Int

    /// For these endpoints, all of them available and none of them in slow start. `firstTurn`: where turns begin; shards that
    /// begin at different places do not all send their first exchange to the same endpoint.
    ///
    /// For `consistent-hash` this builds a table, which takes milliseconds: not on a shard's thread, if it can be helped.
    public init(_ declaration: UpstreamDeclaration, endpoints: [BalancedEndpoint], firstTurn: Int = 0) {
        balance = declaration.balance
        identities = endpoints.map(\.identity)
        hashLoadPercentMax = declaration.hashLoadPercentMax
        let weights = endpoints.map(\.weight)
        shares = EndpointShares(
            weights: weights, panicPercent: declaration.health.panicPercent,
            slowStartNanoseconds: UInt64(max(0, declaration.slowStartMilliseconds)) * 1_000_000)
        table = MaglevTable(
            identities: balance == .consistentHash ? identities : [],
            weights: balance == .consistentHash ? weights : [], key: .placement)
        latencies = LatencyEstimates(count: balance == .leastLatency ? endpoints.count : 0)
        credits = Array(repeating: 0, count: endpoints.count)
        next = endpoints.isEmpty ? 0 : Int(firstTurn.magnitude % UInt(endpoints.count))
    }

    /// For endpoints of these weights, each at least 1, that have no names: their places in the list are their identities.
    public init(_ balance: BalanceDeclaration, weights: [Int]) {
        var declaration = UpstreamDeclaration(id: "", endpoints: [])
        declaration.balance = balance
        self.init(
            declaration, endpoints: weights.indices.map { BalancedEndpoint(identity: "\($0)", weight: weights[$0]) })
    }

    // MARK: - Endpoints

    /// Takes over what `previous` knew about the endpoints that stay, by identity; those that are new start slowly from now on.
    public mutating func inherit(from previous: Balancer, now: UInt64) {
        var known: [String: Int] = [:]
        for (index, identity) in previous.identities.enumerated() { known[identity] = index }
        for index in identities.indices {
            guard let before = known[identities[index]] else {
                shares.startRamp(index, now: now)
                continue
            }
            shares.inherit(index, from: previous.shares, before)
            if balance == .leastLatency, previous.balance == .leastLatency {
                latencies.inherit(index, from: previous.latencies, before)
            }
        }
    }

    /// What the health of an endpoint says. One that becomes available again starts slowly, and its latency is forgotten.
    public mutating func setAvailable(_ isAvailable: Bool, endpoint: Int, now: UInt64) {
        guard shares.isAvailable[endpoint] != isAvailable else { return }
        shares.setAvailable(isAvailable, endpoint, now: now)
        if isAvailable, balance == .leastLatency { latencies.forget(endpoint) }
        // Credits of different sets of endpoints cannot be compared; kept, they would flood whoever comes back.
        for index in credits.indices { credits[index] = 0 }
    }

    /// Endpoints, available or not.
    public var endpointCount: Int { identities.count }
    /// Available endpoints.
    public var availableCount: Int { shares.availableCount }
    /// So few endpoints are available that all get exchanges again.
    public var isPanicking: Bool { shares.isPanicking }
    /// Whether an endpoint may get an exchange that belongs to it (a sticky cookie's): available, or in panic. An index that is
    /// none may not.
    public func mayUse(_ endpoint: Int) -> Bool {
        shares.isAvailable.indices.contains(endpoint) && (shares.isAvailable[endpoint] || shares.isPanicking)
    }

    // MARK: - Picking

    /// The next endpoint, or `nil` when none may be picked.
    ///
    /// - Parameters:
    ///   - active: exchanges in progress per endpoint, on this shard.
    ///   - hashKey: for `consistent-hash`, the `KeyedHash` of what the request is placed by; `nil` when it has none, and then the
    ///     less loaded of two is picked.
    ///   - avoiding: endpoints that have been tried; they are picked only when nothing else is left.
    ///   - now: monotonic nanoseconds.
    public mutating func pick(
        active: [Int], hashKey: UInt64? = nil, avoiding: EndpointSet = EndpointSet(), now: UInt64 = 0,
        random: inout FastRandom
    ) -> Int? {
        if now >= shares.staleFrom { shares.refresh(now) }
        // The common case first: it is worth five nanoseconds.
        if balance == .roundRobin, shares.areAllEqual, avoiding.isEmpty { return turn() }
        guard shares.candidateCount > 1 else { return shares.lastCandidate < 0 ? nil : shares.lastCandidate }
        if let index = choose(active, hashKey, avoiding, now, &random) { return index }
        return choose(active, hashKey, EndpointSet(), now, &random)
    }

    /// Among at least two candidates; `nil` only when all of them are to be avoided.
    private mutating func choose(
        _ active: [Int], _ hashKey: UInt64?, _ avoiding: EndpointSet, _ now: UInt64, _ random: inout FastRandom
    ) -> Int? {
        switch balance {
        case .roundRobin:
            return shares.areEqual ? turnOfCandidates(avoiding) : weightedTurn(avoiding)
        case .random:
            return avoiding.isEmpty ? shares.draw(&random) : shares.draw(avoiding: avoiding, &random)
        case .leastRequests:
            return lessLoaded(active, avoiding, &random)
        case .leastLatency:
            return fasterOrLessLoaded(active, avoiding, now, &random)
        case .consistentHash:
            guard let hashKey else { return lessLoaded(active, avoiding, &random) }
            return placed(hashKey, active, avoiding)
        }
    }

    private mutating func turn() -> Int {
        let picked = next
        next = picked &+ 1 == identities.count ? 0 : picked &+ 1
        return picked
    }

    /// The same among those that may be picked: a walk around the ring that steps over the others.
    private mutating func turnOfCandidates(_ avoiding: EndpointSet) -> Int? {
        for _ in identities.indices {
            let index = turn()
            if shares.shares[index] > 0, !avoiding.contains(index) { return index }
        }
        return nil
    }

    /// Each round everyone earns its share, the richest is picked and pays the sum: picks are spread, not clustered. Who is to be
    /// avoided earns as well, and so is made up for it later.
    private mutating func weightedTurn(_ avoiding: EndpointSet) -> Int? {
        var best = -1
        for index in credits.indices where shares.shares[index] > 0 {
            credits[index] += shares.shares[index]
            guard avoiding.isEmpty || !avoiding.contains(index) else { continue }
            if best < 0 || credits[index] > credits[best] { best = index }
        }
        // Without a payer nobody may keep what was earned.
        guard best >= 0 else {
            for index in credits.indices { credits[index] -= shares.shares[index] }
            return nil
        }
        credits[best] -= shares.total
        return best
    }
}
