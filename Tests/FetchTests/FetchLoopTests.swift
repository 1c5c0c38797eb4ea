import Fetch
import Foundation
import Kernel
import TestOrigins
import Testing

@Suite struct FetchLoopTests {
    @Test func `more transfers than allowed at a time wait for their turn`() throws {
        let origin = Origin(.status(200))
        var limits = FetchLoop.Limits()
        limits.transfersMax = 2
        limits.queuedMax = 3
        let loop = try FetchLoop(limits: limits)
        let starts = (1...6).map { loop.start(FetchRequest(url: origin.url()), tag: UInt64($0)) }
        #expect(starts == [.accepted, .accepted, .accepted, .accepted, .accepted, .queueFull])
        #expect(loop.pendingCount == 5)
        let outcomes = finish(loop, 5)
        #expect(Set(outcomes.map(\.tag)) == [1, 2, 3, 4, 5])
        #expect(loop.pendingCount == 0)
        #expect(try outcomes.allSatisfy { try $0.response().status == 200 })
    }

    @Test func `another thread ends a wait`() throws {
        let loop = try FetchLoop()
        let waker = loop.waker
        let thread = try SystemThread.start(name: "waker") { waker.wake() }
        let before = SystemClock.monotonicNanoseconds()
        loop.wait(timeoutMilliseconds: 60_000)
        #expect(SystemClock.monotonicNanoseconds() - before < 30_000_000_000)
        thread.join()
    }

    @Test func `a signal ends a wait, with and without a transfer, and is drained`() throws {
        let origin = Origin(.hang)
        let loop = try FetchLoop()
        let wakeUp = try WakeUp()
        for tag: UInt64 in 1...2 {
            wakeUp.signal()
            let before = SystemClock.monotonicNanoseconds()
            while wakeUp.wait(timeoutMilliseconds: 0) == .signalled {
                wakeUp.signal()
                loop.wait(timeoutMilliseconds: 60_000, or: wakeUp)
            }
            #expect(SystemClock.monotonicNanoseconds() - before < 30_000_000_000)
            #expect(loop.start(FetchRequest(url: origin.url()), tag: tag) == .accepted)
        }
        #expect(loop.takeFinished().isEmpty)
        loop.wait(timeoutMilliseconds: 1, or: wakeUp)
    }

    @Test func `a waker outlives its loop`() throws {
        var loop: FetchLoop? = try FetchLoop()
        let waker = try #require(loop?.waker)
        loop = nil
        waker.wake()
    }

    @Test func `a transfer that is broken off has no outcome`() throws {
        let origin = Origin(.hang)
        let loop = try FetchLoop()
        #expect(loop.start(FetchRequest(url: origin.url()), tag: 1) == .accepted)
        #expect(loop.start(FetchRequest(url: origin.url()), tag: 2) == .accepted)
        loop.wait(timeoutMilliseconds: 0)
        loop.cancel(tag: 1)
        #expect(loop.pendingCount == 1)
        loop.cancelAll()
        #expect(loop.pendingCount == 0)
        loop.wait(timeoutMilliseconds: 0)
        #expect(loop.takeFinished().isEmpty)
    }

    @Test func `a place that a broken off transfer leaves is taken by the next`() throws {
        let origin = Origin(.hang)
        var limits = FetchLoop.Limits()
        limits.transfersMax = 1
        let loop = try FetchLoop(limits: limits)
        #expect(loop.start(FetchRequest(url: origin.url("/hangs")), tag: 1) == .accepted)
        #expect(loop.start(FetchRequest(url: origin.url("/next")), tag: 2) == .accepted)
        while origin.requests.isEmpty { loop.wait(timeoutMilliseconds: 10) }
        origin.setAnswer(.status(200))
        loop.cancel(tag: 1)
        #expect(finish(loop).map(\.tag) == [2])
    }

    @Test func `a loop that goes away with transfers under way leaves nothing behind`() throws {
        let origin = Origin(.hang)
        var loop: FetchLoop? = try FetchLoop()
        _ = loop?.start(FetchRequest(url: origin.url()), tag: 1)
        while origin.requests.isEmpty { loop?.wait(timeoutMilliseconds: 10) }
        loop = nil
        // Its connection is closed, so the origin's threads end.
        origin.stop()
    }

    @Test func `connections are kept for the next transfer unless a fresh one is asked for`() throws {
        let origin = Origin(.bytesAndStay(Array("HTTP/1.1 204 No Content\r\n\r\n".utf8)))
        let loop = try FetchLoop()
        for _ in 0..<3 {
            _ = loop.start(FetchRequest(url: origin.url()), tag: 1)
            #expect(try finish(loop)[0].response().status == 204)
        }
        #expect(origin.connectionCount == 1)
        var request = FetchRequest(url: origin.url())
        request.connection = .fresh
        for _ in 0..<2 {
            _ = loop.start(request, tag: 1)
            #expect(try finish(loop)[0].response().status == 204)
        }
        #expect(origin.connectionCount == 3)
    }
}
