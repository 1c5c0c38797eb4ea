import Declarations
import HTTPModel
import Routing
import Testing

@testable import Admin

struct ExplainerTests {
    private static func path(_ source: String, tail: Bool = false) -> PathPatternDeclaration {
        let segments = source.split(separator: "/").map { segment -> PathSegmentDeclaration in
            segment.hasPrefix("{") ? .capture(String(segment.dropFirst().dropLast())) : .literal(String(segment))
        }
        return .segments(segments, tail: tail, source: source + (tail ? "/**" : ""))
    }

    /// Four routes: an exact one with a header, a capture with a rewrite, a tail with a prefix to strip, a redirect.
    private static var declaration: GatewayDeclaration {
        var declaration = GatewayDeclaration()
        declaration.upstreams = [
            UpstreamDeclaration(
                id: "origin",
                endpoints: [
                    EndpointDeclaration(host: "127.0.0.1", port: 9000, weight: 3),
                    EndpointDeclaration(host: "::1", port: 9001),
                ]),
            UpstreamDeclaration(id: "next", endpoints: [EndpointDeclaration(host: "next", port: 80)]),
        ]
        var staging = RouteDeclaration(id: "staging", action: .forward(upstream: "origin"))
        staging.match.paths = [path("/api/items/7")]
        staging.match.headers = [FieldPredicateDeclaration(name: "x-env", condition: .equal("staging"))]
        var item = RouteDeclaration(id: "item", action: .forward(upstream: "origin"))
        item.match.paths = [path("/api/items/{id}")]
        item.match.methods = ["GET"]
        item.filters = [.rewritePathTemplate("/v2/{id}"), .setRequestHeader(name: "X-A", value: "1")]
        var api = RouteDeclaration(
            id: "api",
            action: .split([
                SplitTargetDeclaration(upstream: "origin", weight: 90),
                SplitTargetDeclaration(upstream: "next", weight: 10),
            ]))
        api.match.hosts = ["api.example.com"]
        api.match.paths = [path("/api", tail: true)]
        api.filters = [.stripPrefix("/api")]
        var old = RouteDeclaration(
            id: "old", action: .redirect(RedirectDeclaration(location: "https://a.example{path}")))
        old.match.paths = [path("/old", tail: true)]
        declaration.routes = [old, api, item, staging]
        return declaration
    }

    private func explain(
        _ method: String, _ url: String, _ headers: [String] = []
    ) throws -> RequestExplanation {
        let sketch = try RequestSketch(method: method, url: url, headers: headers, defaultHost: "127.0.0.1:8080")
        return try Explainer(Self.declaration).explain(sketch)
    }

    private func winner(_ explanation: RequestExplanation) throws -> RequestExplanation.Winner {
        guard case .route(let winner) = explanation.verdict else {
            Issue.record("no route: \(explanation.verdict)")
            throw CancellationError()
        }
        return winner
    }

    @Test func `the winner comes with filters, forwarded path and endpoints`() throws {
        let explanation = try explain("GET", "http://localhost/api/x/../items/%37?a=1")
        let winner = try winner(explanation)
        #expect(winner.route.id == "item")
        #expect(winner.forwardedPath == "/v2/7")
        #expect(winner.destinations.map(\.upstream.id) == ["origin"])
        #expect(explanation.path == "/api/items/7")
        #expect(explanation.receivedPath == "/api/x/../items/%37")
        #expect(explanation.query == "a=1")
        let text = explanation.text()
        #expect(text.contains("fails: header x-env: staging"))
        #expect(text.contains("forwarded  /v2/7?a=1"))
        #expect(text.contains("endpoint 127.0.0.1:9000 weight 3"))
        #expect(text.contains("endpoint [::1]:9001 weight 1"))
        #expect(text.contains("1. rewrite-path: /v2/{id}"))
    }

    @Test func `a header decides, and the route below it yields`() throws {
        let explanation = try explain("GET", "http://localhost/api/items/7", ["X-Env: staging"])
        #expect(try winner(explanation).route.id == "staging")
        let outcomes = Dictionary(uniqueKeysWithValues: explanation.rows.map { ($0.route.id, $0.outcome) })
        #expect(outcomes["item"] == .yields)
        #expect(outcomes["api"] == .fails(.host))
        #expect(outcomes["old"] == .fails(.path))
    }

    @Test func `a split tells every destination with its share`() throws {
        let winner = try winner(try explain("POST", "http://api.example.com/api/carts"))
        #expect(winner.forwardedPath == "/carts")
        #expect(winner.destinations.map(\.weight) == [90, 10])
        #expect(winner.destinations.allSatisfy { $0.weightSum == 100 })
    }

    @Test func `an upstream is shown with its settings, and a route with its upgrades`() throws {
        let explanation = try explain("GET", "http://localhost/api/items/8")
        #expect(explanation.text().contains("\n  upgrade    websocket\n"))
        #expect(explanation.text().contains("\n    queue                 { pending-max: 1024, timeout: 1s }\n"))
        let json = String(decoding: explanation.json(), as: UTF8.self)
        #expect(json.contains(#""upgrade":["websocket"],"#))
        #expect(json.contains(#""settings":{"pool":"{ connections-max: 1024, "#))
    }

    @Test func `a redirect tells its location and no upstream`() throws {
        let winner = try winner(try explain("GET", "http://localhost/old/thing"))
        #expect(winner.location == "https://a.example/old/thing")
        #expect(winner.forwardedPath == nil)
        #expect(!winner.pathRefused)
    }

    @Test func `a wrong method is told with the methods there are`() throws {
        let explanation = try explain("DELETE", "http://localhost/api/items/8")
        #expect(explanation.verdict == .notFound(.method(allow: ["GET"])))
        #expect(!explanation.isRouted)
        #expect(explanation.text().contains("405, Allow: GET"))
    }

    @Test(arguments: ["/a/%2F", "/../../etc", "/%zz"])
    func `a path that the gateway refuses is refused here`(path: String) throws {
        let explanation = try explain("GET", "http://localhost" + path)
        guard case .refused(let error, let reason) = explanation.verdict else {
            Issue.record("not refused: \(explanation.verdict)")
            return
        }
        #expect(error == .badRequest)
        #expect(!reason.isEmpty)
    }

    @Test func `a head that the gateway refuses is refused here`() throws {
        #expect(!(try explain("GET", "http://localhost/", ["Content-Length: x"]).isRouted))
        let long = String(repeating: "a", count: 9_000)
        #expect(
            try explain("GET", "http://localhost/" + long).verdict
                == .refused(.targetTooLong, reason: GatewayError.targetTooLong.title.description))
    }

    @Test func `the JSON tells the outcome of each route`() throws {
        let json = String(decoding: try explain("DELETE", "/api/items/8").json(), as: UTF8.self)
        #expect(json.hasPrefix(#"{"method":"DELETE","host":"127.0.0.1","path":"/api/items/8""#))
        #expect(
            json.contains(
                #"{"id":"item","match":"/api/items/{id}","candidate":true,"outcome":"fails","failed":"method"#))
        #expect(json.hasSuffix(#""winner":null,"status":405,"reason":"method","allow":["GET"]}"# + "\n"))
    }

    @Test func `a Host line wins over the URL, and a fragment is not sent`() throws {
        let explanation = try explain("GET", "http://localhost/api/items/7#top", ["host:  api.example.com "])
        #expect(explanation.host == "api.example.com")
        #expect(explanation.path == "/api/items/7")
    }

    @Test(arguments: ["localhost/x", "ftp://a/", "http:///x", ""])
    func `what is no URL is told`(url: String) {
        #expect(throws: RequestSketch.Fault.self) {
            try RequestSketch(method: "GET", url: url, headers: [], defaultHost: "a")
        }
    }

    @Test(arguments: ["no colon", "X: a\r\nY: b"])
    func `what is no header line is told`(line: String) {
        #expect(throws: RequestSketch.Fault.self) {
            try RequestSketch(method: "GET", url: "/", headers: [line], defaultHost: "a")
        }
    }
}
