import Configuration
import Declarations
import Testing

@testable import Admin

struct UpstreamTextTests {
    /// What the reader makes of an upstream with these settings.
    private func read(_ upstream: UpstreamDeclaration) -> UpstreamDeclaration? {
        var text = """
            version: 1
            listeners: [{ address: 127.0.0.1:1 }]
            routes: [{ id: r, match: { path: "/{id}" }, forward: u }]
            upstreams:
              u:
                endpoints: ["a:1"]
                balance: \(upstream.balance.rawValue)

            """
        for setting in UpstreamText.settings(upstream) { text += "    \(setting.key): \(setting.value)\n" }
        let outcome = ConfigurationReader.read(bytes: Array(text.utf8), file: "routes.yaml")
        guard case .valid(let gateway, _) = outcome else {
            Issue.record("\(outcome.report.text())")
            return nil
        }
        return gateway.upstreams.first
    }

    private static var plain: UpstreamDeclaration {
        UpstreamDeclaration(id: "u", endpoints: [EndpointDeclaration(host: "a", port: 1)])
    }

    private static var full: UpstreamDeclaration {
        var upstream = plain
        upstream.balance = .consistentHash
        upstream.hashKey = .header("x-user")
        upstream.hashLoadPercentMax = 0
        upstream.stickyCookie = StickyCookieDeclaration(name: "id")
        upstream.stickyCookie?.maxAgeSeconds = 90
        upstream.slowStartMilliseconds = 1_500
        var tls = UpstreamTLSDeclaration()
        tls.serverName = "a.internal"
        tls.authoritiesFile = "certs of 'a', all/ca.pem"
        tls.certificate = CertificateDeclaration(chainFile: "a.pem", keyFile: "a#1.key")
        tls.minimumVersion = .tls13
        upstream.tls = tls
        upstream.proxyProtocol = .v2
        upstream.pool.idleMilliseconds = 0
        upstream.timeouts.requestMilliseconds = 90_000
        var active = ActiveHealthDeclaration(path: "/healthz?a={b}")
        active.statuses = [200...204, 304...304]
        active.port = 81
        active.host = "[::1]:81"
        upstream.health.active = active
        upstream.health.passive?.failurePercent = 30
        upstream.health.panicPercent = 0
        upstream.retries.onTimeout = true
        upstream.retries.onStatuses = [502]
        upstream.retries.perTryMilliseconds = 2_000
        upstream.retryBudget.percent = 0
        upstream.hedge = HedgeDeclaration()
        upstream.breaker = BreakerDeclaration()
        return upstream
    }

    private static var bare: UpstreamDeclaration {
        var upstream = plain
        upstream.health.passive = nil
        upstream.retries.attempts = 1
        upstream.queue.pendingMax = 0
        return upstream
    }

    private static func hashing(_ key: HashKeyDeclaration) -> UpstreamDeclaration {
        var upstream = plain
        upstream.balance = .consistentHash
        upstream.hashKey = key
        return upstream
    }

    @Test(arguments: [
        plain, full, bare, hashing(.clientAddress), hashing(.cookie("id")), hashing(.capture("id")),
    ])
    func `settings are written as the file would have them`(upstream: UpstreamDeclaration) {
        #expect(read(upstream) == upstream)
    }

    @Test(arguments: [(0, "off"), (1, "1ms"), (1_500, "1500ms"), (90_000, "90s"), (120_000, "2m"), (3_600_000, "1h")])
    func `durations have the largest unit that is exact`(milliseconds: Int, expected: String) {
        #expect(UpstreamText.duration(milliseconds) == expected)
    }
}
