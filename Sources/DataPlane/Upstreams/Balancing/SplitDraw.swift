public import Kernel

/// Draws among the targets of a split by weight.
public struct SplitDraw: Sendable {
    private let bounds: [Int]

    /// For targets of these weights; the sum is at least 1.
    public init(weights: [Int]) {
        var sum = 0
        bounds = weights.map {
            sum += $0
            return sum
        }
        precondition(sum > 0)
    }

    /// The index of a target.
    public func draw(random: inout FastRandom) -> Int {
        let place = random.below(bounds[bounds.count - 1])
        var index = 0
        while bounds[index] <= place { index += 1 }
        return index
    }
}
