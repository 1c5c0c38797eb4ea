internal import Declarations

/// Conditions on headers, query and hosts: which of them follow from others.
extension RouteAnalysis {
    static func predicateCount(_ match: MatchDeclaration) -> Int {
        (match.methods.isEmpty ? 0 : 1) + match.headers.count + match.query.count
    }

    /// Every condition of `wide` follows from one of `narrow`.
    static func isImplied(_ wide: [FieldPredicateDeclaration], by narrow: [FieldPredicateDeclaration]) -> Bool {
        wide.allSatisfy { condition in
            narrow.contains { $0.name == condition.name && follows(condition.condition, from: $0.condition) }
        }
    }

    private static func follows(_ condition: FieldConditionDeclaration, from other: FieldConditionDeclaration) -> Bool {
        if condition == other { return true }
        guard condition == .present else { return false }
        switch other {
        case .equal, .regex: return true
        case .present, .absent: return false
        }
    }

    /// The key under which a route is kept: its first condition, or nothing.
    static func firstPredicate(of match: MatchDeclaration) -> String {
        if let header = match.headers.first { return key("h", header, exact: true) }
        if let parameter = match.query.first { return key("q", parameter, exact: true) }
        return ""
    }

    /// The keys of all routes whose first condition may follow from the conditions of this match.
    static func predicateKeys(of match: MatchDeclaration) -> [String] {
        var keys = [""]
        for (kind, predicates) in [("h", match.headers), ("q", match.query)] {
            for predicate in predicates {
                keys.append(key(kind, predicate, exact: false))
                if case .equal = predicate.condition { keys.append(key(kind, predicate, exact: true)) }
            }
        }
        return keys
    }

    /// Equality has a key for each value; the other conditions share one for each name.
    private static func key(_ kind: String, _ predicate: FieldPredicateDeclaration, exact: Bool) -> String {
        if exact, case .equal(let value) = predicate.condition { return "\(kind)\0\(predicate.name)\0=\(value)" }
        return "\(kind)\0\(predicate.name)\0*"
    }

    /// The host itself and every pattern that is wider.
    static func covering(_ host: String) -> [String] {
        guard !host.isEmpty else { return [""] }
        var hosts = [host]
        var rest = host.hasPrefix("*.") ? host.dropFirst(2)[...] : host[...]
        while let dot = rest.firstIndex(of: "."), !host.hasPrefix("[") {
            rest = rest[rest.index(after: dot)...]
            hosts.append("*." + rest)
        }
        return hosts + [""]
    }
}
