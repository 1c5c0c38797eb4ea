import Kernel
import Testing
import TraceContext

@Suite struct TraceHeadersTests {
    private func written(_ context: SpanContext, _ formats: TraceHeaderFormats) -> String {
        var buffer = ByteBuffer(capacity: TraceHeaders.bytesMax)
        TraceHeaders.append(context, as: formats, into: &buffer)
        return text(buffer)
    }

    @Test func `each format is written as its specification says`() {
        #expect(
            written(context(parent: parent, .accept), .standard) == """
                X-B3-TraceId: \(trace128)\r
                X-B3-SpanId: \(spanText)\r
                X-B3-ParentSpanId: \(parentText)\r
                X-B3-Sampled: 1\r
                traceparent: 00-\(trace128)-\(spanText)-01\r\n
                """)
        #expect(written(context(parent: parent, .deny), .b3Single) == "b3: \(trace128)-\(spanText)-0-\(parentText)\r\n")
        #expect(written(context(.debug), .b3Single) == "b3: \(trace128)-\(spanText)-d\r\n")
        #expect(written(context(parent: parent), .b3Single) == "b3: \(trace128)-\(spanText)\r\n")
        #expect(
            written(context(.debug), .b3Multi)
                == "X-B3-TraceId: \(trace128)\r\nX-B3-SpanId: \(spanText)\r\nX-B3-Flags: 1\r\n")
        #expect(
            written(context(), .b3Multi) == "X-B3-TraceId: \(trace128)\r\nX-B3-SpanId: \(spanText)\r\n")
        #expect(written(context(.accept, random: true), .w3c) == "traceparent: 00-\(trace128)-\(spanText)-03\r\n")
        #expect(written(context(.deny, random: true), .w3c) == "traceparent: 00-\(trace128)-\(spanText)-02\r\n")
        #expect(written(context(), .w3c) == "traceparent: 00-\(trace128)-\(spanText)-00\r\n")
        #expect(written(context(), []) == "")
    }

    @Test func `a short trace id stays short in B3 and is padded for W3C`() {
        #expect(written(context(high: 0), .b3Single) == "b3: \(trace64)-\(spanText)\r\n")
        #expect(written(context(high: 0), .b3Multi).hasPrefix("X-B3-TraceId: \(trace64)\r\n"))
        #expect(written(context(high: 0), .w3c) == "traceparent: 00-0000000000000000\(trace64)-\(spanText)-00\r\n")
    }

    @Test func `what is written is read again`() {
        var random = FastRandom(seed: 7)
        for round in 0..<2_000 {
            let context = SpanContext(
                traceIDHigh: round % 3 == 0 ? 0 : random.next(), traceIDLow: max(1, random.next()),
                spanID: max(1, random.next()), parentSpanID: round % 2 == 0 ? 0 : random.next(),
                sampling: SamplingState.allCases[random.below(4)])
            for formats: TraceHeaderFormats in [.b3Multi, .b3Single, .standard, [.b3Multi, .b3Single, .w3c]] {
                let again = Reading(lines(written(context, formats)))
                var expected = context
                // The single header has no place for a parent without a decision.
                if formats.contains(.b3Single) && context.sampling == .deferred { expected.parentSpanID = 0 }
                #expect(again.context == expected)
                #expect(again.problems == [])
            }
            var told = context
            told.parentSpanID = 0
            told.sampling = context.sampling.isSampled ? .accept : .deny
            #expect(Reading(lines(written(context, .w3c))).context == told)
        }
    }

    @Test func `tracestate goes on with traceparent, its lines joined`() {
        let reading = Reading([
            Line("traceparent", "00-\(trace128)-\(spanText)-01"), Line("tracestate", "a=1,b=2"), Line("Host", "x"),
            Line("tracestate", "c=3"),
        ])
        let lines = reading.written(context(.accept), .standard)
        #expect(lines.last?.name == "tracestate")
        #expect(lines.last?.value == Array("a=1,b=2,c=3".utf8))
        #expect(!reading.written(context(.accept), .b3Multi).contains { $0.name == "tracestate" })
    }

    @Test func `the longest headers fit the bound exactly`() {
        let half = String(repeating: "v", count: 252)
        let reading = Reading([
            Line("traceparent", "00-\(trace128)-\(spanText)-01"), Line("tracestate", "k1=\(half),k2=\(half)"),
        ])
        #expect(reading.state.utf8.count == 511)
        let lines = reading.written(context(parent: parent, .accept), [.b3Multi, .b3Single, .w3c])
        let bytes = lines.reduce(0) { $0 + $1.name.utf8.count + $1.value.count + 4 }
        #expect(bytes == TraceHeaders.bytesMax - 1)
    }

    @Test func `a further attempt puts its own id in every place`() {
        let all: TraceHeaderFormats = [.b3Multi, .b3Single, .w3c]
        var first = ByteBuffer(capacity: 1_024)
        first.append("GET / HTTP/1.1\r\n")
        let places = TraceHeaders.append(context(parent: parent, .accept), as: all, into: &first)
        first.append("\r\n")
        places.replace(with: 0xAB, in: &first)
        var second = context(parent: parent, .accept)
        second.spanID = 0xAB
        #expect(text(first) == "GET / HTTP/1.1\r\n" + written(second, all) + "\r\n")
    }

    @Test func `ids made from random numbers are never zero`() {
        let root = SpanContext.root(traceIDHigh: 0, traceIDLow: 0, spanID: 0, sampling: .accept)
        #expect(root.traceIDLow == 1 && root.spanID == 1 && root.isTraceIDRandom)
        let child = root.child(random: 0)
        #expect(child.spanID != 0 && child.spanID != root.spanID && child.parentSpanID == root.spanID)
        #expect(root.child(random: 9).spanID == 9)
        #expect(root.child(random: 1).spanID != 1)
        var last = root
        last.spanID = .max
        #expect(last.child(random: 0).spanID == 1)
        #expect(last.child(random: .max).spanID == 1)
        #expect(child.isOfSameTrace(as: root))
    }
}
