import Declarations
import Foundation
import Health
import Kernel
import TestOrigins
import Testing
import Upstreams

@Suite struct HealthKeeperTests {
    @Test func `an origin that is killed becomes unhealthy, and healthy again when it is back`() throws {
        let origin = Origin()
        let watch = try Watch()
        watch.keeper.configure([target("shop", quickChecks(), [origin.port])])
        let first = try watch.endpoint("shop", origin.port) { $0.checksPassed >= 2 }
        #expect(first.state == .available)
        #expect(first.reason == nil)
        #expect(first.lastCheck?.text == "status 200")
        #expect(watch.changes(0).isEmpty)

        origin.stop()
        let down = try watch.change(0)
        #expect(down.endpoint == "127.0.0.1:\(origin.port)")
        #expect(down.from == .available)
        #expect(down.reason.contains("failed checks in a row"))
        let record = try watch.endpoint("shop", origin.port) { $0.lastCheck?.text.contains("refused") == true }
        #expect(record.state == .unhealthy)
        #expect(record.reason != nil)
        #expect(record.checksFailed >= 2)
        #expect(record.sinceWallMilliseconds >= first.sinceWallMilliseconds)

        origin.listenAgain()
        let up = try watch.change(1)
        #expect(up.to == .available)
        #expect(up.reason == "2 good checks in a row")
        #expect(watch.changes(2).map(\.upstream) == ["shop", "shop"])
    }

    @Test func `a check asks what the declaration says`() throws {
        let origin = Origin()
        let watch = try Watch()
        watch.keeper.configure([
            target("shop", quickChecks("/up?deep=1") { $0.host = "health.test" }, [origin.port], host: "shop.test")
        ])
        #expect(origin.waitForRequests(1))
        let head = try #require(origin.requests.first)
        #expect(head.hasPrefix("GET /up?deep=1 HTTP/1.1\r\n"))
        #expect(head.contains("\r\nHost: health.test\r\n"))
        #expect(head.contains("\r\nUser-Agent: martlet-health-check\r\n"))
    }

    @Test func `the Host field is the host as written unless declared`() throws {
        let origin = Origin()
        let watch = try Watch()
        watch.keeper.configure([target("shop", quickChecks(), [origin.port], host: "shop.test")])
        #expect(origin.waitForRequests(2))
        #expect(origin.requests.allSatisfy { $0.contains("\r\nHost: shop.test:\(origin.port)\r\n") })
        #expect(origin.connectionCount >= 2, "each check has a connection of its own")
    }

    @Test func `another port is checked when the declaration says so`() throws {
        let origin = Origin()
        let dead = Origin.deadPort()
        let watch = try Watch()
        watch.keeper.configure([target("shop", quickChecks { $0.port = origin.port }, [dead])])
        #expect(try watch.endpoint("shop", dead) { $0.checksPassed >= 1 }.state == .available)
    }

    @Test(arguments: [(204, true), (399, true), (400, false), (503, false), (200, false)])
    func `statuses count as they are declared`(status: Int, isGood: Bool) throws {
        let origin = Origin(.status(status))
        let watch = try Watch()
        watch.keeper.configure([target("shop", quickChecks { $0.statuses = [204...204, 300...399] }, [origin.port])])
        let record = try watch.endpoint("shop", origin.port) { $0.lastCheck != nil }
        #expect(record.lastCheck?.passed == isGood)
        #expect(record.lastCheck?.text == "status \(status)")
        #expect((record.checksPassed > 0) == isGood)
    }

    @Test func `an origin that hangs fails its checks for time`() throws {
        let origin = Origin(.hang)
        let watch = try Watch()
        watch.keeper.configure([target("shop", quickChecks { $0.timeoutMilliseconds = 40 }, [origin.port])])
        #expect(try watch.change(0).to == .unhealthy(reason: "no answer within 40 ms"))
        let record = try watch.endpoint("shop", origin.port)
        #expect(try #require(record.lastCheck).durationMicroseconds >= 40_000)
    }

    @Test func `an origin whose page never ends passes`() throws {
        let origin = Origin(.endlessBody)
        let watch = try Watch()
        watch.keeper.configure([target("shop", quickChecks(), [origin.port])])
        #expect(try watch.endpoint("shop", origin.port) { $0.lastCheck != nil }.lastCheck?.passed == true)
    }

    @Test func `an origin over TLS is checked over TLS, and not believed with an unknown authority`() throws {
        let folder = try TestFolder()
        let certificate = try TestCertificate(in: folder, "origin", names: "DNS:shop.test")
        let origin = try TLSOrigin(certificate)
        let watch = try Watch()
        var shop = target("shop", quickChecks("/"), [origin.port], host: "shop.test")
        shop.tls = UpstreamTLSDeclaration()
        watch.keeper.configure([shop])
        let down = try watch.change(0)
        #expect(down.reason.contains("self-signed certificate"))
        // Once the authority is known, the same endpoint comes back.
        shop.tls?.authoritiesFile = certificate.certificateFile
        watch.keeper.configure([shop])
        #expect(try watch.change(1).to == .available)
    }

    @Test func `an ejection comes from reports and ends with time`() throws {
        let watch = try Watch()
        let health = judged {
            $0.consecutiveFailures = 3
            $0.ejectMilliseconds = 30
        }
        watch.keeper.configure([target("shop", health, [1, 2])])
        watch.keeper.passiveReports([failures(3, "shop", 1), failures(2, "shop", 2)])
        let out = try watch.change(0)
        #expect(out.endpoint == "127.0.0.1:1")
        #expect(out.to.word.description == "ejected")
        #expect(out.reason == "3 gateway failures in a row")
        let back = try watch.change(1)
        #expect(back.endpoint == "127.0.0.1:1")
        #expect(back.to == .available)
        #expect(try watch.endpoint("shop", 1).ejections == 1)
        #expect(try watch.endpoint("shop", 2).ejections == 0)
    }

    @Test func `what is known stays over a reconfiguration`() throws {
        let watch = try Watch()
        watch.keeper.configure([target("shop", judged(), [1, 2, 3]), target("other", judged(), [1, 2])])
        watch.keeper.passiveReports([failures(5, "shop", 1)])
        _ = try watch.change(0)
        let before = try watch.endpoint("shop", 1)
        #expect(before.state == .ejected)
        #expect(try #require(before.ejectedUntilWallMilliseconds) > before.sinceWallMilliseconds)
        watch.keeper.configure([target("shop", judged(), [4, 3, 1])])
        let after = try watch.endpoint("shop", 4) { _ in true }
        #expect(after.state == .available)
        #expect(try watch.endpoint("shop", 1).state == .ejected)
        #expect(try watch.endpoint("shop", 1).sinceWallMilliseconds == before.sinceWallMilliseconds)
        let snapshot = watch.keeper.snapshot()
        #expect(snapshot.upstreams.map(\.upstream) == ["shop"])
        #expect(snapshot.upstreams[0].endpoints.map(\.endpoint) == ["127.0.0.1:4", "127.0.0.1:3", "127.0.0.1:1"])
        #expect(snapshot.upstreams[0].availableCount == 2)
        #expect(watch.changes(1).count == 1)
    }

    @Test func `an upstream that is not watched costs nothing and is not told of`() throws {
        let origin = Origin()
        let watch = try Watch()
        var none = HealthDeclaration()
        none.passive = nil
        watch.keeper.configure([target("plain", none, [origin.port]), target("shop", judged(), [1, 2])])
        watch.keeper.passiveReports([
            failures(100, "plain", origin.port), failures(100, "unknown", 1), failures(5, "shop", 1),
        ])
        #expect(watch.changes(1).map(\.upstream) == ["shop"])
        #expect(watch.keeper.snapshot().upstreams.map(\.upstream) == ["shop"])
        #expect(origin.connectionCount == 0)
    }

    @Test func `an upstream that is watched no more gets its endpoints back`() throws {
        let watch = try Watch()
        watch.keeper.configure([target("shop", judged(), [1, 2])])
        watch.keeper.passiveReports([failures(5, "shop", 1)])
        #expect(watch.changes(1).count == 1)
        var none = HealthDeclaration()
        none.passive = nil
        watch.keeper.configure([target("shop", none, [1, 2])])
        #expect(try watch.change(1).to == .available)
        #expect(watch.keeper.snapshot().upstreams.isEmpty)
    }

    @Test func `a stop while checks hang comes back at once`() throws {
        let origins = (0..<8).map { _ in Origin(.hang) }
        let watch = try Watch()
        watch.keeper.configure([target("shop", quickChecks { $0.timeoutMilliseconds = 600_000 }, origins.map(\.port))])
        #expect(origins.allSatisfy { $0.waitForRequests(1) })
        let before = SystemClock.monotonicNanoseconds()
        #expect(watch.keeper.stop(withinMilliseconds: 5_000) == .ended)
        #expect(SystemClock.monotonicNanoseconds() - before < 5_000_000_000)
        // Stopping again, and giving to a keeper that has stopped, do no harm.
        #expect(watch.keeper.stop(withinMilliseconds: 0) == .ended)
        watch.keeper.configure([])
        watch.keeper.passiveReports([failures(5, "shop", 1)])
        #expect(watch.keeper.snapshot().upstreams.count == 1)
    }

    @Test func `a stop gives up on a listener that does not come back`() throws {
        let gate = DispatchSemaphore(value: 0)
        let isInside = DispatchSemaphore(value: 0)
        let keeper = try HealthKeeper.start { _ in
            isInside.signal()
            gate.wait()
        }
        keeper.configure([target("shop", judged(), [1, 2])])
        keeper.passiveReports([failures(5, "shop", 1)])
        isInside.wait()
        #expect(keeper.stop(withinMilliseconds: 10) == .abandoned)
        // Meanwhile reports pile up, and what does not fit is dropped.
        let batch = (0..<1_000).map { _ in failures(1, "shop", 1) }
        for _ in 0..<20 { keeper.passiveReports(batch) }
        #expect(keeper.snapshot().reportsDropped == 4_000)
        gate.signal()
        #expect(keeper.stop(withinMilliseconds: 10_000) == .ended)
    }

    @Test func `shards report from many threads at once`() throws {
        let watch = try Watch()
        let health = judged { $0.consecutiveFailures = 4_000 }
        watch.keeper.configure([target("shop", health, [1, 2])])
        let threads = try (0..<4).map { _ in
            try SystemThread.start(name: "shard") { [keeper = watch.keeper] in
                for _ in 0..<1_000 { keeper.passiveReports([failures(1, "shop", 1)]) }
            }
        }
        for thread in threads { thread.join() }
        #expect(try watch.change(0).reason == "4000 gateway failures in a row")
    }
}
