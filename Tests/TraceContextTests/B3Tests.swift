import Testing
import TraceContext

@Suite struct B3Tests {
    @Test(arguments: [
        ("\(trace128)-\(spanText)", context()),
        ("\(trace128)-\(spanText)-1", context(.accept)),
        ("\(trace128)-\(spanText)-0", context(.deny)),
        ("\(trace128)-\(spanText)-d", context(.debug)),
        ("\(trace128)-\(spanText)-1-\(parentText)", context(parent: parent, .accept)),
        ("\(trace64)-\(spanText)-1-\(parentText)", context(high: 0, parent: parent, .accept)),
        ("0000000000000000\(trace64)-\(spanText)", context(high: 0)),
        ("\(trace128)-\(spanText)-0-0000000000000000", context(.deny)),
        ("\(trace128)-\(spanText)-0-\(spanText)", context(.deny)),
    ])
    func `every form of b3 is read`(value: String, expected: SpanContext) {
        let reading = Reading("B3", value)
        #expect(reading.context == expected)
        #expect(reading.extraction.sampling == expected.sampling)
        #expect(reading.problems == [])
    }

    @Test(arguments: [("0", SamplingState.deny), ("1", .accept), ("d", .debug)])
    func `b3 may be a decision alone`(value: String, expected: SamplingState) {
        let reading = Reading("b3", value)
        #expect(reading.context == nil)
        #expect(reading.extraction.sampling == expected)
        #expect(reading.problems == [])
    }

    @Test(arguments: [
        "", "-", "2", "D", "true", "--", "0-", "1-1", trace128, trace64, "\(trace128)-", "-\(spanText)",
        "\(trace128)\(spanText)", "\(trace128)_\(spanText)", "\(trace128)-\(spanText)-", "\(trace128)-\(spanText)-2",
        "\(trace128)-\(spanText)-11", "\(trace128)-\(spanText)--\(parentText)", "\(trace128)-\(spanText)-\(parentText)",
        "\(trace128)-\(spanText)-1-", "\(trace128)-\(spanText)-1-\(parentText)0",
        "\(trace128)-\(spanText)-1-\(parentText)-1", "\(trace128)-\(spanText)-1_\(parentText)",
        "\(trace128)-\(spanText)-1-\(parentText.dropLast())",
        "00000000000000000000000000000000-\(spanText)-1", "\(trace128)-0000000000000000-1",
        "6F1C20AA9B3D4E5F8A7B6C5D4E3F2A1B-\(spanText)-1", "\(trace128)-3C4D5E6F70819203-1",
        "\(trace128.dropLast())-\(spanText)-1", "\(trace128)0-\(spanText)-1", "\(trace128)-\(spanText)g-1",
        "g\(trace128.dropFirst())-\(spanText)", "\(trace128)-\(spanText)-1,\(trace128)-\(spanText)-1",
        " \(trace128)-\(spanText)", "\(trace128)-\(spanText) ",
    ])
    func `a malformed b3 counts as absent`(value: String) {
        let reading = Reading("b3", value)
        #expect(reading.context == nil)
        #expect(reading.extraction.sampling == .deferred)
        #expect(reading.problems == [.b3])
    }

    @Test func `b3 cut anywhere is read only where a form ends`() {
        let whole = "\(trace128)-\(spanText)-1-\(parentText)"
        let forms = [1, 49, 51, 68]
        for length in 0...whole.utf8.count where !(length == 1) {
            let reading = Reading("b3", String(whole.prefix(length)))
            #expect((reading.context != nil) == forms.contains(length), "\(length)")
        }
    }

    @Test func `any byte that does not belong there makes b3 absent`() {
        let whole = Array("\(trace128)-\(spanText)-1-\(parentText)".utf8)
        for index in whole.indices {
            for byte: UInt8 in [0, 9, 10, 13, 0x20, 0x2F, 0x3A, 0x40, 0x47, 0x60, 0x67, 0x7F, 0x80, 0xFF] {
                var bytes = whole
                bytes[index] = byte
                #expect(Reading([Line("b3", bytes: bytes)]).problems == [.b3], "\(index) \(byte)")
            }
        }
    }

    @Test func `an enormous b3 is malformed`() {
        #expect(Reading("b3", String(repeating: "a", count: 60_000)).problems == [.b3])
    }

    @Test func `of two b3 headers the first counts`() {
        let second = Line("b3", "\(trace64)-\(spanText)-0")
        #expect(Reading([Line("b3", "\(trace128)-\(spanText)-1"), second]).context == context(.accept))
        #expect(Reading([Line("b3", "x"), second]).context == nil)
    }

    // MARK: - X-B3-…

    private let ids = [Line("X-B3-TraceId", trace128), Line("x-b3-spanid", spanText)]

    @Test func `the fields are read together`() {
        #expect(Reading(ids).context == context())
        #expect(Reading(ids + [Line("X-B3-ParentSpanId", parentText)]).context == context(parent: parent))
        #expect(Reading(ids + [Line("X-B3-ParentSpanId", spanText)]).context == context())
        #expect(
            Reading([Line("X-B3-SpanId", spanText), Line("X-B3-TraceId", trace64)]).context == context(high: 0))
    }

    @Test(arguments: [
        ("1", SamplingState.accept), ("0", .deny), ("true", .accept), ("false", .deny), ("True", .accept),
        ("FALSE", .deny),
    ])
    func `the decision is read`(value: String, expected: SamplingState) {
        #expect(Reading(ids + [Line("X-B3-Sampled", value)]).context == context(expected))
        let alone = Reading("X-B3-Sampled", value)
        #expect(alone.context == nil)
        #expect(alone.extraction.sampling == expected)
        #expect(alone.problems == [])
    }

    @Test(arguments: ["", "2", "d", "yes", "01", "1 ", "1\0", "tru", "truee", String(repeating: "1", count: 9_000)])
    func `another decision is none, and the ids count`(value: String) {
        let reading = Reading(ids + [Line("X-B3-Sampled", value)])
        #expect(reading.context == context())
        #expect(reading.problems == [.b3Sampled])
    }

    @Test func `the debug flag beats the decision, and other flags say nothing`() {
        #expect(Reading(ids + [Line("X-B3-Flags", "1")]).context == context(.debug))
        #expect(Reading(ids + [Line("X-B3-Flags", "1"), Line("X-B3-Sampled", "0")]).context == context(.debug))
        for value in ["0", "", "2", "11", "true", "\u{1}"] {
            let reading = Reading(ids + [Line("X-B3-Flags", value), Line("X-B3-Sampled", "0")])
            #expect(reading.context == context(.deny), "\(value)")
            #expect(reading.problems == [])
        }
    }

    @Test(arguments: [
        "", "0", "00000000000000000000000000000000", "0000000000000000", String(trace128.dropLast()),
        String(trace64.dropLast()), trace128 + "0", trace128.uppercased(), "\(trace64),\(trace64)", "0x\(trace64)",
        "\(trace64.dropLast())\n", "\(trace64.dropLast())\0", String(repeating: "1", count: 50_000),
    ])
    func `a malformed trace id takes the ids away and leaves the decision`(value: String) {
        let reading = Reading([
            Line("X-B3-TraceId", value), Line("X-B3-SpanId", spanText), Line("X-B3-Sampled", "1"),
        ])
        #expect(reading.context == nil)
        #expect(reading.extraction.sampling == .accept)
        #expect(reading.problems == [.b3TraceID])
    }

    @Test(arguments: [
        "", "0", "0000000000000000", String(spanText.dropLast()), spanText + "0", trace128, spanText.uppercased(),
        "\(spanText.dropLast())\t", " \(spanText.dropLast())",
    ])
    func `a malformed span id takes the ids away`(value: String) {
        let reading = Reading([Line("X-B3-TraceId", trace128), Line("X-B3-SpanId", value)])
        #expect(reading.context == nil)
        #expect(reading.problems == [.b3SpanID])
    }

    @Test(arguments: ["", "1", trace128, parentText.uppercased(), String(parentText.dropLast()), parentText + " "])
    func `a malformed parent is not known`(value: String) {
        let reading = Reading(ids + [Line("X-B3-ParentSpanId", value)])
        #expect(reading.context == context())
        #expect(reading.problems == [.b3ParentSpanID])
    }

    @Test func `one id without the other counts for nothing`() {
        for line in ids {
            let reading = Reading([line])
            #expect(reading.context == nil)
            #expect(reading.problems == [.b3Incomplete])
        }
    }

    @Test func `of repeated fields the first counts`() {
        let reading = Reading(
            ids + [
                Line("X-B3-TraceId", "x"), Line("X-B3-SpanId", parentText), Line("X-B3-Sampled", "0"),
                Line("X-B3-Sampled", "1"),
            ])
        #expect(reading.context == context(.deny))
        #expect(reading.problems == [])
    }
}
