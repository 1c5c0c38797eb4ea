import HTTPModel
import Kernel
import Testing
import TraceContext

@Suite struct PrecedenceTests {
    private let otherTrace = "1111111111111111aaaaaaaaaaaaaaaa"

    private func multi(_ trace: String, sampled: String) -> [Line] {
        [Line("X-B3-TraceId", trace), Line("X-B3-SpanId", spanText), Line("X-B3-Sampled", sampled)]
    }

    @Test func `b3 wins over X-B3, and X-B3 over traceparent, wherever they stand`() {
        let parent = Line("traceparent", "00-\(otherTrace)-\(parentText)-00")
        let single = Line("b3", "\(trace128)-\(spanText)-d")
        #expect(Reading([parent] + multi(otherTrace, sampled: "0") + [single]).context == context(.debug))
        #expect(Reading([parent] + multi(trace128, sampled: "1")).context == context(.accept))
    }

    @Test func `a malformed header leaves the turn to the next format`() {
        let parent = Line("traceparent", "00-\(trace128)-\(spanText)-01")
        let reading = Reading([Line("b3", "-"), Line("X-B3-TraceId", "short"), Line("X-B3-SpanId", spanText), parent])
        #expect(reading.context == context(.accept))
        #expect(reading.problems == [.b3, .b3TraceID])
    }

    @Test func `a decision alone counts, and the ids are those of the next format`() {
        let parent = Line("traceparent", "00-\(trace128)-\(spanText)-01")
        #expect(Reading([Line("b3", "0"), parent]).context == context(.deny))
        #expect(Reading([Line("X-B3-Sampled", "0"), parent]).context == context(.deny))
        #expect(Reading([Line("b3", "1")] + multi(trace128, sampled: "0")).context == context(.accept))
    }

    @Test func `a deferred decision is not filled in by a weaker format`() {
        let parent = Line("traceparent", "00-\(trace128)-\(spanText)-01")
        #expect(Reading([Line("b3", "\(trace128)-\(spanText)"), parent]).context == context())
    }

    @Test func `tracestate and the random flag follow the trace, not the format`() {
        let state = Line("tracestate", "a=1")
        let same = Line("traceparent", "00-\(trace128)-\(parentText)-02")
        let other = Line("traceparent", "00-\(otherTrace)-\(parentText)-02")
        let single = Line("b3", "\(trace128)-\(spanText)-1")
        let kept = Reading([single, same, state])
        #expect(kept.context == context(.accept, random: true))
        #expect(kept.state == "a=1")
        let dropped = Reading([single, other, state])
        #expect(dropped.context == context(.accept))
        #expect(dropped.state == "")
    }

    @Test func `without any header nothing is said`() {
        let reading = Reading([Line("Host", "example.test"), Line("X-B3-Other", "1"), Line("b4", "1")])
        #expect(reading.context == nil)
        #expect(reading.extraction.sampling == .deferred)
        #expect(reading.problems == [])
    }

    @Test func `fields that Connection names count all the same`() {
        let head = Array("b31".utf8)
        var table = FieldTable(limit: 1)
        _ = table.append(FieldEntry(name: ByteRange(0, 2), value: ByteRange(2, 3), known: .hopByHop))
        #expect(TraceFields(table, in: head.span).extraction(in: head.span).sampling == .accept)
    }

    @Test func `names are recognised in any case and no others are`() {
        for field in TraceField.allCases {
            for name in ["\(field.name)", "\(field.name)".uppercased()] {
                #expect(TraceField(Array(name.utf8).span) == field)
                #expect(TraceField(Array((name + "x").utf8).span) == nil)
                #expect(TraceField(Array(name.dropLast().utf8).span) == nil)
            }
        }
        #expect(TraceField([UInt8]().span) == nil)
    }
}
