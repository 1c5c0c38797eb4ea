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

    /// A field that the gateway fills from a token or a key is nobody else's: two filters would send two lines.
    func checkFields(_ filters: [Located<FilterDeclaration>]) {
        var filled: [String: Int] = [:]
        for filter in filters {
            switch filter.value {
            case .token(let token): for header in token.claimHeaders { filled[header.name.lowercased()] = filter.node }
            case .apiKey(let key): filled[key.nameHeader.lowercased()] = filter.node
            default: continue
            }
        }
        guard !filled.isEmpty else { return }
        for filter in filters {
            let name: String
            switch filter.value {
            case .setRequestHeader(let set, _): name = set
            case .removeRequestHeader(let removed): name = removed
            default: continue
            }
            guard let other = filled[name.lowercased()] else { continue }
            reading.error(
                "conflicting-header", at: filter.node,
                "`\(name)` is filled from what the client shows, at line \(reading.document.nodes[other].line)",
                expected: "another header field; what clients send under this name is removed in any case")
        }
    }

    /// Octets of all tables of limits together.
    private static let limitBytesMax = 4 << 30

    /// Limits of one name must be the same limit, wherever they stand; a limit by a claim needs a token first.
    func checkLimits(_ routes: [(id: String, filters: [Located<FilterDeclaration>])]) {
        var known: [String: Located<FilterDeclaration>] = [:]
        var claims: Set<Int> = []
        for route in routes {
            var hasToken = false
            for filter in route.filters {
                if case .token = filter.value { hasToken = true }
                guard let counting = filter.value.counting else { continue }
                checkClaims(counting.key, filter.node, hasToken, route.id, &claims)
                guard let first = known[counting.name] else {
                    known[counting.name] = filter
                    continue
                }
                guard first.value != filter.value, first.node != filter.node else { continue }
                reading.error(
                    "conflicting-limit", at: filter.node,
                    "the limit `\(counting.name)` is another one at line \(reading.document.nodes[first.node].line)",
                    expected: "the same limit under the same name, or another `name`")
            }
        }
        let bytes = known.values.reduce(0) { $0 + 64 * ($1.value.counting?.keysMax ?? 0) }
        guard bytes > Self.limitBytesMax,
            let largest =
                known.values.max(by: { $0.value.counting?.keysMax ?? 0 < $1.value.counting?.keysMax ?? 0 })
        else {
            return
        }
        reading.error(
            "out-of-range", at: largest.node,
            "the tables of all \(known.count) limits together take \(bytes >> 30) GiB",
            expected: "at most \(Self.limitBytesMax >> 30) GiB; smaller `keys-max`, or one `name` for several routes")
    }

    private func checkClaims(
        _ key: [LimitKeyDeclaration], _ node: Int, _ hasToken: Bool, _ route: String, _ reported: inout Set<Int>
    ) {
        guard !hasToken, reported.insert(node).inserted else { return }
        for case .claim(let path) in key {
            reading.error(
                "no-token", at: node,
                "the limit counts by the claim `\(path)`, and route `\(route)` has no `jwt` before it",
                expected: "a filter `jwt` before the limit")
        }
    }

    /// In order, with the places that say what is wrong with one of them.
    func filters(of route: RouteDraft) -> [Located<FilterDeclaration>] {
        let own = (route.id?.value ?? "")
        let all = defaults.map { ($0, "defaults") } + route.filters.map { ($0, own) }
        return all.flatMap { filter, place -> [Located<FilterDeclaration>] in
            let members = filter.value.set.map { sets[$0.value]?.filters ?? [] } ?? [filter]
            let scope = filter.value.set?.value ?? place
            return members.compactMap { member in
                member.value.filter.map { Located(value: Self.named($0, scope), node: member.node) }
            }
        }
    }

    /// A limit without a name has that of the place where it stands: a route's is the route's own, a set's is the set's.
    private static func named(_ filter: FilterDeclaration, _ place: String) -> FilterDeclaration {
        switch filter {
        case .rateLimit(var limit) where limit.name.isEmpty:
            limit.name = place
            return .rateLimit(limit)
        case .concurrencyLimit(var limit) where limit.name.isEmpty:
            limit.name = place + ".concurrency"
            return .concurrencyLimit(limit)
        default: return filter
        }
    }
}
