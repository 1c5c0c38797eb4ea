import Foundation
import HTTPModel
import Kernel
import Testing
import TraceContext

@testable import Telemetry

@Suite struct SpanFormatTests {
    private let registry = TracingRegistry(shards: 1)
    private let clock = SpanClock(monotonicNanoseconds: 1_000_000_000, wallMilliseconds: 1_700_000_000_000)
    private let service = SpanServiceText(
        service: "Gateway", address: SocketAddress(literal: "10.0.0.2", port: 8_080))
    private let route = SpanRouteText(pattern: "/orders/{id}", route: "orders")
    private let upstream = SpanUpstreamText(
        upstream: "Orders", address: SocketAddress(literal: "10.0.0.9", port: 9_000))
    private let context = SpanContext(
        traceIDHigh: 0x6f1c_20aa_9b3d_4e5f, traceIDLow: 0x8a7b_6c5d_4e3f_2a1b, spanID: 0x3c4d, parentSpanID: 0x1a2b,
        sampling: .accept)

    private func server(_ edit: (inout ServerSpan) -> Void = { _ in }) -> ServerSpan {
        var span = ServerSpan(
            context: context, startNanoseconds: 2_000_000_000, endNanoseconds: 2_001_520_000, method: .get, kept: .rate)
        edit(&span)
        return span
    }

    private func client(_ edit: (inout ClientSpan) -> Void = { _ in }) -> ClientSpan {
        var span = ClientSpan(context: context, startNanoseconds: 2_000_000_000, method: .get, number: 0)
        span.endNanoseconds = 2_000_000_001
        edit(&span)
        return span
    }

    /// The spans that a channel hands over, parsed.
    private func written(_ body: (SpanChannel) -> Void) throws -> [[String: Any]] {
        let queue = ChunkQueue(wakeUp: try WakeUp())
        let channel = SpanChannel(queue: queue, metrics: registry.shard(0), clock: clock)
        body(channel)
        channel.flush()
        return try parsed(collect(queue))
    }

    private func written(_ span: ServerSpan, _ route: SpanRouteText? = nil, requestID: String = "") throws
        -> [String: Any]
    {
        let all = try written {
            $0.append(
                span, service: service, route: route ?? self.route, requestID: Array(requestID.utf8).span)
        }
        return try #require(all.first)
    }

    private func written(_ span: ClientSpan) throws -> [String: Any] {
        let all = try written { $0.append(span, service: service, route: route, upstream: upstream) }
        return try #require(all.first)
    }

    private func parsed(_ text: String) throws -> [[String: Any]] {
        #expect(text.isEmpty || text.hasSuffix("},\n"))
        let array = "[" + text.dropLast(2) + "]"
        let spans = try JSONSerialization.jsonObject(with: Data(array.utf8)) as? [[String: Any]]
        #expect(spans?.count == text.utf8.count { $0 == 0x0A })
        return try #require(spans)
    }

    private func tags(_ span: [String: Any]) throws -> [String: String] {
        try #require(span["tags"] as? [String: String])
    }

    @Test func `a server span is what Zipkin expects`() throws {
        let span = try written(
            server {
                $0.status = 200
                $0.attempts = 1
                $0.client = SocketAddress(literal: "192.0.2.7", port: 51_000)
            }, requestID: "abc\"\n")
        let expected: [String: Any] = [
            "traceId": "6f1c20aa9b3d4e5f8a7b6c5d4e3f2a1b", "id": "0000000000003c4d", "parentId": "0000000000001a2b",
            "kind": "SERVER", "name": "get /orders/{id}", "timestamp": 1_700_000_001_000_000, "duration": 1_520,
            "localEndpoint": ["serviceName": "gateway", "ipv4": "10.0.0.2", "port": 8_080],
            "remoteEndpoint": ["ipv4": "192.0.2.7", "port": 51_000],
            "tags": [
                "http.method": "GET", "http.path": "/orders/{id}", "http.route": "/orders/{id}",
                "martlet.route": "orders", "http.status_code": "200", "sampling.kept": "rate",
                "request.id": "abc\"\n",
            ],
        ]
        #expect(span as NSDictionary == expected as NSDictionary)
    }

    @Test func `a client span names the endpoint and what happened when`() throws {
        let span = try written(
            client {
                $0.status = 503
                $0.number = 2
                $0.isHedge = true
                $0.connectedNanoseconds = 2_000_400_000
                $0.headNanoseconds = 2_000_900_999
                $0.endNanoseconds = 2_001_000_000
            })
        #expect(span["kind"] as? String == "CLIENT")
        #expect(
            span["remoteEndpoint"] as? NSDictionary
                == ["serviceName": "orders", "ipv4": "10.0.0.9", "port": 9_000] as NSDictionary)
        #expect(
            span["annotations"] as? NSArray == [
                ["timestamp": 1_700_000_001_000_400, "value": "connected"],
                ["timestamp": 1_700_000_001_000_900, "value": "response head"],
            ] as NSArray)
        #expect(
            try tags(span) == [
                "http.method": "GET", "http.path": "/orders/{id}", "http.route": "/orders/{id}",
                "martlet.route": "orders", "http.status_code": "503", "error": "503", "retry.count": "2",
                "hedge": "true", "upstream.name": "Orders", "upstream.address": "10.0.0.9:9000",
            ])
    }

    @Test func `one annotation stands without a comma, and none without a list`() throws {
        let connected = try written(client { $0.connectedNanoseconds = 2_000_000_000 })
        #expect((connected["annotations"] as? NSArray)?.count == 1)
        let head = try written(client { $0.headNanoseconds = 2_000_000_000 })
        #expect((head["annotations"] as? NSArray)?.count == 1)
        #expect(try written(client())["annotations"] == nil)
    }

    @Test(arguments: [(0, 1), (1, 1), (999, 1), (1_000, 1), (1_001, 2), (5_000_000_000, 5_000_000)])
    func `a duration is rounded up, to a microsecond at least`(nanoseconds: UInt64, microseconds: Int) throws {
        let span = try written(server { $0.endNanoseconds = $0.startNanoseconds + nanoseconds })
        #expect(span["duration"] as? Int == microseconds)
        let backwards = try written(server { $0.endNanoseconds = $0.startNanoseconds - 1 })
        #expect(backwards["duration"] as? Int == 1)
    }

    @Test func `every error is told with its stage and side`() throws {
        for error in GatewayError.allCases {
            let tags = try tags(try written(server { $0.error = error }))
            #expect(tags["error"] == "\(error.word)")
            #expect(tags["error.stage"] == "\(error.stage.word)" && tags["error.side"] == "\(error.side.word)")
        }
        #expect(try tags(try written(server { $0.status = 499 }))["error"] == nil)
        #expect(try tags(try written(server { $0.status = 500 }))["error"] == "500")
    }

    @Test func `retries are attempts after the first`() throws {
        #expect(try tags(try written(server { $0.attempts = 1 }))["retry.count"] == nil)
        #expect(try tags(try written(server { $0.attempts = 3 }))["retry.count"] == "2")
        #expect(try tags(try written(client { $0.number = 1 }))["retry.count"] == "1")
    }

    @Test func `a trace id of 64 bits stays short, a root has no parent, debug is told`() throws {
        let span = try written(
            server {
                $0.context = SpanContext(traceIDHigh: 0, traceIDLow: 0xAB, spanID: 1, sampling: .debug)
            })
        #expect(span["traceId"] as? String == "00000000000000ab")
        #expect(span["parentId"] == nil)
        #expect(span["debug"] as? Bool == true)
    }

    @Test func `a request that no route took has its method as its name`() throws {
        let span = try written(server { $0.method = .extension }, SpanRouteText.none)
        #expect(span["name"] as? String == "http")
        #expect(try tags(span) == ["http.method": "_OTHER", "sampling.kept": "rate"])
        for method in Method.allCases where method != .extension {
            let span = try written(server { $0.method = method })
            #expect(span["name"] as? String == "\(method.token)".lowercased() + " /orders/{id}")
        }
    }

    @Test(arguments: ["2001:db8::7", "::1", "fe80::1234:5:6"])
    func `an IPv6 address is a valid one`(literal: String) throws {
        let span = try written(server { $0.client = SocketAddress(literal: literal, port: 0) })
        let endpoint = try #require(span["remoteEndpoint"] as? [String: Any])
        let text = try #require(endpoint["ipv6"] as? String)
        #expect(SocketAddress(literal: text, port: 0) == SocketAddress(literal: literal, port: 0))
        #expect(endpoint["port"] == nil)
    }

    @Test func `endpoints without an address have none`() {
        func text(_ address: SocketAddress?) -> String {
            String(decoding: SpanServiceText(service: "g\"w", address: address).endpoint, as: UTF8.self)
        }
        #expect(text(nil) == #"{"serviceName":"g\"w"}"#)
        #expect(text(SocketAddress(literal: "0.0.0.0", port: 80)) == #"{"serviceName":"g\"w","port":80}"#)
        #expect(text(SocketAddress(literal: "::", port: 0)) == #"{"serviceName":"g\"w"}"#)
        #expect(text(SocketAddress(literal: "::1", port: 1)) == #"{"serviceName":"g\"w","ipv6":"::1","port":1}"#)
    }

    @Test func `names and identifiers of any content are valid JSON within the bounds`() throws {
        let wild = String(repeating: "\"\\\u{1}é\u{9F}\n", count: 200)
        let route = SpanRouteText(pattern: wild, route: wild)
        let upstream = SpanUpstreamText(upstream: wild, address: SocketAddress(literal: "2001:db8::7", port: 65_535))
        let service = SpanServiceText(service: wild, address: SocketAddress(literal: "2001:db8::7", port: 65_535))
        let long = SpanContext(
            traceIDHigh: .max, traceIDLow: .max, spanID: .max - 1, parentSpanID: .max, sampling: .debug)
        let spans = try written { channel in
            channel.clock = SpanClock(monotonicNanoseconds: 0, wallMilliseconds: .max / 2_000)
            for error in GatewayError.allCases {
                var span = ServerSpan(
                    context: long, startNanoseconds: 1, endNanoseconds: .max, method: .options, kept: .retried)
                span.status = .max
                span.attempts = .max
                span.error = error
                span.client = SocketAddress(literal: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", port: 65_535)
                channel.append(span, service: service, route: route, requestID: Array(wild.utf8).span)
                var attempt = ClientSpan(context: long, startNanoseconds: 1, method: .options, number: .max)
                attempt.connectedNanoseconds = .max
                attempt.headNanoseconds = .max
                attempt.endNanoseconds = .max
                attempt.status = .max
                attempt.error = error
                attempt.isHedge = true
                channel.append(attempt, service: service, route: route, upstream: upstream)
            }
        }
        #expect(spans.count == 2 * GatewayError.allCases.count)
    }

    @Test func `the frame's bound holds with room to spare and is no waste`() {
        var buffer = ByteBuffer(capacity: 8_192)
        var span = client()
        span.context = SpanContext(traceIDHigh: .max, traceIDLow: .max, spanID: 1, parentSpanID: .max, sampling: .debug)
        span.status = .max
        span.number = .max
        span.error = .upstreamBodyTimeout
        span.isHedge = true
        span.connectedNanoseconds = .max
        span.headNanoseconds = .max
        span.endNanoseconds = .max
        let far = SpanClock(monotonicNanoseconds: 0, wallMilliseconds: .max / 2_000)
        SpanFormat.append(span, service, route, upstream, clock: far, into: &buffer)
        let frame =
            buffer.count - service.endpoint.count - route.pattern.count - route.tags.count - upstream.endpoint.count
            - upstream.tags.count
        #expect(frame < SpanFormat.frameBytes * 3 / 4 && frame > SpanFormat.frameBytes / 2)
    }

    @Test func `a clock that is set is followed, one that jitters is not`() {
        var clock = SpanClock(monotonicNanoseconds: 5_000_000, wallMilliseconds: 1_000)
        #expect(clock.microseconds(at: 5_000_000) == 1_000_000)
        #expect(clock.microseconds(at: 4_000_000) == 999_000)
        #expect(clock.microseconds(at: 5_001_999) == 1_000_001)
        clock.follow(monotonicNanoseconds: 1_005_000_000, wallMilliseconds: 2_002)
        #expect(clock.microseconds(at: 1_005_000_000) == 2_000_000)
        clock.follow(monotonicNanoseconds: 1_005_000_000, wallMilliseconds: 5_000)
        #expect(clock.microseconds(at: 1_005_000_000) == 5_000_000)
        clock.follow(monotonicNanoseconds: 1_005_000_000, wallMilliseconds: 10)
        #expect(clock.microseconds(at: 1_005_000_000) == 10_000)
    }
}
