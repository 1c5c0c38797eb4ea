import Configuration
import Declarations
import Testing

/// A route for every host.
private func route(
    _ id: String, _ paths: [String], priority: Int = 0, methods: [String] = [],
    headers: [(String, FieldConditionDeclaration)] = []
) -> RouteDeclaration {
    route(id, [], paths, priority: priority, methods: methods, headers: headers)
}

/// A route whose paths are written as in the file.
private func route(
    _ id: String, _ hosts: [String], _ paths: [String], priority: Int = 0, methods: [String] = [],
    headers: [(String, FieldConditionDeclaration)] = []
) -> RouteDeclaration {
    var route = RouteDeclaration(id: id, action: .respond(RespondDeclaration()))
    route.priority = priority
    route.match.hosts = hosts
    route.match.methods = methods
    route.match.headers = headers.map { FieldPredicateDeclaration(name: $0.0, condition: $0.1) }
    route.match.paths = paths.map { path in
        if path.hasPrefix("~") { return .regex(String(path.dropFirst())) }
        var parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        let tail = parts.last == "**"
        if tail { parts.removeLast() }
        let segments = parts.map { part -> PathSegmentDeclaration in
            part == "*" ? .any : part.hasPrefix("{") ? .capture(String(part)) : .literal(String(part))
        }
        return .segments(segments, tail: tail, source: path)
    }
    return route
}

@Suite struct RouteAnalysisTests {
    /// The first route is the one that may win, the second the one that may be dead.
    static let reachable: [[RouteDeclaration]] = [
        [route("a", ["/a/**"]), route("b", ["/a/b"])],
        [route("a", []), route("b", ["/a"])],
        [route("a", ["a.com"], ["/a"], priority: 1), route("b", ["/a"])],
        [route("a", ["*.a.com"], [], priority: 1), route("b", ["a.com"], [])],
        [route("a", ["/a/*"], priority: 1), route("b", ["/a/"])],
        [route("a", ["/a/*"], priority: 1), route("b", ["/a/**"])],
        [route("a", ["/a"], methods: ["GET"]), route("b", ["/a"])],
        [route("a", ["/a"], headers: [("x", .equal("1"))]), route("b", ["/a"], headers: [("x", .equal("2"))])],
        [route("a", ["/a"], headers: [("x", .equal("1"))]), route("b", ["/a"], headers: [("x", .present)])],
        [route("a", ["/a"], headers: [("x", .present)]), route("b", ["/a"], headers: [("x", .absent)])],
        [route("a", ["/a"]), route("b", ["/a"], methods: ["GET"])],
        [route("a", ["~/a"]), route("b", ["~/b"])],
        [route("a", ["~/.*"]), route("b", ["/**"])],
        [route("a", ["/a"], methods: ["GET"]), route("b", ["/a"], headers: [("x", .present)])],
    ]

    static let dead: [[RouteDeclaration]] = [
        [route("a", ["/**"], priority: 1), route("b", ["/a"])],
        [route("a", [], priority: 1), route("b", ["~/a"])],
        [route("a", ["/a/**"], priority: 1), route("b", ["/a"])],
        [route("a", ["/a/**"], priority: 1), route("b", ["/a/**"])],
        [route("a", ["/a/*/c"], priority: 1), route("b", ["/a/{b}/c"])],
        [route("a", ["/*/b/**"], priority: 1), route("b", ["/a/b/c/**"])],
        [route("a", ["*.com"], [], priority: 1), route("b", ["*.a.com"], ["/a"])],
        [route("a", ["*.a.com"], [], priority: 1), route("b", ["x.y.a.com"], ["/a"])],
        [route("a", ["/a"], methods: ["GET", "PUT"]), route("b", ["/a"], methods: ["PUT"])],
        [route("a", ["/a"], headers: [("x", .present)]), route("b", ["/a"], headers: [("x", .equal("1"))])],
        [route("a", ["/a"], priority: 1), route("b", ["/a"], methods: ["GET"], headers: [("x", .present)])],
        [route("a", ["~/a"], priority: 1), route("b", ["~/a"])],
    ]

    @Test(arguments: reachable)
    func `leaves a route alone that some request can take`(routes: [RouteDeclaration]) {
        #expect(RouteAnalysis.findings(in: routes) == [])
        #expect(RouteAnalysis.findings(in: routes.reversed()) == [])
    }

    @Test(arguments: dead)
    func `finds a route that no request can take, in any order of the file`(routes: [RouteDeclaration]) {
        #expect(RouteAnalysis.findings(in: routes) == [RouteFinding(kind: .unreachable, route: 1, winner: 0)])
        #expect(
            RouteAnalysis.findings(in: routes.reversed()) == [RouteFinding(kind: .unreachable, route: 0, winner: 1)])
    }

    @Test func `tells equal matches from covered ones`() {
        let routes = [
            route("b", ["/a/{x}"], headers: [("x", .present), ("y", .regex("a"))]),
            route("a", ["/a/*"], headers: [("y", .regex("a")), ("x", .present)]),
        ]
        #expect(RouteAnalysis.findings(in: routes) == [RouteFinding(kind: .duplicate, route: 0, winner: 1)])
    }

    @Test func `finds a route that two others cover together, path by path`() {
        let routes = [
            route("a", ["/a"]), route("b", ["/b"]), route("c", ["/a", "/b"]), route("d", ["x.com"], ["/a", "/c"]),
            route("e", ["x.com"], ["/c"]),
        ]
        #expect(
            RouteAnalysis.findings(in: routes) == [
                RouteFinding(kind: .unreachable, route: 2, winner: 0),
                RouteFinding(kind: .unreachable, route: 4, winner: 3),
            ])
    }

    @Test func `names the one path that is dead`() {
        let routes = [route("a", ["x.com"], ["/a"]), route("b", ["x.com", "y.com"], ["/a"])]
        #expect(
            RouteAnalysis.findings(in: routes) == [
                RouteFinding(kind: .partlyUnreachable(pattern: "/a of x.com"), route: 1, winner: 0)
            ])
    }
}
