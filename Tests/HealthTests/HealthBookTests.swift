import Declarations
import Fetch
import Foundation
import Kernel
import Testing
import Upstreams

@testable import Health

/// Time stands still here: the moments are arguments.
@Suite struct HealthBookTests {
    private var book = HealthBook()
    private var random = FastRandom(seed: 1)

    private func moment(_ milliseconds: UInt64) -> Moment {
        Moment(
            monotonicNanoseconds: 1_000_000_000 + milliseconds * 1_000_000,
            wallMilliseconds: 1_700_000_000_000 + Int64(milliseconds))
    }

    private func checks(_ edit: (inout ActiveHealthDeclaration) -> Void = { _ in }) -> HealthDeclaration {
        quickChecks("/health") {
            $0.intervalMilliseconds = 1_000
            edit(&$0)
        }
    }

    private func outcome(_ tag: UInt64, _ result: Result<FetchResponse, FetchError>) -> FetchOutcome {
        FetchOutcome(tag: tag, result: result, times: FetchTimes())
    }

    private func failed(_ tag: UInt64, _ kind: FetchError.Kind = .notConnected) -> FetchOutcome {
        outcome(tag, .failure(FetchError(kind, "no luck")))
    }

    @Test mutating func `each endpoint is checked once within the first interval`() {
        _ = book.configure([target("a", checks(), [1, 2, 3])], at: moment(0), random: &random)
        var asked: [String] = []
        for time in stride(from: UInt64(0), through: 1_000, by: 10) {
            for check in book.takeDueChecks(at: moment(time), random: &random) {
                asked.append(check.request.address?.text ?? "")
            }
        }
        #expect(asked.sorted() == ["127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"])
        // None is over, so none begins anew.
        #expect(book.takeDueChecks(at: moment(100_000), random: &random).isEmpty)
        #expect(book.nextAt == nil)
    }

    @Test mutating func `a check that did not come about says nothing and is made again`() {
        _ = book.configure([target("a", checks { $0.unhealthyAfter = 1 }, [1])], at: moment(0), random: &random)
        let check = book.takeDueChecks(at: moment(1_000), random: &random)[0]
        book.checkEnded(failed(check.tag, .outOfResources), at: moment(1_001))
        #expect(book.takeChanges().isEmpty)
        #expect(book.snapshot(at: moment(1_002)).checksSkipped == 1)
        #expect(book.snapshot(at: moment(1_002)).upstreams[0].endpoints[0].lastCheck == nil)
        #expect(book.takeDueChecks(at: moment(2_200), random: &random).count == 1)
    }

    @Test mutating func `a check of an endpoint that went is broken off and its outcome ignored`() {
        _ = book.configure([target("a", checks { $0.unhealthyAfter = 1 }, [1, 2])], at: moment(0), random: &random)
        let due = book.takeDueChecks(at: moment(1_000), random: &random)
        let gone = due.first { $0.request.address?.port == 1 }
        let stays = due.first { $0.request.address?.port == 2 }
        let stale = book.configure(
            [target("a", checks { $0.unhealthyAfter = 1 }, [2])], at: moment(1_001), random: &random)
        #expect(stale == [gone?.tag])
        book.checkEnded(failed(gone?.tag ?? 0), at: moment(1_002))
        #expect(book.takeChanges().isEmpty)
        book.checkEnded(failed(stays?.tag ?? 0), at: moment(1_003))
        #expect(book.takeChanges().map(\.change.endpoint) == ["127.0.0.1:2"])
    }

    @Test mutating func `a check that another declaration would ask differently is broken off`() {
        _ = book.configure([target("a", checks(), [1])], at: moment(0), random: &random)
        let old = book.takeDueChecks(at: moment(1_000), random: &random)[0]
        #expect(book.configure([target("a", checks(), [1])], at: moment(1_001), random: &random).isEmpty)
        let stale = book.configure(
            [target("a", checks { $0.path = "/other" }, [1])], at: moment(1_002), random: &random)
        #expect(stale == [old.tag])
        let next = book.takeDueChecks(at: moment(2_200), random: &random)
        #expect(next.map(\.request.url) == ["http://127.0.0.1:1/other"])
    }

    @Test mutating func `the snapshot tells since when, why and until when`() throws {
        var health = judged { $0.ejectMilliseconds = 5_000 }
        health.active = checks().active
        _ = book.configure([target("a", health, [1, 2])], at: moment(0), random: &random)
        book.report(failures(5, "a", 1), at: moment(300))
        let record = try #require(book.snapshot(at: moment(1_300)).endpoint("127.0.0.1:1", of: "a"))
        #expect(record.state == .ejected)
        #expect(record.reason == "5 gateway failures in a row")
        #expect(record.sinceWallMilliseconds == 1_700_000_000_300)
        #expect(record.ejectedUntilWallMilliseconds == 1_700_000_005_300)
        #expect(record.ejections == 1)
        book.advance(at: moment(5_300))
        let back = try #require(book.snapshot(at: moment(5_400)).endpoint("127.0.0.1:1", of: "a"))
        #expect(back.state == .available)
        #expect(back.reason == "the ejection is over")
        #expect(back.sinceWallMilliseconds == 1_700_000_005_300)
        #expect(back.ejectedUntilWallMilliseconds == nil)
    }

    @Test mutating func `the next moment is the end of an ejection or a check, whichever comes first`() {
        _ = book.configure([target("a", judged { $0.ejectMilliseconds = 70 }, [1, 2])], at: moment(0), random: &random)
        book.advance(at: moment(0))
        #expect(book.nextAt == nil)
        book.report(failures(5, "a", 1), at: moment(10))
        book.advance(at: moment(10))
        #expect(book.nextAt == moment(80).monotonicNanoseconds)
    }

    @Test mutating func `an upstream or endpoint named twice counts once`() {
        _ = book.configure(
            [target("a", checks(), [1, 1]), target("a", checks(), [2])], at: moment(0), random: &random)
        #expect(book.snapshot(at: moment(1)).upstreams.map { $0.endpoints.count } == [1])
    }

    @Test func `a request for TLS, another port and a PROXY header follows the declarations`() {
        var tls = UpstreamTLSDeclaration()
        tls.serverName = "inner.test"
        tls.authoritiesFile = "ca.pem"
        tls.certificate = CertificateDeclaration(chainFile: "own.pem", keyFile: "own.key")
        tls.verifies = false
        tls.minimumVersion = .tls13
        var active = ActiveHealthDeclaration(path: "/up")
        active.timeoutMilliseconds = 700
        var shop = target("shop", HealthDeclaration(), [8443], host: "shop.test")
        shop.tls = tls
        shop.proxyProtocol = .v2
        let request = HealthCheck.request(active, of: shop, shop.endpoints[0])
        #expect(request.url == "https://shop.test:8443/up")
        #expect(request.address == loopback(8443))
        #expect(request.tls.serverName == "inner.test")
        #expect(request.tls.authoritiesFile == "ca.pem")
        #expect(request.tls.certificateFile == "own.pem")
        #expect(request.tls.keyFile == "own.key")
        #expect(!request.tls.verifies)
        #expect(request.tls.minimumVersion == .tls13)
        #expect(request.connection == .fresh)
        #expect(request.wholeMilliseconds == 700)
        #expect(request.sendsProxyHeader)
        active.port = 9
        let other = HealthCheck.request(active, of: shop, shop.endpoints[0])
        #expect(other.address == loopback(9))
        #expect(!other.sendsProxyHeader)
    }

    @Test func `an IPv6 literal stands in brackets`() throws {
        let address = try #require(SocketAddress(literal: "::1", port: 80))
        let shop = HealthTarget(
            upstream: "shop", health: HealthDeclaration(), endpoints: [HealthEndpoint(address: address, host: "::1")])
        let request = HealthCheck.request(ActiveHealthDeclaration(path: "/"), of: shop, shop.endpoints[0])
        #expect(request.url == "http://[::1]:80/")
        #expect(shop.endpoints[0].identity == "[::1]:80")
    }

    @Test mutating func `the metrics name every endpoint and its state`() {
        _ = book.configure([target("a\"b", judged(), [1, 2])], at: moment(0), random: &random)
        book.report(failures(5, "a\"b", 1), at: moment(1))
        let text = String(decoding: HealthMetricsText.render(book.snapshot(at: moment(2))), as: UTF8.self)
        let lines = text.split(separator: "\n")
        #expect(
            lines.contains(
                #"martlet_upstream_endpoint_health{upstream="a\"b",endpoint="127.0.0.1:1",state="ejected"} 1"#))
        #expect(
            lines.contains(
                #"martlet_upstream_endpoint_health{upstream="a\"b",endpoint="127.0.0.1:1",state="available"} 0"#))
        #expect(lines.contains(#"martlet_upstream_endpoint_ejections_total{upstream="a\"b",endpoint="127.0.0.1:1"} 1"#))
        #expect(lines.contains("martlet_health_reports_dropped_total 0"))
    }

    @Test mutating func `endpoints beyond the bound share their series`() {
        let targets = [target("a", judged(), [1, 2]), target("b", judged(), [3, 4])]
        _ = book.configure(targets, at: moment(0), random: &random)
        let text = String(
            decoding: HealthMetricsText.render(book.snapshot(at: moment(2)), endpointsMax: 1), as: UTF8.self)
        let shown = text.split(separator: "\n").filter { $0.hasPrefix("martlet_upstream_endpoint_health") }
        #expect(shown.count == 6)
        let first = #"{upstream="a",endpoint="127.0.0.1:1",state="available"} 1"#
        #expect(shown.contains("martlet_upstream_endpoint_health\(first)"))
        let others = #"{upstream="__other__",endpoint="__other__",state="available"} 3"#
        #expect(shown.contains("martlet_upstream_endpoint_health\(others)"))
    }
}
