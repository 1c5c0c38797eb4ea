import Testing

@testable import Upstreams

@Suite struct MaglevTableTests {
    private func names(_ count: Int) -> [String] { (0..<count).map { "10.1.\($0 / 250).\($0 % 250):80" } }

    /// How many of the slots' hashes lead to each endpoint.
    private func slots(_ table: MaglevTable, of count: Int, size: Int) -> [Int] {
        var counts = Array(repeating: 0, count: count)
        for slot in 0..<size {
            // The middle of the slot's part of all hashes.
            let hash = UInt64((Double(slot) + 0.5) / Double(size) * 0x1p64)
            counts[table.endpoint(hash)] += 1
        }
        return counts
    }

    @Test func `both sizes are prime`() {
        for size in [MaglevTable.smallSize, MaglevTable.largeSize] {
            #expect((2..<300).allSatisfy { size % $0 != 0 })
        }
    }

    @Test(arguments: [1, 2, 3, 7, 64, 65, 300])
    func `equal endpoints have equally many slots, give or take one`(count: Int) {
        let table = MaglevTable(identities: names(count), weights: Array(repeating: 1, count: count), key: .placement)
        let size = count <= 64 ? MaglevTable.smallSize : MaglevTable.largeSize
        let counts = slots(table, of: count, size: size)
        #expect(counts.max()! - counts.min()! <= 1)
    }

    @Test(arguments: [[1, 2], [1, 1_000], [5, 3, 1], [1, 10, 100, 1_000]])
    func `slots follow weights`(weights: [Int]) {
        let table = MaglevTable(identities: names(weights.count), weights: weights, key: .placement)
        let counts = slots(table, of: weights.count, size: MaglevTable.smallSize)
        for index in weights.indices {
            let fair = Double(MaglevTable.smallSize * weights[index]) / Double(weights.reduce(0, +))
            #expect(abs(Double(counts[index]) - fair) <= 2, "\(counts)")
        }
    }

    @Test func `an identity listed twice takes both turns`() {
        let table = MaglevTable(identities: ["a", "b", "a"], weights: [1, 1, 1], key: .placement)
        let counts = slots(table, of: 3, size: MaglevTable.smallSize)
        #expect(counts.max()! - counts.min()! <= 1)
    }

    @Test func `without endpoints there is no place`() {
        #expect(MaglevTable(identities: [], weights: [], key: .placement).endpoint(7) == -1)
    }
}
