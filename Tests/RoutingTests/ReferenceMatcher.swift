import Declarations

/// The contract's rules written the slow and obvious way, to compare the table with.
struct ReferenceMatcher {
    let routes: [RouteDeclaration]

    struct Request {
        var method: String
        var host: String
        var path: String
        var query: [(String, String)] = []
        var headers: [(String, String)] = []
    }

    func match(_ request: Request) -> Probe.Result {
        var winners: [(RouteDeclaration, String?, PathPatternDeclaration?)] = []
        var allowed: Set<String> = []
        for route in routes {
            let hosts: [String?] = route.match.hosts.isEmpty ? [nil] : route.match.hosts
            let paths: [PathPatternDeclaration?] = route.match.paths.isEmpty ? [nil] : route.match.paths
            for host in hosts where fits(host: host, request.host) {
                for path in paths where fits(path: path, request.path) {
                    guard predicatesHold(route, request) else { continue }
                    if route.match.methods.isEmpty || route.match.methods.contains(request.method) {
                        winners.append((route, host, path))
                    } else {
                        allowed.formUnion(route.match.methods)
                    }
                }
            }
        }
        let winner = winners.min { isBetter($0, $1) }
        if let winner { return .route(winner.0.id) }
        let order = ["GET", "HEAD", "POST", "PUT", "DELETE"]
        return allowed.isEmpty ? .notFound : .notAllowed(order.filter(allowed.contains))
    }

    private func predicatesHold(_ route: RouteDeclaration, _ request: Request) -> Bool {
        func holds(_ predicate: FieldPredicateDeclaration, _ fields: [(String, String)]) -> Bool {
            let values = fields.filter { $0.0 == predicate.name }.map(\.1)
            switch predicate.condition {
            case .present: return !values.isEmpty
            case .absent: return values.isEmpty
            case .equal(let value): return values.contains(value)
            case .regex(let expression):
                return values.contains { expression == "[ab]" ? $0 == "a" || $0 == "b" : false }
            }
        }
        return route.match.headers.allSatisfy { holds($0, request.headers) }
            && route.match.query.allSatisfy { holds($0, request.query) }
    }

    private func fits(host: String?, _ name: String) -> Bool {
        guard let host else { return true }
        guard host.hasPrefix("*.") else { return host == name.lowercased() }
        return name.lowercased().hasSuffix(host.dropFirst()) && name.count >= host.count
    }

    private func fits(path: PathPatternDeclaration?, _ text: String) -> Bool {
        switch path {
        case nil: return true
        case .regex(let expression):
            // The only expressions of the random tables: a literal, followed by anything or by nothing.
            let literal = expression.hasSuffix(".*") ? String(expression.dropLast(2)) : expression
            return expression.hasSuffix(".*") ? text.hasPrefix(literal) : text == literal
        case .segments(let segments, let tail, source: _):
            let parts = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard tail ? parts.count >= segments.count : parts.count == segments.count else { return false }
            return zip(segments, parts).allSatisfy { segment, part in
                if case .literal(let literal) = segment { literal == part } else { !part.isEmpty }
            }
        }
    }

    // MARK: Order

    private typealias Candidate = (RouteDeclaration, String?, PathPatternDeclaration?)

    private func isBetter(_ a: Candidate, _ b: Candidate) -> Bool {
        if a.0.priority != b.0.priority { return a.0.priority > b.0.priority }
        if hostRank(a.1) != hostRank(b.1) { return hostRank(a.1) > hostRank(b.1) }
        let order = compare(a.2, b.2)
        if order != 0 { return order < 0 }
        if predicates(a.0) != predicates(b.0) { return predicates(a.0) > predicates(b.0) }
        return Array(a.0.id.utf8).lexicographicallyPrecedes(Array(b.0.id.utf8))
    }

    private func hostRank(_ host: String?) -> Int {
        guard let host else { return -1 }
        return host.hasPrefix("*.") ? host.split(separator: ".").count : 1_000
    }

    private func predicates(_ route: RouteDeclaration) -> Int {
        (route.match.methods.isEmpty ? 0 : 1) + route.match.headers.count + route.match.query.count
    }

    private func pathClass(_ path: PathPatternDeclaration?) -> Int {
        switch path {
        case nil: return 4
        case .regex: return 2
        case .segments(let segments, let tail, source: _):
            if segments.isEmpty { return 4 }
            let literals = segments.count { if case .literal = $0 { true } else { false } }
            if literals == segments.count && !tail { return 0 }
            return literals > 0 ? 1 : 3
        }
    }

    private func compare(_ a: PathPatternDeclaration?, _ b: PathPatternDeclaration?) -> Int {
        if pathClass(a) != pathClass(b) { return pathClass(a) - pathClass(b) }
        switch (a, b) {
        case (.regex(let x), .regex(let y)): return y.utf8.count - x.utf8.count
        case (.segments(let x, let tailX, source: _), .segments(let y, let tailY, source: _)):
            for index in 0..<min(x.count, y.count) {
                let (left, right) = (isLiteral(x[index]), isLiteral(y[index]))
                if left != right { return left ? -1 : 1 }
            }
            // By kinds one is the beginning of the other: the longer one first, and a tail after an end.
            if x.count != y.count { return y.count - x.count }
            return tailX == tailY ? 0 : tailX ? 1 : -1
        default: return 0
        }
    }

    private func isLiteral(_ segment: PathSegmentDeclaration) -> Bool {
        if case .literal = segment { true } else { false }
    }
}
