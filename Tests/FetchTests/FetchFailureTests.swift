import Fetch
import Foundation
import Kernel
import TestOrigins
import Testing

@Suite struct FetchFailureTests {
    @Test func `a port on which nobody listens is not connected`() throws {
        let error = try fetch(FetchRequest(url: "http://127.0.0.1:\(Origin.deadPort())/")).error()
        #expect(error == FetchError(.notConnected, "cannot connect: Connection refused"))
    }

    @Test func `a name without an address is not resolved`() throws {
        #expect(try fetch(FetchRequest(url: "http://nowhere.invalid/")).error().kind == .nameNotResolved)
    }

    @Test func `an origin that does not answer is out of time`() throws {
        let origin = Origin(.hang)
        var request = FetchRequest(url: origin.url())
        request.wholeMilliseconds = 50
        #expect(try fetch(request).error() == FetchError(.timedOut, "no answer within 50 ms"))
    }

    @Test func `an origin that stops within its answer is out of time`() throws {
        let origin = Origin(.bytesAndHang(Array("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf".utf8)))
        var request = FetchRequest(url: origin.url())
        request.wholeMilliseconds = 100
        #expect(try fetch(request).error() == FetchError(.timedOut, "the answer was not complete within 100 ms"))
    }

    @Test func `an origin that does not speak TLS is out of time in the handshake`() throws {
        let origin = Origin(.hang)
        var request = FetchRequest(url: "https://127.0.0.1:\(origin.port)/")
        request.connectMilliseconds = 50
        let outcome = try fetch(request)
        #expect(try outcome.error().text == "the TLS handshake took more than 50 ms", "\(outcome)")
    }

    @Test func `an origin that closes without a word has broken off`() throws {
        let origin = Origin(.close)
        #expect(try fetch(FetchRequest(url: origin.url())).error().kind == .brokenOff)
    }

    @Test(arguments: ["not HTTP at all\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"])
    func `what is no whole response has broken off`(bytes: String) throws {
        let origin = Origin(.bytes(Array(bytes.utf8)))
        #expect(try fetch(FetchRequest(url: origin.url())).error().kind == .brokenOff)
    }

    @Test func `a body up to the limit counts, and one byte more is too large`() throws {
        let origin = Origin(.status(200, body: "0123456789"))
        var request = FetchRequest(url: origin.url())
        request.bodyLimit = .refuse(beyondBytes: 10)
        #expect(try fetch(request).response().body.count == 10)
        request.bodyLimit = .refuse(beyondBytes: 9)
        #expect(try fetch(request).error() == FetchError(.tooLarge, "the body of the answer exceeds 9 bytes"))
    }

    @Test(arguments: [0, 9, 100_000])
    func `an endless body is cut where asked`(limit: Int) throws {
        let origin = Origin(.endlessBody)
        var request = FetchRequest(url: origin.url())
        request.bodyLimit = .cut(atBytes: limit)
        let response = try fetch(request).response()
        #expect(response.status == 200)
        #expect(response.body.count == limit)
        #expect(response.isBodyCut)
    }

    @Test func `an endless body is too large`() throws {
        let origin = Origin(.endlessBody)
        #expect(try fetch(FetchRequest(url: origin.url())).error().kind == .tooLarge)
    }

    @Test func `a head beyond its limit is too large`() throws {
        let origin = Origin(
            .bytes(
                Array("HTTP/1.1 200 OK\r\nX: \(String(repeating: "y", count: 5_000))\r\nContent-Length: 0\r\n\r\n".utf8)
            ))
        var request = FetchRequest(url: origin.url())
        request.headBytesMax = 4_096
        #expect(try fetch(request).error() == FetchError(.tooLarge, "the head of the answer exceeds 4096 bytes"))
        request.headBytesMax = 8_192
        #expect(try fetch(request).response().status == 200)
    }
}
