/// A few endpoints of an upstream by index: those that an exchange has tried already. Plain bits, no heap.
public struct EndpointSet: Sendable {
    /// So many are remembered; one more takes the place of the oldest.
    public static let countMax = 8

    private var indices = InlineArray<8, UInt32>(repeating: 0)
    private var inserted = 0

    /// The empty set.
    public init() {}

    /// Nothing was ever inserted.
    public var isEmpty: Bool { inserted == 0 }

    /// Whether an endpoint is among those remembered.
    public func contains(_ index: Int) -> Bool {
        for place in 0..<min(inserted, Self.countMax) where Int(indices[place]) == index { return true }
        return false
    }

    /// Remembers an endpoint; one that is there already changes nothing.
    public mutating func insert(_ index: Int) {
        guard !contains(index) else { return }
        indices[inserted % Self.countMax] = UInt32(truncatingIfNeeded: index)
        inserted += 1
    }
}
