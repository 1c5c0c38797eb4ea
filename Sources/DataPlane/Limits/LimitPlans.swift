/// Limits of certain keys: a client, a tenant or a claim's value that may do more or less than others.
///
/// An immutable table, built at reload. Values are compared octet by octet, not by hash only, for a plan is a
/// privilege.
public struct LimitPlans: Sendable {
    /// Most values with a plan of their own.
    public static let overridesMax = 1 << 16
    /// The limits; the first is that of every value without a plan of its own.
    public let limits: [GCRALimit]

    private let seed: LimitSeed
    /// Open addressing: the index of an override plus one, 0 if the place is empty; at most half are not.
    private var places: [UInt32]
    /// Where an override's value ends in `octets`; it begins where the one before ends.
    private var ends: [Int] = []
    private var octets: [UInt8] = []

    /// The limit of all values but these, which are distinct and no more than `overridesMax`.
    public init(standard: GCRALimit, overrides: [(value: String, limit: GCRALimit)] = [], seed: LimitSeed) {
        precondition(overrides.count <= Self.overridesMax)
        self.seed = seed
        limits = [standard] + overrides.map(\.limit)
        var size = 1
        while size < 2 * overrides.count { size *= 2 }
        places = Array(repeating: 0, count: size)
        for (index, override) in overrides.enumerated() {
            let value = Array(override.value.utf8)
            precondition(plan(of: value.span) == 0, "a value has one plan")
            var place = firstPlace(value.span)
            while places[place] != 0 { place = (place + 1) & (size - 1) }
            places[place] = UInt32(index + 1)
            octets += value
            ends.append(octets.count)
        }
    }

    /// The index in `limits` of this value's limit.
    public func plan(of value: Span<UInt8>) -> Int {
        guard limits.count > 1 else { return 0 }
        var place = firstPlace(value)
        while places[place] != 0 {
            let index = Int(places[place]) - 1
            if holds(index, value) { return index + 1 }
            place = (place + 1) & (places.count - 1)
        }
        return 0
    }

    /// This value's limit.
    public func limit(of value: Span<UInt8>) -> GCRALimit { limits[plan(of: value)] }

    private func firstPlace(_ value: Span<UInt8>) -> Int {
        var hasher = LimitKeyHasher(seed)
        hasher.append(value)
        return Int(truncatingIfNeeded: hasher.finish().hash) & (places.count - 1)
    }

    private func holds(_ index: Int, _ value: Span<UInt8>) -> Bool {
        guard index < ends.count else { return false }
        let start = index > 0 ? ends[index - 1] : 0
        guard ends[index] - start == value.count else { return false }
        for offset in value.indices where octets[start + offset] != value[offset] { return false }
        return true
    }
}
