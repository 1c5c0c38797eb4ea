import Testing
import TraceContext

@Suite struct W3CTests {
    private let valid = "00-\(trace128)-\(spanText)-01"

    @Test(arguments: [
        ("00-\(trace128)-\(spanText)-01", context(.accept)),
        ("00-\(trace128)-\(spanText)-00", context(.deny)),
        ("00-\(trace128)-\(spanText)-03", context(.accept, random: true)),
        ("00-\(trace128)-\(spanText)-02", context(.deny, random: true)),
        ("00-\(trace128)-\(spanText)-fd", context(.accept)),
        ("00-0000000000000000\(trace64)-\(spanText)-01", context(high: 0, .accept)),
        ("01-\(trace128)-\(spanText)-01", context(.accept)),
        ("fe-\(trace128)-\(spanText)-01", context(.accept)),
        ("cc-\(trace128)-\(spanText)-01-what-the-future-will-be", context(.accept)),
        ("cc-\(trace128)-\(spanText)-01-", context(.accept)),
    ])
    func `traceparent is read, later versions too`(value: String, expected: SpanContext) {
        let reading = Reading("Traceparent", value)
        #expect(reading.context == expected)
        #expect(reading.problems == [])
    }

    @Test(arguments: [
        "00-\(trace128)-\(spanText)-01-", "00-\(trace128)-\(spanText)-01-extra", "00-\(trace128)-\(spanText)-0",
        "00-\(trace128)-\(spanText)-0A", "00-\(trace128)-\(spanText)-", "00-\(trace128)-\(spanText)-g1",
        "00-00000000000000000000000000000000-\(spanText)-01", "00-\(trace128)-0000000000000000-01",
        "00-\(trace64)-\(spanText)-01", "00-\(trace128)0-\(spanText)-01", "00_\(trace128)-\(spanText)-01",
        "00-\(trace128)_\(spanText)-01", "00-\(trace128)-\(spanText)_01",
        "00-6F1C20aa9b3d4e5f8a7b6c5d4e3f2a1b-\(spanText)-01",
        "00-\(trace128)-3C4d5e6f70819203-01", "01-\(trace128)-\(spanText)-01.", "01-\(trace128)-\(spanText)-011",
        "00", "00-", "00-\(trace128)-\(spanText)-01 ", "00-\(trace128)-\(spanText)-01\0",
    ])
    func `a malformed traceparent counts as absent`(value: String) {
        let reading = Reading([Line("traceparent", value), Line("tracestate", "a=1")])
        #expect(reading.context == nil)
        #expect(reading.extraction.sampling == .deferred)
        #expect(reading.extraction.state.isEmpty)
        #expect(reading.problems == [.traceparent])
    }

    @Test(arguments: [
        "", "0", "ff", "ff-\(trace128)-\(spanText)-01", "FF-\(trace128)-\(spanText)-01", "0x-", " 0-", "\0\0-",
    ])
    func `a version that cannot be is told apart`(value: String) {
        let reading = Reading("traceparent", value)
        #expect(reading.context == nil)
        #expect(reading.problems == [.traceparentVersion])
    }

    @Test func `traceparent cut anywhere is absent`() {
        for version in ["00", "05"] {
            let whole = "\(version)\(valid.dropFirst(2))"
            for length in 0..<whole.utf8.count {
                let reading = Reading("traceparent", String(whole.prefix(length)))
                #expect(reading.context == nil)
                #expect(reading.problems == [length < 2 ? .traceparentVersion : .traceparent])
            }
        }
    }

    @Test func `any byte that does not belong there makes traceparent absent`() {
        let whole = Array(valid.utf8)
        for index in whole.indices {
            for byte: UInt8 in [0, 9, 10, 13, 0x20, 0x2F, 0x3A, 0x40, 0x41, 0x46, 0x60, 0x67, 0x7F, 0x80, 0xFF] {
                var bytes = whole
                bytes[index] = byte
                let reading = Reading([Line("traceparent", bytes: bytes)])
                #expect(reading.context == nil, "\(index) \(byte)")
                #expect(reading.problems == [index < 2 ? .traceparentVersion : .traceparent])
            }
        }
    }

    @Test func `two traceparents are none, be they equal`() {
        let reading = Reading([Line("traceparent", valid), Line("tracestate", "a=1"), Line("TraceParent", valid)])
        #expect(reading.context == nil)
        #expect(reading.extraction.state.isEmpty)
        #expect(reading.problems == [.traceparentRepeated])
    }

    @Test func `an enormous traceparent of a later version is read by its first bytes`() {
        let tail = String(repeating: "x", count: 50_000)
        #expect(Reading("traceparent", "01\(valid.dropFirst(2))-\(tail)").context == context(.accept))
        #expect(Reading("traceparent", valid + "-" + tail).problems == [.traceparent])
    }

    // MARK: - tracestate

    private func state(_ values: [String]) -> Reading {
        Reading([Line("traceparent", valid)] + values.map { Line("tracestate", $0) })
    }

    private static let longest = (0..<2).map { "k\($0)=" + String(repeating: "v", count: 252) }.joined(separator: ",")

    @Test(arguments: [
        ["a=1"], ["rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"], ["a=1", "b=2", "c=3"], ["a=1 , b=2\t,\tc=3"],
        ["a=1,,b=2"],
        ["fw529a3039@dt=FfAoAA==".replacing("==", with: "--")], ["0a_-*/@z= leading space"], ["a=1,a=2"], ["a=~!#;"],
        [longest], ["k=" + String(repeating: "v", count: 256)], [String(repeating: "k", count: 256) + "=v"],
        [(0..<32).map { "k\($0)=v" }.joined(separator: ",")], (0..<8).map { "k\($0)=v" }, [","], ["a=1,"],
    ])
    func `a valid tracestate is passed on as it came`(values: [String]) {
        let reading = state(values)
        #expect(reading.context == context(.accept))
        #expect(reading.state == values.joined(separator: ","))
        #expect(reading.problems == [])
    }

    @Test(
        arguments: [
            (["a"], TraceProblem.tracestate), (["=1"], .tracestate), (["a="], .tracestate), (["a= "], .tracestate),
            (["A=1"], .tracestate), (["_a=1"], .tracestate), (["@a=1"], .tracestate), (["a b=1"], .tracestate),
            (["a=b=c"], .tracestate), (["a=1", "b"], .tracestate), (["a=\u{7F}"], .tracestate), (["a=é"], .tracestate),
            (["a=1\0"], .tracestate), (["a=\u{1}b"], .tracestate), (["a=1;b"], nil), ([" a=1"], nil),
            ([String(repeating: "k", count: 257) + "=v"], .tracestate),
            (["k=" + String(repeating: "v", count: 257)], .tracestate),
            ([(0..<33).map { "k\($0)=v" }.joined(separator: ",")], .tracestateTooLong),
            ([longest + ",a=1"], .tracestateTooLong), ([longest, "a"], .tracestateTooLong),
            ([String(repeating: ",", count: 513)], .tracestateTooLong),
            ([String(repeating: "x", count: 60_000)], .tracestateTooLong),
            ((0..<9).map { "k\($0)=v" }, .tracestate),
        ] as [([String], TraceProblem?)])
    func `a fault in tracestate drops it and leaves the trace`(values: [String], problem: TraceProblem?) {
        let reading = state(values)
        #expect(reading.context == context(.accept))
        #expect(reading.state == (problem == nil ? values.joined(separator: ",") : ""))
        #expect(reading.problems == (problem.map { [$0] } ?? []))
    }

    @Test func `empty lines of tracestate are as good as none`() {
        #expect(state(["", "a=1", ""]).state == "a=1")
        #expect(state(["", ""]).state == "")
        #expect(state([""]).problems == [])
    }

    @Test func `tracestate without traceparent counts for nothing`() {
        let reading = Reading("tracestate", "a=1")
        #expect(reading.context == nil)
        #expect(reading.extraction.state.isEmpty)
        #expect(reading.problems == [])
    }
}
