import Declarations
import Routing
import Testing

@Suite struct RouteExplanationTests {
    private let routes = [
        route("host", "/a", hosts: ["x.io"]), route("path", "/b"), route("method", "/a", methods: ["POST"]),
        route("header", "/a", headers: [FieldPredicateDeclaration(name: "X-Env", condition: .equal("a"))]),
        route("query", "/a", query: [FieldPredicateDeclaration(name: "page", condition: .present)]),
        route("wins", "/*"), route("yields", "/**"), route("expression", "~/b.*", methods: ["POST"]),
    ]

    @Test func `each route is told its first failing predicate`() throws {
        let probe = try Probe(routes)
        let explanation = probe.explain("GET", "y.io", "/a")
        let outcomes = explanation.entries.reduce(into: [String: RouteExplanation.Outcome]()) {
            $0[routes[$1.routeIndex].id] = $1.outcome
        }
        #expect(
            outcomes == [
                "host": .fails(.host), "path": .fails(.path), "method": .fails(.method),
                "header": .fails(.header(name: "x-env")),
                "query": .fails(.query(name: "page")), "wins": .wins, "yields": .yields, "expression": .fails(.path),
            ])
        #expect(explanation.winner == 5)
        #expect(explanation.notFound == nil)
        #expect(explanation.entries.filter(\.isCandidate).count == 5)
    }

    @Test func `nothing found is explained`() throws {
        #expect(try Probe([route("r", hosts: ["x.io"])]).explain("GET", "y.io", "/").notFound == .host)
        #expect(try Probe([route("r", "/a")]).explain("GET", "y.io", "/b").notFound == .path)
        #expect(try Probe([route("r", "~/a")]).explain("GET", "y.io", "/b").notFound == .path)
        let header = FieldPredicateDeclaration(name: "n", condition: .present)
        #expect(try Probe([route("r", "/a", headers: [header])]).explain("GET", "h", "/a").notFound == .predicates)
        let allow = try Probe([route("r", "/a", methods: ["PUT"])]).explain("GET", "h", "/a").notFound
        #expect(allow == .method(allow: ["PUT"]))
        #expect(try Probe([]).explain("GET", "h", "/").notFound == .host)
    }

    @Test func `a route with several hosts is told by the one that came furthest`() throws {
        let probe = try Probe([route("r", "/a", "/b", hosts: ["x.io", "y.io"], methods: ["PUT"])])
        #expect(probe.explain("GET", "y.io", "/b").entries.map(\.outcome) == [.fails(.method)])
        #expect(probe.explain("PUT", "y.io", "/b").entries.map(\.outcome) == [.wins])
        #expect(probe.explain("PUT", "y.io", "/c").entries.map(\.outcome) == [.fails(.path)])
    }

    @Test func `listings read as the file is written`() {
        var match = route("r", "/a/{id}", hosts: ["x.io"], methods: ["GET"]).match
        match.query = [FieldPredicateDeclaration(name: "page", condition: .present)]
        #expect(RouteListing.pattern(of: match) == "x.io/a/{id}")
        #expect(RouteListing.methods(of: match) == "GET")
        #expect(RouteListing.predicates(of: match) == ["?page: present"])
        #expect(RouteListing.pattern(of: MatchDeclaration()) == "/**")
    }
}
