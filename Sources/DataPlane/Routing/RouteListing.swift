public import Declarations

/// A route's predicates as text for people: `martlet routes`, `/routes`, `explain`.
public enum RouteListing {
    /// Hosts and paths in one text, `*` and `/**` where nothing is asked: `api.example.com/orders/{id}`.
    public static func pattern(of match: MatchDeclaration) -> String {
        let hosts = match.hosts.isEmpty ? "" : match.hosts.joined(separator: ",")
        let paths = match.paths.isEmpty ? "/**" : match.paths.map(\.source).joined(separator: ",")
        return hosts.isEmpty || match.paths.count < 2 && match.hosts.count < 2 ? hosts + paths : hosts + " " + paths
    }

    /// Methods, or `*`.
    public static func methods(of match: MatchDeclaration) -> String {
        match.methods.isEmpty ? "*" : match.methods.joined(separator: ",")
    }

    /// The further predicates, each as it would be written: `x-env: staging`, `?page: present`.
    public static func predicates(of match: MatchDeclaration) -> [String] {
        match.headers.map { text(of: $0) } + match.query.map { "?" + text(of: $0) }
    }

    private static func text(of predicate: FieldPredicateDeclaration) -> String {
        switch predicate.condition {
        case .equal(let value): "\(predicate.name): \(value)"
        case .present: "\(predicate.name): present"
        case .absent: "\(predicate.name): absent"
        case .regex(let expression): "\(predicate.name): ~\(expression)"
        }
    }
}
