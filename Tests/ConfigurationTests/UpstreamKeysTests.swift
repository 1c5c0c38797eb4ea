import Configuration
import Declarations
import Testing

/// What one text among the keys of an upstream changes, and nothing else.
struct UpstreamKey: Sendable, CustomTestStringConvertible {
    var written: String
    var change: @Sendable (inout UpstreamDeclaration) -> Void

    init(_ written: String, _ change: @escaping @Sendable (inout UpstreamDeclaration) -> Void) {
        self.written = written
        self.change = change
    }

    var testDescription: String { written }
}

@Suite struct UpstreamKeysTests {
    private static func upstream(_ text: String, defaults: String = "") throws -> UpstreamDeclaration? {
        try declaration(
            """
            version: 1
            listeners: [{ address: 127.0.0.1:1 }]
            \(defaults.isEmpty ? "" : "defaults: { upstream: { \(defaults) } }")
            upstreams: { u: { endpoints: ["a:1"]\(text.isEmpty ? "" : ", ")\(text) } }
            routes: [{ id: r, match: { path: "/{id}" }, forward: u }]
            """
        ).upstreams.first
    }

    private static var plain: UpstreamDeclaration {
        UpstreamDeclaration(id: "u", endpoints: [EndpointDeclaration(host: "a", port: 1)])
    }

    @Test(arguments: balancing + health + retries + others)
    func `a key changes what it names and nothing else`(key: UpstreamKey) throws {
        var expected = Self.plain
        key.change(&expected)
        #expect(try Self.upstream(key.written) == expected)
    }

    @Test(arguments: health + retries)
    func `a key of the defaults changes every upstream`(key: UpstreamKey) throws {
        var expected = Self.plain
        key.change(&expected)
        #expect(try Self.upstream("", defaults: key.written) == expected)
    }

    @Test func `an upstream changes single values of the defaults`() throws {
        let defaults = """
            balance: random, slow-start: 10s, tls: { authorities: ca.pem }, pool: { connections-max: 8 },
            health: { active: { path: /healthz } }, retries: { attempts: 4 }, hedge: { percentile: 90 }, breaker: true
            """
        let upstream = try Self.upstream(
            """
            slow-start: off, tls: { server-name: A.internal }, pool: { idle-max: 4 },
            health: { active: { interval: 1s, timeout: 1s } }, retries: { on: timeout }, hedge: off, breaker: { probes: 1 }
            """, defaults: defaults)
        var expected = Self.plain
        expected.balance = .random
        var tls = UpstreamTLSDeclaration()
        tls.authoritiesFile = "ca.pem"
        tls.serverName = "a.internal"
        expected.tls = tls
        expected.pool.connectionsMax = 8
        expected.pool.idleMax = 4
        var active = ActiveHealthDeclaration(path: "/healthz")
        active.intervalMilliseconds = 1_000
        active.timeoutMilliseconds = 1_000
        expected.health.active = active
        expected.retries.attempts = 4
        expected.retries.onConnectFailure = false
        expected.retries.onReset = false
        expected.retries.onTimeout = true
        expected.breaker = BreakerDeclaration()
        expected.breaker?.probes = 1
        #expect(upstream == expected)
    }

    @Test func `an upstream switches off what the defaults switch on`() throws {
        let upstream = try Self.upstream(
            "tls: false, health: { active: off, passive: off }, retries: off, hedge: false, breaker: off, queue: off",
            defaults: "tls: true, health: { active: { path: / } }, retries: { attempts: 3 }, hedge: true, breaker: true"
        )
        var expected = Self.plain
        expected.health.passive = nil
        expected.retries.attempts = 1
        expected.queue.pendingMax = 0
        #expect(upstream == expected)
    }

    @Test func `a mapping switches on again what the defaults switch off`() throws {
        let upstream = try Self.upstream(
            "retries: { back-off: 1s }, queue: {}, health: { passive: {} }",
            defaults: "retries: off, queue: off, health: { passive: off }")
        var expected = Self.plain
        expected.retries.backOffMilliseconds = 1_000
        expected.retries.backOffMaxMilliseconds = 1_000
        #expect(upstream == expected)
    }

    static let balancing: [UpstreamKey] = [
        UpstreamKey("balance: random") { $0.balance = .random },
        UpstreamKey("balance: least-latency") { $0.balance = .leastLatency },
        UpstreamKey("balance: consistent-hash, hash: client-address") {
            $0.balance = .consistentHash
            $0.hashKey = .clientAddress
        },
        UpstreamKey("balance: consistent-hash, hash: { header: X-User }, hash-load-max: off") {
            $0.balance = .consistentHash
            $0.hashKey = .header("x-user")
            $0.hashLoadPercentMax = 0
        },
        UpstreamKey("balance: consistent-hash, hash: { cookie: Id }, hash-load-max: 200%") {
            $0.balance = .consistentHash
            $0.hashKey = .cookie("Id")
            $0.hashLoadPercentMax = 200
        },
        UpstreamKey("balance: consistent-hash, hash: { capture: id }") {
            $0.balance = .consistentHash
            $0.hashKey = .capture("id")
        },
        UpstreamKey("sticky-cookie: SERVERID") { $0.stickyCookie = StickyCookieDeclaration(name: "SERVERID") },
        UpstreamKey("sticky-cookie: { name: id, max-age: 30d, secure: false }") {
            var cookie = StickyCookieDeclaration(name: "id")
            cookie.maxAgeSeconds = 30 * 86_400
            cookie.secure = false
            $0.stickyCookie = cookie
        },
        UpstreamKey("sticky-cookie: { name: __Host-id, max-age: off }") {
            $0.stickyCookie = StickyCookieDeclaration(name: "__Host-id")
        },
    ]

    static let health: [UpstreamKey] = [
        UpstreamKey("slow-start: 30s") { $0.slowStartMilliseconds = 30_000 },
        UpstreamKey("health: { panic: off }") { $0.health.panicPercent = 0 },
        UpstreamKey("health: { panic: 100% }") { $0.health.panicPercent = 100 },
        UpstreamKey("health: { active: { path: /healthz?deep=1 } }") {
            $0.health.active = ActiveHealthDeclaration(path: "/healthz?deep=1")
        },
        UpstreamKey(
            """
            health: { active: { path: /, statuses: [200-299, 304, "401"], interval: 100ms, timeout: 50ms, healthy-after: 1,
            unhealthy-after: 5, port: 8081, host: "a.internal:81" } }
            """
        ) {
            var active = ActiveHealthDeclaration(path: "/")
            active.statuses = [200...299, 304...304, 401...401]
            active.intervalMilliseconds = 100
            active.timeoutMilliseconds = 50
            active.healthyAfter = 1
            active.unhealthyAfter = 5
            active.port = 8081
            active.host = "a.internal:81"
            $0.health.active = active
        },
        UpstreamKey("health: { active: { path: /, statuses: 204, host: \"[::1]\" } }") {
            var active = ActiveHealthDeclaration(path: "/")
            active.statuses = [204...204]
            active.host = "[::1]"
            $0.health.active = active
        },
        UpstreamKey("health: { active: off, passive: off }") { $0.health.passive = nil },
        UpstreamKey(
            """
            health: { passive: { consecutive-failures: 0, failure-rate: 50%, window: 5s, minimum-requests: 10, eject: 1s,
            eject-max: 1m, ejected-max: 0% } }
            """
        ) {
            var passive = PassiveHealthDeclaration()
            passive.consecutiveFailures = 0
            passive.failurePercent = 50
            passive.windowMilliseconds = 5_000
            passive.minimumRequests = 10
            passive.ejectMilliseconds = 1_000
            passive.ejectMaxMilliseconds = 60_000
            passive.ejectedPercentMax = 0
            $0.health.passive = passive
        },
        // An upper bound that nobody wrote follows the lower one.
        UpstreamKey("health: { passive: { eject: 1h } }") {
            $0.health.passive?.ejectMilliseconds = 3_600_000
            $0.health.passive?.ejectMaxMilliseconds = 3_600_000
        },
    ]

    static let retries: [UpstreamKey] = [
        UpstreamKey("retries: off") { $0.retries.attempts = 1 },
        UpstreamKey("retries: { attempts: 10 }") { $0.retries.attempts = 10 },
        UpstreamKey("retries: { on: 503 }") {
            $0.retries.onConnectFailure = false
            $0.retries.onReset = false
            $0.retries.onStatuses = [503]
        },
        UpstreamKey(
            """
            retries: { on: [connect-failure, reset, timeout, 502, 429], per-try-timeout: 1s, back-off: off, back-off-max: 100ms,
            retry-after-max: 5s }
            """
        ) {
            $0.retries.onTimeout = true
            $0.retries.onStatuses = [502, 429]
            $0.retries.perTryMilliseconds = 1_000
            $0.retries.backOffMilliseconds = 0
            $0.retries.backOffMaxMilliseconds = 100
            $0.retries.retryAfterMaxMilliseconds = 5_000
        },
        UpstreamKey("retry-budget: { share: 0%, minimum: 0 }") {
            $0.retryBudget.percent = 0
            $0.retryBudget.minimum = 0
        },
        UpstreamKey("hedge: true") { $0.hedge = HedgeDeclaration() },
        UpstreamKey("hedge: { percentile: 50, delay-min: 1ms, delay-max: 1s }") {
            var hedge = HedgeDeclaration()
            hedge.percentile = 50
            hedge.delayMinMilliseconds = 1
            hedge.delayMaxMilliseconds = 1_000
            $0.hedge = hedge
        },
        UpstreamKey("breaker: true") { $0.breaker = BreakerDeclaration() },
        UpstreamKey("breaker: { failure-rate: 1%, window: 1s, minimum-requests: 1, open: 1ms, probes: 1 }") {
            var breaker = BreakerDeclaration()
            breaker.failurePercent = 1
            breaker.windowMilliseconds = 1_000
            breaker.minimumRequests = 1
            breaker.openMilliseconds = 1
            breaker.probes = 1
            $0.breaker = breaker
        },
        UpstreamKey("queue: off") { $0.queue.pendingMax = 0 },
        UpstreamKey("queue: { pending-max: 1, timeout: 5s }") {
            $0.queue.pendingMax = 1
            $0.queue.timeoutMilliseconds = 5_000
        },
    ]

    static let others: [UpstreamKey] = [
        UpstreamKey("tls: true") { $0.tls = UpstreamTLSDeclaration() },
        UpstreamKey("tls: off") { _ in },
        UpstreamKey(
            "tls: { server-name: a.internal, authorities: ca.pem, certificate: a.pem, key: a.key, minimum-version: \"1.3\" }"
        ) {
            var tls = UpstreamTLSDeclaration()
            tls.serverName = "a.internal"
            tls.authoritiesFile = "ca.pem"
            tls.certificate = CertificateDeclaration(chainFile: "a.pem", keyFile: "a.key")
            tls.minimumVersion = .tls13
            $0.tls = tls
        },
        UpstreamKey("proxy-protocol: v1") { $0.proxyProtocol = .v1 },
        UpstreamKey("proxy-protocol: v2") { $0.proxyProtocol = .v2 },
        UpstreamKey("proxy-protocol: off") { _ in },
    ]
}
