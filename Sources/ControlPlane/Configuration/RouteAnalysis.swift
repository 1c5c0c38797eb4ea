public import Declarations

/// What the analysis found about one route.
public struct RouteFinding: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        /// Another route that wins first takes every request that this one matches.
        case unreachable
        /// Another route matches exactly the same requests with the same priority; only the id decides.
        case duplicate
        /// Another route takes all requests of this path (and host) of the route, but not of all of them.
        case partlyUnreachable(pattern: String)
    }

    public var kind: Kind
    /// The index of the route.
    public var route: Int
    /// The index of the route that takes its requests.
    public var winner: Int

    public init(kind: Kind, route: Int, winner: Int) {
        self.kind = kind
        self.route = route
        self.winner = winner
    }
}

/// Finds routes that no request can ever take.
///
/// A route is compared as its combinations of one host and one path. A combination is dead when a single combination of another
/// route wins before it and matches all that it matches: the same host or a wider one, a path pattern that covers its own, the
/// same methods or more, and no condition on headers or query that it lacks. What several routes cover only together is not
/// found, nor what a regular expression covers, except an equal one.
///
/// The combinations lie in a trie of path segments, so that each looks only at patterns that cover its own: ten thousand
/// routes take milliseconds.
public struct RouteAnalysis {
    /// A route of more combinations is left out.
    static let combinationsMax = 1_024
    /// Candidates looked at in one place of the trie; the rest is left out.
    static let candidatesMax = 512

    let routes: [RouteDeclaration]
    var combinations: [RouteCombination] = []
    /// For each route its combinations.
    private var ranges: [Range<Int>] = []
    var trie = RouteTrie()

    /// The findings, by the order of the routes.
    public static func findings(in routes: [RouteDeclaration]) -> [RouteFinding] {
        var analysis = RouteAnalysis(routes)
        analysis.index()
        return routes.indices.compactMap { analysis.finding(for: $0) }
    }

    private init(_ routes: [RouteDeclaration]) {
        self.routes = routes
    }

    private mutating func index() {
        combinations.reserveCapacity(routes.count)
        for (number, route) in routes.enumerated() {
            let start = combinations.count
            defer { ranges.append(start..<combinations.count) }
            let match = route.match
            guard max(match.hosts.count, 1) * max(match.paths.count, 1) <= Self.combinationsMax else { continue }
            let everyPath = PathPatternDeclaration.segments([], tail: true, source: "/**")
            for path in match.paths.isEmpty ? [everyPath] : match.paths {
                for host in match.hosts.isEmpty ? [""] : match.hosts {
                    let terminal = trie.insert(path, priority: route.priority)
                    combinations.append(
                        RouteCombination(route: number, host: host, path: path, terminal: terminal, next: -1))
                    let last = combinations.count - 1
                    let key = RouteTrie.Key(terminal: terminal, host: host, predicate: Self.firstPredicate(of: match))
                    combinations[last].next = trie.chain(last, under: key)
                }
            }
        }
    }

    private func finding(for route: Int) -> RouteFinding? {
        guard !ranges[route].isEmpty else { return nil }
        var winners: [(combination: Int, winner: Int)] = []
        for combination in ranges[route] {
            if let winner = winner(over: combinations[combination]) { winners.append((combination, winner)) }
        }
        guard let first = winners.first else { return nil }
        guard winners.count == ranges[route].count else {
            let dead = combinations[first.combination]
            let pattern = dead.path.source + (dead.host.isEmpty ? "" : " of \(dead.host)")
            return RouteFinding(kind: .partlyUnreachable(pattern: pattern), route: route, winner: first.winner)
        }
        let isDuplicate = winners.allSatisfy { isSame(first.winner, route) && $0.winner == first.winner }
        return RouteFinding(kind: isDuplicate ? .duplicate : .unreachable, route: route, winner: first.winner)
    }

    /// A route that wins before the combination and covers it.
    private func winner(over combination: RouteCombination) -> Int? {
        let route = routes[combination.route]
        let keys = Self.predicateKeys(of: route.match)
        for terminal in trie.covering(combination.path, own: combination.terminal, above: route.priority) {
            let hosts =
                trie.maxPriority(terminal) > route.priority ? Self.covering(combination.host) : [combination.host]
            for host in hosts {
                for key in keys {
                    var candidate = trie.first(under: .init(terminal: terminal, host: host, predicate: key))
                    var count = 0
                    while candidate >= 0, count < Self.candidatesMax {
                        let other = combinations[candidate]
                        if other.route != combination.route, wins(other, over: combination),
                            covers(routes[other.route].match, route.match)
                        {
                            return other.route
                        }
                        candidate = other.next
                        count += 1
                    }
                }
            }
        }
        return nil
    }

    /// Of two combinations of which the first covers the second's host and path. With equal priority a wider host or pattern
    /// always comes later, so only the same host and the same shape of path can win.
    private func wins(_ left: RouteCombination, over right: RouteCombination) -> Bool {
        let leftRoute = routes[left.route]
        let rightRoute = routes[right.route]
        if leftRoute.priority != rightRoute.priority { return leftRoute.priority > rightRoute.priority }
        guard left.host == right.host, left.terminal == right.terminal else { return false }
        let leftCount = Self.predicateCount(leftRoute.match)
        let rightCount = Self.predicateCount(rightRoute.match)
        if leftCount != rightCount { return leftCount > rightCount }
        return leftRoute.id.utf8.lexicographicallyPrecedes(rightRoute.id.utf8)
    }

    private func covers(_ wide: MatchDeclaration, _ narrow: MatchDeclaration) -> Bool {
        if !wide.methods.isEmpty {
            guard !narrow.methods.isEmpty, narrow.methods.allSatisfy(wide.methods.contains) else { return false }
        }
        return Self.isImplied(wide.headers, by: narrow.headers) && Self.isImplied(wide.query, by: narrow.query)
    }

    private func isSame(_ left: Int, _ right: Int) -> Bool {
        let (left, right) = (routes[left], routes[right])
        return left.priority == right.priority && covers(left.match, right.match) && covers(right.match, left.match)
            && Set(left.match.hosts) == Set(right.match.hosts) && left.match.paths.count == right.match.paths.count
    }
}

/// One host and one path of a route.
struct RouteCombination {
    var route: Int
    /// Empty: every host.
    var host: String
    var path: PathPatternDeclaration
    /// Where the path ends in the trie; two paths of the same shape end at the same place.
    var terminal: Int
    /// The next combination under the same key, or -1.
    var next: Int
}
