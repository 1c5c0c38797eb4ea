import Configuration
import Declarations
import Testing

/// The declaration of a file that has no problem at all.
func declaration(
    _ content: String, sourceLocation: SourceLocation = #_sourceLocation
) throws -> GatewayDeclaration {
    let outcome = ConfigurationReader.read(bytes: Array(content.utf8), file: "routes.yaml")
    #expect(outcome.report.text() == "", sourceLocation: sourceLocation)
    guard case .valid(let declaration, _) = outcome else { throw Refused() }
    return declaration
}

struct Refused: Error {}

@Suite struct ConfigurationReaderTests {
    @Test func `fills in the defaults of a minimal file`() throws {
        let gateway = try declaration(
            """
            version: 1
            listeners:
              - address: :8080
            routes: []
            """)
        var expected = GatewayDeclaration()
        expected.listeners = [ListenerDeclaration(name: "default", host: "0.0.0.0", port: 8080)]
        #expect(gateway == expected)
    }

    @Test func `reads listeners, networks and the admin listener`() throws {
        let gateway = try declaration(
            """
            version: 1
            listeners:
              - { name: a, address: "[::1]:0", trusted-proxies: [10.0.0.0/8, 127.0.0.1, "fd00::/8", "::1", "::ffff:1.2.3.4"] }
              - { name: b, address: 127.0.0.1:0 }
            admin: { address: off, access-log: logs/access.json }
            routes: []
            """)
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255]
        #expect(
            gateway.listeners[0].trustedProxies == [
                NetworkDeclaration(bytes: mapped + [10, 0, 0, 0], prefixBits: 104),
                NetworkDeclaration(bytes: mapped + [127, 0, 0, 1], prefixBits: 128),
                NetworkDeclaration(bytes: [0xFD] + [UInt8](repeating: 0, count: 15), prefixBits: 8),
                NetworkDeclaration(bytes: [UInt8](repeating: 0, count: 15) + [1], prefixBits: 128),
                NetworkDeclaration(bytes: mapped + [1, 2, 3, 4], prefixBits: 128),
            ])
        #expect(gateway.listeners[0].host == "::1")
        #expect(gateway.listeners[1] == ListenerDeclaration(name: "b", host: "127.0.0.1", port: 0))
        #expect(gateway.admin.port == nil)
        #expect(gateway.admin.accessLog == .file("logs/access.json"))
    }

    @Test func `gives upstreams the default timeouts wherever they stand in the file`() throws {
        let gateway = try declaration(
            """
            version: 1
            listeners: [{ address: 127.0.0.1:1 }]
            upstreams:
              u:
                endpoints: [Localhost:9000, { address: "[::1]:9001", weight: 3 }]
                balance: least-requests
                pool: { connections-max: 8 }
                timeouts: { stall: 1h }
            routes: [{ id: r, forward: u }]
            defaults:
              timeouts: { connect: 250ms, request: off, upstream-stall: 2m, idle: 0s }
              limits: { request-head: 4KiB, request-body: off, minimum-rate: 1KB }
            """)
        var upstream = UpstreamDeclaration(
            id: "u",
            endpoints: [
                EndpointDeclaration(host: "localhost", port: 9000),
                EndpointDeclaration(host: "::1", port: 9001, weight: 3),
            ])
        upstream.balance = .leastRequests
        upstream.pool.connectionsMax = 8
        upstream.pool.idleMax = 8
        upstream.timeouts.connectMilliseconds = 250
        upstream.timeouts.stallMilliseconds = 3_600_000
        #expect(gateway.upstreams == [upstream])
        #expect(gateway.timeouts.idleMilliseconds == 0)
        #expect(gateway.limits.requestHeadBytes == 4_096)
        #expect(gateway.limits.requestTargetBytes == 4_096)
        #expect(gateway.limits.requestBodyBytes == 0)
        #expect(gateway.limits.minimumRateBytesPerSecond == 1_000)
    }

    @Test func `reads a match in all its forms`() throws {
        let gateway = try declaration(
            """
            version: 1
            listeners: [{ address: 127.0.0.1:1 }]
            routes:
              - id: r
                priority: -5
                match:
                  host: [API.example.com, "*.example.com"]
                  path: ["/a/%7Eb%c3%a9/*/{id}/", "~^/v[0-9]+$", /ä b/**]
                  method: PROPFIND
                  headers: { X-Env: staging, x-n: 1, x-r: { regex: "^a" }, x-p: { present: true }, x-a: { absent: true } }
                  query: { Page: { equal: "" } }
                respond: 204
            """)
        let route = try #require(gateway.routes.first)
        #expect(route.line == 4)
        #expect(route.priority == -5)
        #expect(route.match.hosts == ["api.example.com", "*.example.com"])
        #expect(
            route.match.paths == [
                .segments(
                    [.literal("a"), .literal("~b%C3%A9"), .any, .capture("id"), .literal("")], tail: false,
                    source: "/a/%7Eb%c3%a9/*/{id}/"),
                .regex("^/v[0-9]+$"),
                .segments([.literal("%C3%A4%20b")], tail: true, source: "/ä b/**"),
            ])
        #expect(route.match.methods == ["PROPFIND"])
        #expect(
            route.match.headers == [
                FieldPredicateDeclaration(name: "x-env", condition: .equal("staging")),
                FieldPredicateDeclaration(name: "x-n", condition: .equal("1")),
                FieldPredicateDeclaration(name: "x-r", condition: .regex("^a")),
                FieldPredicateDeclaration(name: "x-p", condition: .present),
                FieldPredicateDeclaration(name: "x-a", condition: .absent),
            ])
        #expect(route.match.query == [FieldPredicateDeclaration(name: "Page", condition: .equal(""))])
    }

    @Test func `reads filters in their order`() throws {
        let gateway = try declaration(
            """
            version: 1
            listeners: [{ address: 127.0.0.1:1 }]
            upstreams: { u: { endpoints: [a:1] } }
            routes:
              - id: r
                match: { path: "/api/{id}/**" }
                filters:
                  - strip-prefix: /%61pi
                  - rewrite-path: /v2/{id}/{**}
                  - rewrite-path: { regex: "^/a/(?<n>.*)$", replacement: "/b/${n}$$" }
                  - set-request-header: { name: Host, value: b.example.com }
                  - remove-request-header: X-Forwarded-For
                  - set-response-header: { name: X-Empty, value: "" }
                  - remove-response-header: Server
                  - request-size: off
                split: [{ upstream: u, weight: 1 }]
            """)
        #expect(
            gateway.routes.first?.filters == [
                .stripPrefix("/api"), .rewritePathTemplate("/v2/{id}/{**}"),
                .rewritePathRegex(pattern: "^/a/(?<n>.*)$", replacement: "/b/${n}$$"),
                .setRequestHeader(name: "Host", value: "b.example.com"), .removeRequestHeader(name: "X-Forwarded-For"),
                .setResponseHeader(name: "X-Empty", value: ""), .removeResponseHeader(name: "Server"),
                .requestSize(bytes: 0),
            ])
        #expect(gateway.routes.first?.action == .split([SplitTargetDeclaration(upstream: "u", weight: 1)]))
    }

    @Test func `reads redirects and responses, short and long`() throws {
        let gateway = try declaration(
            """
            version: 1
            listeners: [{ address: 127.0.0.1:1 }]
            routes:
              - { id: a, match: { path: /a }, redirect: "https://{host}{path}" }
              - { id: b, match: { path: "/b/{x}" }, redirect: { to: "/n/{x}", status: 303, keep-query: false } }
              - { id: c, match: { path: /c }, respond: 503 }
              - { id: d, match: { path: /d }, respond: { body: "a\\n", content-type: a/b, headers: { X-A: b } } }
            """)
        var redirect = RedirectDeclaration(location: "/n/{x}")
        redirect.status = 303
        redirect.keepQuery = false
        var short = RespondDeclaration()
        short.status = 503
        var long = RespondDeclaration()
        long.body = "a\n"
        long.contentType = "a/b"
        long.headers = [HeaderDeclaration(name: "X-A", value: "b")]
        #expect(
            gateway.routes.map(\.action) == [
                .redirect(RedirectDeclaration(location: "https://{host}{path}")), .redirect(redirect), .respond(short),
                .respond(long),
            ])
    }
}
