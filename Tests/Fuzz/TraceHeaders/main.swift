import FuzzSupport
import HTTPModel
import Kernel
import TraceContext

// Invariants of trace headers: whatever comes, ids are none or not zero, what we write of them is read again the same, and a
// `tracestate` goes on octet for octet within its limits.
//
// A line of the input is a field: its first octet chooses which, the rest is the value.

func extraction(_ lines: [(field: TraceField, value: [UInt8])]) -> (TraceExtraction, head: [UInt8]) {
    var head: [UInt8] = []
    var fields = TraceFields()
    for line in lines {
        let start = head.count
        head += line.value
        fields.add(line.field, value: ByteRange(start, head.count))
    }
    return (fields.extraction(in: head.span), head)
}

func checkWriting(_ read: TraceExtraction, _ context: SpanContext, _ head: [UInt8]) {
    check(context.traceIDHigh | context.traceIDLow != 0 && context.spanID != 0, "an id of zeros")
    check(context.parentSpanID != context.spanID, "its own parent")
    check(context.sampling == read.sampling, "two decisions")
    var buffer = ByteBuffer(capacity: TraceHeaders.bytesMax)
    TraceHeaders.append(context, as: [.b3Multi, .w3c], state: read.state, in: head.span, into: &buffer)
    var lines: [(field: TraceField, value: [UInt8])] = []
    for line in contents(of: buffer).split(separator: 0x0A) {
        let colon = line.firstIndex(of: 0x3A) ?? line.endIndex
        guard let field = TraceField(Array(line[..<colon]).span) else { fatalError("broken: an unknown field") }
        lines.append((field, Array(line[colon...].dropFirst(2).dropLast())))
    }
    let (again, newHead) = extraction(lines)
    check(again.context == context, "other ids in our own headers")
    check(again.problems.isEmpty, "problems in our own headers")
    check(state(again, newHead) == state(read, head), "another tracestate in our own headers")
    check(state(read, head).count <= 512, "a tracestate beyond its limit")
}

func state(_ extraction: TraceExtraction, _ head: [UInt8]) -> [UInt8] {
    var lines: [[UInt8]] = []
    for index in 0..<extraction.state.count { lines.append(Array(head[extraction.state[index].indices])) }
    return Array(lines.joined(separator: [0x2C]))
}

@c public func LLVMFuzzerTestOneInput(_ base: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let lines = FuzzDriver.bytes(base, count).split(separator: 0x0A).map { line in
        (field: TraceField.allCases[Int(line[line.startIndex]) % 8], value: Array(line.dropFirst()))
    }
    let (read, head) = extraction(lines)
    if let context = read.context { checkWriting(read, context, head) }
    check(read.context != nil || read.state.isEmpty, "a tracestate without a trace")
    return 0
}

FuzzDriver.run { LLVMFuzzerTestOneInput($0, $1) }
