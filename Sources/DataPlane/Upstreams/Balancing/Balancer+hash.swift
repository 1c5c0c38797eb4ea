// Placement by hash: the table names a home for each key, and a fixed walk from there the next one, and the next.
extension Balancer {
    /// Steps of the walk before the endpoints are taken one after the other; with half of them passed over, one key in 65,536
    /// gets that far.
    static let walkStepsMax = 16

    /// The first candidate on the key's walk that has room; without room anywhere the first candidate; `nil` when all are avoided.
    func placed(_ key: UInt64, _ active: [Int], _ avoiding: EndpointSet) -> Int? {
        let room = roomInAll(active)
        var withoutRoom = -1
        var step = key
        for _ in 0..<Self.walkStepsMax {
            let index = table.endpoint(step)
            step = KeyedHash.following(step)
            guard index >= 0, isCandidate(index, avoiding), accepts(key, index) else { continue }
            if hasRoom(index, active, room) { return index }
            if withoutRoom < 0 { withoutRoom = index }
        }
        // Without room at all the avoided ones have it, and then it is not needed.
        if let index = firstAfterHome(key, active, avoiding, room) { return index }
        return withoutRoom >= 0 ? withoutRoom : firstAfterHome(key, active, avoiding, -1)
    }

    /// Every endpoint once, in the order of the list, from the key's home on; the first candidate with room.
    private func firstAfterHome(_ key: UInt64, _ active: [Int], _ avoiding: EndpointSet, _ room: Int) -> Int? {
        let home = max(0, table.endpoint(key))
        for offset in identities.indices {
            let index = (home + offset) % identities.count
            if isCandidate(index, avoiding), hasRoom(index, active, room) { return index }
        }
        return nil
    }

    private func isCandidate(_ index: Int, _ avoiding: EndpointSet) -> Bool {
        shares.shares[index] > 0 && !avoiding.contains(index)
    }

    /// During slow start an endpoint takes only some of its keys, more and more of them; each key moves once, when its time comes.
    private func accepts(_ key: UInt64, _ index: Int) -> Bool {
        let full = shares.weights[index] * EndpointShares.fullFactor
        guard shares.shares[index] < full else { return true }
        let place = Int(truncatingIfNeeded: KeyedHash.following(~key) &>> 32)
        return place * full < shares.shares[index] << 32
    }

    // MARK: - Bounded load

    /// Exchanges that all candidates together may have once this one is added, or -1 without a bound (Mirrokni, Thorup and
    /// Zadimoghaddam, "Consistent Hashing with Bounded Loads", arXiv 1608.01350).
    private func roomInAll(_ active: [Int]) -> Int {
        guard hashLoadPercentMax > 0 else { return -1 }
        var sum = 1
        for index in shares.shares.indices where shares.shares[index] > 0 { sum += active[index] }
        // Below the average not everyone would find room.
        return (sum * max(100, hashLoadPercentMax) + 99) / 100
    }

    private func hasRoom(_ index: Int, _ active: [Int], _ room: Int) -> Bool {
        guard room >= 0 else { return true }
        return active[index] < (room * shares.shares[index] + shares.total - 1) / shares.total
    }
}
