import Testing

@Suite struct ClaimModelTests {
    /// Whether some interleaving gives a key two values, and how many states were looked at.
    private func search(
        _ model: ClaimModel, slots: Int, threads: Int, changes: Int
    ) -> (hasTwoValues: Bool, states: Int) {
        let first = ClaimModel.State(
            slots: Array(repeating: .empty, count: slots),
            threads: Array(repeating: .scanning(ClaimModel.Scan()), count: threads), changes: changes)
        var seen: Set<ClaimModel.State> = [first]
        var waiting = [first]
        while let state = waiting.popLast() {
            if state.slots.count(where: { $0 == .value }) > 1 { return (true, seen.count) }
            for next in model.successors(of: state) where seen.insert(next).inserted { waiting.append(next) }
        }
        return (false, seen.count)
    }

    @Test(arguments: [(2, 2, 2, 4), (3, 2, 1, 3), (2, 3, 0, 4)])
    func `no interleaving gives a key two values`(slots: Int, threads: Int, changes: Int, tickets: Int) {
        let (hasTwoValues, states) = search(
            ClaimModel(ticketsMax: tickets), slots: slots, threads: threads, changes: changes)
        #expect(!hasTwoValues)
        #expect(states > 1_000)
    }

    @Test(arguments: ClaimModel.Omission.allCases)
    func `without any one of its rules, some interleaving does`(omission: ClaimModel.Omission) {
        let model = ClaimModel(ticketsMax: 4, omission: omission)
        #expect(search(model, slots: 2, threads: 3, changes: 1).hasTwoValues)
    }
}
