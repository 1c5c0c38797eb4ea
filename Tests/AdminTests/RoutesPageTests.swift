import Declarations
import Testing

@testable import Admin

struct RoutesPageTests {
    private var route: RouteDeclaration {
        var route = RouteDeclaration(id: "items", action: .forward(upstream: "origin"))
        route.match.paths = [.segments([.literal("items"), .capture("id")], tail: false, source: "/items/{id}")]
        route.match.methods = ["GET"]
        route.match.headers = [FieldPredicateDeclaration(name: "x-env", condition: .equal("staging"))]
        route.filters = [.stripPrefix("/api"), .requestSize(bytes: 1_048_576)]
        route.line = 7
        return route
    }

    @Test func `the table has aligned columns and shows what a route does`() {
        var catchAll = RouteDeclaration(id: "everything-else", action: .respond(RespondDeclaration()))
        catchAll.priority = -1
        let lines = RoutesPage.text([route, catchAll]).split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[0].hasPrefix("RANK  ROUTE"))
        #expect(lines[1].contains("x-env: staging"))
        #expect(lines[1].contains("strip-prefix: /api; request-size: 1MiB"))
        #expect(lines[2].contains("everything-else (priority -1)"))
        let column = lines[0].distance(from: lines[0].startIndex, to: lines[0].firstRange(of: "MATCH")!.lowerBound)
        #expect(lines[1].dropFirst(column).hasPrefix("/items/{id}"))
        #expect(lines[2].dropFirst(column).hasPrefix("/**"))
    }

    @Test func `the JSON has every part of a route`() {
        let text = String(decoding: RoutesPage.json([route]), as: UTF8.self)
        #expect(
            text == #"{"routes":[{"rank":1,"id":"items","priority":0,"match":"/items/{id}","hosts":[],"#
                + #""paths":["/items/{id}"],"methods":["GET"],"predicates":["x-env: staging"],"#
                + #""filters":["strip-prefix: /api","request-size: 1MiB"],"#
                + #""action":{"kind":"forward","upstream":"origin"},"upgrade":["websocket"],"line":7}]}"# + "\n")
    }

    @Test func `the table tells of upgrades that are not as everywhere`() {
        var closed = route
        closed.upgrades = []
        #expect(RoutesPage.text([closed]).contains("forward origin (upgrade off)"))
        var other = route
        other.upgrades = ["websocket", "example/2"]
        #expect(RoutesPage.text([other]).contains("forward origin (upgrade websocket, example/2)"))
        let answer = RouteDeclaration(id: "a", action: .respond(RespondDeclaration()))
        #expect(!String(decoding: RoutesPage.json([answer]), as: UTF8.self).contains("upgrade"))
    }

    @Test(arguments: [
        (0, "off"), (1, "1B"), (1_024, "1KiB"), (1_536, "1536B"), (10_485_760, "10MiB"), (1_073_741_824, "1GiB"),
    ])
    func `sizes have the largest unit that is exact`(bytes: Int, expected: String) {
        #expect(RouteText.size(bytes) == expected)
    }
}
