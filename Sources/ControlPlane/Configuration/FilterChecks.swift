internal import Declarations

/// The filters of a route as they apply: those of `defaults.filters`, then its own, each set in the place where it is used.
struct FilterChecks {
    private var sets: [String: FilterSetDraft] = [:]
    private let defaults: [Located<FilterDraft>]
    private let reading: FileReading

    /// Reports sets that use sets, and names that there are not.
    init(draft: FileDraft, reading: FileReading) {
        self.reading = reading
        defaults = draft.defaults.filters
        for set in draft.filterSets {
            sets[set.name.value] = set
            for filter in set.filters where filter.value.set != nil {
                reading.error(
                    "nested-filter-set", at: filter.node, "a set of filters cannot use another one",
                    expected: "the filters themselves")
            }
        }
        var used: Set<String> = []
        let users = [defaults] + draft.routes.map(\.value.filters)
        for filter in users.joined() { if let name = check(filter) { used.insert(name) } }
        for set in draft.filterSets where !used.contains(set.name.value) {
            reading.warning(
                "unused-filter-set", at: set.name.node, "no route uses the filters `\(set.name.value)`")
        }
    }

    /// - Returns: the set that is used, or was probably meant.
    private func check(_ filter: Located<FilterDraft>) -> String? {
        guard let name = filter.value.set else { return nil }
        guard sets[name.value] == nil else { return name.value }
        let known = sets.keys.sorted()
        let near = Spelling.nearest(to: name.value, among: known)
        reading.error(
            "unknown-filter-set", at: name.node, "there is no set of filters `\(name.value)`",
            expected: "a name under `filter-sets`" + (known.isEmpty ? "; there is none" : ""), suggestion: near)
        return near
    }

    /// In order, with the places that say what is wrong with one of them.
    func filters(of route: RouteDraft) -> [Located<FilterDeclaration>] {
        (defaults + route.filters).flatMap { filter -> [Located<FilterDeclaration>] in
            let members = filter.value.set.map { sets[$0.value]?.filters ?? [] } ?? [filter]
            return members.compactMap { member in
                member.value.filter.map { Located(value: $0, node: member.node) }
            }
        }
    }
}
