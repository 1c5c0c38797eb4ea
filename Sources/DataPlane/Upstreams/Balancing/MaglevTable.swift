/// A lookup table from hash to endpoint that changes little when an endpoint comes or goes (Eisenbud et al., "Maglev", NSDI 2016, §3.4).
///
/// Every endpoint visits the slots in an order of its own, made from its identity, and they take turns claiming the next free one;
/// a heavier endpoint gets more turns. The result depends on identities and weights alone, never on the order of the list, so all
/// shards, processes and hosts build the same table.
///
/// Endpoints that are merely unavailable stay in the table: the balancer passes them over, and their keys return with them.
struct MaglevTable: Sendable {
    /// The size up to `smallEndpointsMax` endpoints: 32 KiB, at least 256 slots each.
    static let smallSize = 16_381
    static let smallEndpointsMax = 64
    /// The size beyond: 128 KiB. From one size to the other nearly every key moves, hence only two sizes, and a bound that few
    /// upstreams ever cross.
    static let largeSize = 65_537
    /// Endpoints beyond find no number in a slot and get no keys.
    static let endpointsMax = 65_535

    private let slots: [UInt16]

    /// Takes turns among endpoints with these identities and weights. O(size · log size) and, when a few weigh far more than most,
    /// O(size · endpoints): a matter of milliseconds, for building tables, not for requests.
    init(identities: [String], weights: [Int], key: HashKey) {
        precondition(identities.count == weights.count)
        let count = min(identities.count, Self.endpointsMax)
        let size = count <= Self.smallEndpointsMax ? Self.smallSize : Self.largeSize
        var entries = (0..<count).map {
            Entry(index: $0, identity: identities[$0], weight: weights[$0], size: size, key: key)
        }
        // Who comes first wins a contested slot: by hash, then by name, so that the list's order does not matter.
        entries.sort { ($0.rank, $0.identity) < ($1.rank, $1.identity) }
        slots = Self.fill(&entries, size: size)
    }

    /// The endpoint a hash leads to, or -1 without endpoints.
    func endpoint(_ hash: UInt64) -> Int {
        guard !slots.isEmpty else { return -1 }
        return Int(slots[Int(truncatingIfNeeded: hash.multipliedFullWidth(by: UInt64(slots.count)).high)])
    }

    private struct Entry {
        let index: Int
        let identity: String
        let weight: Int
        let rank: UInt64
        let skip: Int
        var next: Int
        /// The round in which its next turn falls, times its weight.
        var turn = 0

        init(index: Int, identity: String, weight: Int, size: Int, key: HashKey) {
            self.index = index
            self.identity = identity
            self.weight = weight
            rank = KeyedHash.hash(identity, key: key)
            let second = KeyedHash.following(rank)
            next = Int(truncatingIfNeeded: rank % UInt64(size))
            // The size is prime, so that any step from 1 to size - 1 visits every slot.
            skip = Int(truncatingIfNeeded: second % UInt64(size - 1)) + 1
        }
    }

    private static func fill(_ entries: inout [Entry], size: Int) -> [UInt16] {
        guard let heaviest = entries.map(\.weight).max() else { return [] }
        let free = UInt16.max
        var slots = [UInt16](repeating: free, count: size)
        var filled = 0
        var round = 0
        while true {
            round += 1
            for place in entries.indices {
                guard round * entries[place].weight >= entries[place].turn else { continue }
                entries[place].turn += heaviest
                var slot = entries[place].next
                while slots[slot] != free { slot = step(slot, entries[place].skip, size) }
                slots[slot] = UInt16(entries[place].index)
                entries[place].next = step(slot, entries[place].skip, size)
                filled += 1
                if filled == size { return slots }
            }
        }
    }

    private static func step(_ slot: Int, _ skip: Int, _ size: Int) -> Int {
        let next = slot + skip
        return next >= size ? next - size : next
    }
}
