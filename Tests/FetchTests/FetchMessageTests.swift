import Fetch
import Foundation
import Kernel
import TestOrigins
import Testing

@Suite struct FetchMessageTests {
    @Test func `a response comes with status, fields and body`() throws {
        let origin = Origin(
            .bytes(Array("HTTP/1.1 418 Teapot\r\nX-One:  a b \r\nx-two:\r\nConnection: close\r\n\r\nshort".utf8)))
        let outcome = try fetch(FetchRequest(url: origin.url("/pot?kind=tea")))
        let response = try outcome.response()
        #expect(response.status == 418)
        #expect(response.fields.firstValue("x-ONE") == "a b")
        #expect(response.fields.firstValue("X-Two")?.isEmpty == true)
        #expect(response.body == Array("short".utf8))
        #expect(!response.isBodyCut)
        #expect(outcome.times.connectedMicroseconds > 0)
        #expect(outcome.times.wholeMicroseconds >= outcome.times.firstByteMicroseconds)
        #expect(outcome.times.securedMicroseconds == 0)
    }

    @Test func `the fields of interim responses are not those of the response`() throws {
        let origin = Origin(
            .bytes(
                Array(
                    "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8)))
        let response = try fetch(FetchRequest(url: origin.url())).response()
        #expect(response.status == 200)
        #expect(response.fields == [FetchField("Content-Length", "0")])
    }

    @Test func `a plain request says no more than it must`() throws {
        let origin = Origin()
        _ = try fetch(FetchRequest(url: origin.url("/a/../b?c#d"))).response()
        #expect(
            origin.requests == ["GET /a/../b?c HTTP/1.1\r\nHost: 127.0.0.1:\(origin.port)\r\nAccept: */*\r\n\r\n"])
    }

    @Test func `method, fields and body arrive as they were given`() throws {
        let origin = Origin()
        var request = FetchRequest(url: origin.url("/spans"))
        request.method = "POST"
        request.fields = [FetchField("Content-Type", "application/json"), FetchField("X-Empty", "")]
        request.body = [0x7B, 0, 0x7D]
        _ = try fetch(request).response()
        #expect(origin.requestBodies == [[0x7B, 0, 0x7D]])
        let head = try #require(origin.requests.first)
        #expect(head.hasPrefix("POST /spans HTTP/1.1\r\n"))
        #expect(head.contains("\r\nContent-Type: application/json\r\n"))
        #expect(head.contains("\r\nX-Empty:\r\n"))
        #expect(head.contains("\r\nContent-Length: 3\r\n"))
    }

    @Test(arguments: ["POST", "PUT", "DELETE"])
    func `a large body is sent without waiting for leave`(method: String) throws {
        let origin = Origin()
        var request = FetchRequest(url: origin.url())
        request.method = method
        request.body = [UInt8](repeating: 0x61, count: 2_000_000)
        _ = try fetch(request).response()
        #expect(origin.requestBodies == [request.body])
        let head = try #require(origin.requests.first?.lowercased())
        #expect(!head.contains("expect:") && !head.contains("content-type:"))
    }

    @Test func `a POST without a body says so`() throws {
        let origin = Origin()
        var request = FetchRequest(url: origin.url())
        request.method = "POST"
        _ = try fetch(request).response()
        #expect(origin.requests.first?.contains("\r\nContent-Length: 0\r\n") == true)
    }

    @Test func `a HEAD waits for no body`() throws {
        let origin = Origin(.bytes(Array("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n".utf8)))
        var request = FetchRequest(url: origin.url())
        request.method = "HEAD"
        #expect(try fetch(request).response().body.isEmpty)
        #expect(origin.requests.first?.hasPrefix("HEAD / ") == true)
    }

    @Test func `redirects are not followed`() throws {
        let origin = Origin(
            .bytes(Array("HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n".utf8)))
        let response = try fetch(FetchRequest(url: origin.url())).response()
        #expect(response.status == 302)
        #expect(response.fields.firstValue("location") == "/there")
        #expect(origin.requests.count == 1)
    }

    @Test func `a named host is asked at the address that was given`() throws {
        let origin = Origin()
        var request = FetchRequest(url: "http://nowhere.invalid:81/x")
        request.address = loopback(origin.port)
        _ = try fetch(request).response()
        #expect(origin.requests.first?.contains("\r\nHost: nowhere.invalid:81\r\n") == true)
    }

    @Test func `a Host field takes the place of the URL's`() throws {
        let origin = Origin()
        var request = FetchRequest(url: origin.url())
        request.fields = [FetchField("Host", "health.test")]
        _ = try fetch(request).response()
        let head = try #require(origin.requests.first)
        #expect(head.contains("\r\nHost: health.test\r\n"))
        #expect(head.components(separatedBy: "Host:").count == 2)
    }

    @Test func `a PROXY header precedes the request`() throws {
        let origin = Origin()
        var request = FetchRequest(url: origin.url())
        request.sendsProxyHeader = true
        _ = try fetch(request).response()
        #expect(origin.requests.first?.hasPrefix("PROXY TCP4 127.0.0.1 127.0.0.1 ") == true)
    }

    @Test(arguments: [
        "", "no scheme", "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "http://a b/", "http://h/\r\nX: y",
        "/path",
    ])
    func `a URL that cannot be asked is refused`(url: String) throws {
        #expect(try fetch(FetchRequest(url: url)).error().kind == .invalidRequest)
    }

    @Test func `nothing in a request can begin a line`() throws {
        let origin = Origin()
        var method = FetchRequest(url: origin.url())
        method.method = "GET /\r\nX"
        var name = FetchRequest(url: origin.url())
        name.fields = [FetchField("X: y\r\nZ", "1")]
        var value = FetchRequest(url: origin.url())
        value.fields = [FetchField("X", "1\r\nZ: 2")]
        for request in [method, name, value] { #expect(try fetch(request).error().kind == .invalidRequest) }
        #expect(origin.connectionCount == 0)
    }
}
