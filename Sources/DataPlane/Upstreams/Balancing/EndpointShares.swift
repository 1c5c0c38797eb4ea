internal import Kernel

/// Which endpoints may be picked, and what share each has at the moment: weight, availability, panic and slow start in one place.
///
/// Changes only mark the shares as stale; the next pick computes them anew, in place. So many changes at once cost one pass, and a
/// pick without changes costs one comparison.
struct EndpointShares: Sendable {
    /// What a weight is multiplied with when nothing holds it back.
    static let fullFactor = 1_024
    /// Where a ramp begins: a tenth of that, rounded up.
    static let firstFactor = (fullFactor + 9) / 10
    /// A ramp rises in so many steps.
    static let rampSteps: UInt64 = 64
    /// Up to so many endpoints are searched one by one.
    static let walkMax = 32

    /// As configured, each at least 1.
    let weights: [Int]
    let panicPercent: Int
    let slowStartNanoseconds: UInt64

    private(set) var isAvailable: [Bool]
    private(set) var availableCount: Int
    /// When the ramp of an endpoint began; `UInt64.max` when it has its full share.
    private var rampStarts: [UInt64]

    /// Weight times factor; 0 for an endpoint that may not be picked.
    private(set) var shares: [Int]
    /// The sum of the shares up to and with each endpoint.
    private var bounds: [Int]
    private(set) var total = 0
    /// Endpoints with a share.
    private(set) var candidateCount = 0
    /// The last endpoint with a share, -1 without any; the one there is when there is but one.
    private(set) var lastCandidate = -1
    /// All endpoints that have a share have the same.
    private(set) var areEqual = true
    /// There are endpoints, all of them have a share, and all have the same: nothing need be looked up.
    private(set) var areAllEqual = false
    /// From this time on the shares are stale.
    private(set) var staleFrom: UInt64 = 0

    init(weights: [Int], panicPercent: Int, slowStartNanoseconds: UInt64) {
        precondition(weights.allSatisfy { $0 > 0 }, "a weight is at least 1")
        self.weights = weights
        self.panicPercent = panicPercent
        self.slowStartNanoseconds = slowStartNanoseconds
        isAvailable = Array(repeating: true, count: weights.count)
        availableCount = weights.count
        rampStarts = Array(repeating: .max, count: weights.count)
        shares = Array(repeating: 0, count: weights.count)
        bounds = shares
        refresh(0)
    }

    /// So few are available that all count as available.
    var isPanicking: Bool { availableCount * 100 < panicPercent * weights.count }

    /// Available now, or not; one that comes back starts slowly.
    mutating func setAvailable(_ available: Bool, _ index: Int, now: UInt64) {
        guard isAvailable[index] != available else { return }
        isAvailable[index] = available
        availableCount += available ? 1 : -1
        rampStarts[index] = .max
        if available { startRamp(index, now: now) }
        staleFrom = 0
    }

    /// From now on an endpoint rises from a tenth of its share to all of it.
    mutating func startRamp(_ index: Int, now: UInt64) {
        guard slowStartNanoseconds > 0 else { return }
        rampStarts[index] = now
        staleFrom = 0
    }

    /// Takes over what was known about an endpoint of another table.
    mutating func inherit(_ index: Int, from other: EndpointShares, _ otherIndex: Int) {
        if isAvailable[index] != other.isAvailable[otherIndex] {
            isAvailable[index].toggle()
            availableCount += isAvailable[index] ? 1 : -1
        }
        if slowStartNanoseconds > 0 { rampStarts[index] = other.rampStarts[otherIndex] }
        staleFrom = 0
    }

    /// Computes all shares for this moment.
    mutating func refresh(_ now: UInt64) {
        let panics = isPanicking
        var common = 0
        var isRamping = false
        total = 0
        candidateCount = 0
        lastCandidate = -1
        areEqual = true
        for index in weights.indices {
            let factor = panics ? Self.fullFactor : isAvailable[index] ? rampFactor(index, now: now) : 0
            if rampStarts[index] != .max { isRamping = true }
            let share = weights[index] * factor
            shares[index] = share
            total += share
            bounds[index] = total
            guard share > 0 else { continue }
            candidateCount += 1
            lastCandidate = index
            if common == 0 { common = share }
            if share != common { areEqual = false }
        }
        areAllEqual = areEqual && candidateCount == weights.count && candidateCount > 0
        staleFrom = isRamping ? now &+ max(1, slowStartNanoseconds / Self.rampSteps) : .max
    }

    /// Linear from `firstFactor` to `fullFactor` over the time of the slow start.
    private mutating func rampFactor(_ index: Int, now: UInt64) -> Int {
        let start = rampStarts[index]
        guard start != .max else { return Self.fullFactor }
        let elapsed = now > start ? now &- start : 0
        if elapsed >= slowStartNanoseconds {
            rampStarts[index] = .max
            return Self.fullFactor
        }
        let climbed = Double(Self.fullFactor - Self.firstFactor) * Double(elapsed) / Double(slowStartNanoseconds)
        return Self.firstFactor + Int(climbed)
    }

    // MARK: - Drawing

    /// An endpoint by share. There must be a candidate. O(1) when all shares are equal, otherwise O(log n).
    func draw(_ random: inout FastRandom) -> Int {
        if areAllEqual { return random.below(weights.count) }
        return find(random.below(total))
    }

    /// The same, but never this candidate. There must be another.
    func draw(except first: Int, _ random: inout FastRandom) -> Int {
        if areAllEqual {
            let place = random.below(weights.count - 1)
            return place >= first ? place + 1 : place
        }
        let place = random.below(total - shares[first])
        return find(place >= bounds[first] - shares[first] ? place + shares[first] : place)
    }

    /// The same, outside a set; `nil` when no candidate is. O(n): for the exchanges that failed before.
    func draw(except first: Int = -1, avoiding: EndpointSet, _ random: inout FastRandom) -> Int? {
        var sum = 0
        for index in shares.indices where index != first && !avoiding.contains(index) { sum += shares[index] }
        guard sum > 0 else { return nil }
        var place = random.below(sum)
        for index in shares.indices where index != first && !avoiding.contains(index) {
            place -= shares[index]
            if place < 0 { return index }
        }
        preconditionFailure("the place lies within the sum of the shares")
    }

    /// The first endpoint whose bound lies above a place in 0..<total; one without a share never is.
    private func find(_ place: Int) -> Int {
        // Among a few, a walk is quicker than halving: it ends with the only branch that is hard to predict.
        if bounds.count <= Self.walkMax {
            for index in bounds.indices where bounds[index] > place { return index }
        }
        var low = 0
        var high = bounds.count - 1
        while low < high {
            let middle = (low + high) / 2
            if bounds[middle] > place { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
