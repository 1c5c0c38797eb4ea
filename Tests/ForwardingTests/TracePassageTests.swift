import Filters
import HTTP1
import HTTPModel
import Kernel
import Testing
import TraceContext

@testable import Forwarding

@Suite struct TracePassageTests {
    private static let received = """
        GET / HTTP/1.1\r
        Host: h\r
        B3: 0\r
        X-B3-TraceID: 1\r
        Accept: x\r
        traceParent: a\r
        tracestate: k=v\r
        x-b3-flags: 1\r
        X-B3-Other: y\r
        \r\n
        """

    /// The head as it goes out, and where ids stand.
    private static func write(
        _ trace: TracePassage?, then change: (SpanIDPlaces, inout ByteBuffer) -> Void = { _, _ in }
    )
        throws -> [String]
    {
        let bytes = Array(received.utf8)
        var head = RequestHead(fieldLimit: 100)
        let limits = HeadLimits(headBytes: 65_536, targetBytes: 65_536, fields: 100)
        guard case .complete(let end) = RequestHeadParser.parse(bytes.span, into: &head, limits: limits) else {
            return []
        }
        let address = try #require(SocketAddress(literal: "192.0.2.7", port: 5_000))
        let identity = ForwardingIdentity(peer: address, isTrusted: false, listenerPort: Array("8080".utf8))
        let writer = RequestHeadWriter(edits: HeaderEdits(), identity: identity)
        let path = Array("/".utf8)
        let room = writer.bytesMax(head, headBytes: end, path: path.span) + TraceHeaders.bytesMax
        var out = ByteBuffer(capacity: room)
        let places = writer.write(
            head, in: bytes.span, path: path.span, requestID: Array("id".utf8).span, trace: trace, into: &out)
        #expect(places.isEmpty == (trace == nil))
        change(places, &out)
        return ByteText.string(out.readable).split(separator: "\r\n").map(String.init)
    }

    private static let context = SpanContext(
        traceIDHigh: 0x1111, traceIDLow: 0x2222, spanID: 0x3333, parentSpanID: 0x4444, sampling: .accept)

    @Test func `without a passage trace headers go out as they came`() throws {
        let lines = try Self.write(nil)
        for line in ["B3: 0", "X-B3-TraceID: 1", "traceParent: a", "tracestate: k=v", "x-b3-flags: 1", "X-B3-Other: y"]
        {
            #expect(lines.contains(line))
        }
    }

    @Test func `a passage takes the place of all that came, in whichever format`() throws {
        let lines = try Self.write(TracePassage(Self.context, formats: .w3c, state: TraceStateLines()))
        let told = lines.filter { line in
            ["b3:", "x-b3", "trace"].contains { line.lowercased().hasPrefix($0) }
        }
        #expect(
            told == [
                "X-B3-Other: y", "traceparent: 00-00000000000011110000000000002222-0000000000003333-01",
            ])
        #expect(lines.contains("Accept: x"))
    }

    @Test func `another attempt bears its own id in every format`() throws {
        let passage = TracePassage(Self.context, formats: [.b3Multi, .b3Single, .w3c], state: TraceStateLines())
        let lines = try Self.write(passage) { places, out in places.replace(with: 0xABCD, in: &out) }
        #expect(lines.contains("X-B3-SpanId: 000000000000abcd"))
        #expect(lines.contains("X-B3-ParentSpanId: 0000000000004444"))
        #expect(lines.contains("b3: 00000000000011110000000000002222-000000000000abcd-1-0000000000004444"))
        #expect(lines.contains("traceparent: 00-00000000000011110000000000002222-000000000000abcd-01"))
    }
}
