import Declarations
import Routing
import Testing

@Suite struct RouteTablePropertyTests {
    /// Set a number from a failure's message here to repeat it.
    private static let seeds: Range<UInt64> = {
        let start = UInt64.random(in: 0..<(1 << 40))
        return start..<(start + 4)
    }()

    private func ask(_ probe: Probe, _ request: ReferenceMatcher.Request) -> Probe.Result {
        let query = request.query.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
        return probe.match(
            request.method, request.host, request.path, query: query, headers: request.headers)
    }

    @Test(arguments: seeds)
    func `the table agrees with the obvious matcher`(seed: UInt64) throws {
        var random = RandomTables(generator: SeededGenerator(state: seed))
        for _ in 0..<150 {
            let routes = random.table()
            let reference = ReferenceMatcher(routes: routes)
            let probe = try Probe(routes)
            for _ in 0..<60 {
                let request = random.request()
                let expected = reference.match(request)
                let found = ask(probe, request)
                try #require(found == expected, "seed \(seed): \(request) in \(describe(routes))")
            }
        }
    }

    @Test(arguments: seeds)
    func `the order of the declarations never matters`(seed: UInt64) throws {
        var random = RandomTables(generator: SeededGenerator(state: seed))
        for _ in 0..<50 {
            let routes = random.table()
            let probe = try Probe(routes)
            let shuffled = try Probe(routes.shuffled(using: &random.generator))
            let order = probe.table.rankedOrder.map { probe.declarations[$0].id }
            #expect(order == shuffled.table.rankedOrder.map { shuffled.declarations[$0].id }, "seed \(seed)")
            for _ in 0..<40 {
                let request = random.request()
                try #require(ask(probe, request) == ask(shuffled, request), "seed \(seed): \(request)")
            }
        }
    }

    @Test(arguments: seeds)
    func `an explanation names the route that routing takes`(seed: UInt64) throws {
        var random = RandomTables(generator: SeededGenerator(state: seed))
        for _ in 0..<50 {
            let routes = random.table()
            let probe = try Probe(routes)
            for _ in 0..<20 {
                let request = random.request()
                let query = request.query.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
                let explanation = probe.explain(
                    request.method, request.host, request.path, query: query, headers: request.headers)
                try #require(explanation.entries.map(\.routeIndex) == probe.table.rankedOrder)
                let winners = explanation.entries.filter { $0.outcome == .wins }.map(\.routeIndex)
                try #require(winners == (explanation.winner.map { [$0] } ?? []), "seed \(seed)")
                switch ask(probe, request) {
                case .route(let id): try #require(explanation.winner.map { routes[$0].id } == id)
                case .notAllowed(let allow): try #require(explanation.notFound == .method(allow: allow))
                case .notFound: try #require(explanation.winner == nil && explanation.notFound != nil)
                }
            }
        }
    }

    private func describe(_ routes: [RouteDeclaration]) -> String {
        routes.map { route in
            let match = route.match
            return "\(route.id) p\(route.priority) \(match.hosts) \(match.paths.map(\.source)) \(match.methods) "
                + RouteListing.predicates(of: match).joined(separator: ";")
        }.joined(separator: "\n")
    }
}
