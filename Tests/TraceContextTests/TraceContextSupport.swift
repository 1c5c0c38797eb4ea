import HTTPModel
import Kernel
import TraceContext

/// A header line.
struct Line {
    var name: String
    var value: [UInt8]

    init(_ name: String, _ value: String) {
        self.name = name
        self.value = Array(value.utf8)
    }

    init(_ name: String, bytes: [UInt8]) {
        self.name = name
        value = bytes
    }
}

/// What lines in one head say together, with that head.
struct Reading {
    var head: [UInt8] = []
    var extraction = TraceExtraction()

    init(_ lines: [Line]) {
        var table = FieldTable(limit: 100)
        for line in lines {
            let start = head.count
            head += Array(line.name.utf8)
            let end = head.count
            head += [0x3A, 0x20] + line.value + [0x0D, 0x0A]
            let known = KnownField(Array(line.name.utf8).span)
            _ = table.append(
                FieldEntry(
                    name: ByteRange(start, end), value: ByteRange(end + 2, end + 2 + line.value.count), known: known))
        }
        extraction = TraceFields(table, in: head.span).extraction(in: head.span)
    }

    init(_ name: String, _ value: String) { self.init([Line(name, value)]) }

    var context: SpanContext? { extraction.context }

    var problems: [TraceProblem] {
        var rest = extraction.problems
        var all: [TraceProblem] = []
        while let next = rest.popFirst() { all.append(next) }
        return all
    }

    /// The state as it would be passed on, with the lines joined.
    var state: String {
        var lines: [String] = []
        for index in 0..<extraction.state.count {
            lines.append(String(decoding: head[extraction.state[index].indices], as: UTF8.self))
        }
        return lines.joined(separator: ",")
    }

    /// The lines that are written for a context, with the state of this head.
    func written(_ context: SpanContext, _ formats: TraceHeaderFormats) -> [Line] {
        var buffer = ByteBuffer(capacity: TraceHeaders.bytesMax)
        TraceHeaders.append(context, as: formats, state: extraction.state, in: head.span, into: &buffer)
        return lines(text(buffer))
    }
}

func text(_ buffer: borrowing ByteBuffer) -> String {
    var copy: [UInt8] = []
    let readable = buffer.readable
    for index in readable.indices { copy.append(readable[index]) }
    return String(decoding: copy, as: UTF8.self)
}

func lines(_ text: String) -> [Line] {
    text.split(separator: "\r\n").map { line in
        let colon = line.firstIndex(of: ":") ?? line.endIndex
        return Line(String(line[..<colon]), String(line[colon...].dropFirst(2)))
    }
}

let trace128 = "6f1c20aa9b3d4e5f8a7b6c5d4e3f2a1b"
let trace64 = "8a7b6c5d4e3f2a1b"
let spanText = "3c4d5e6f70819203"
let parentText = "1a2b3c4d5e6f7081"
let high: UInt64 = 0x6f1c_20aa_9b3d_4e5f
let low: UInt64 = 0x8a7b_6c5d_4e3f_2a1b
let span: UInt64 = 0x3c4d_5e6f_7081_9203
let parent: UInt64 = 0x1a2b_3c4d_5e6f_7081

/// The context of the texts above.
func context(
    high: UInt64 = high, parent: UInt64 = 0, _ sampling: SamplingState = .deferred, random: Bool = false
) -> SpanContext {
    SpanContext(
        traceIDHigh: high, traceIDLow: low, spanID: span, parentSpanID: parent, sampling: sampling,
        isTraceIDRandom: random)
}
