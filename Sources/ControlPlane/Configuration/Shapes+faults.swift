internal import Declarations

extension Shapes {
    static let fault = MappingShape<FaultDeclaration>(
        name: "fault", summary: "Faults on purpose; a delay comes before a refusal.",
        keys: [
            .nested("delay", \.self, faultDelay, "Requests that are held back for a while."),
            .nested("abort", \.self, faultAbort, "Requests that are answered here."),
        ])

    static let faultDelay = MappingShape<FaultDeclaration>(
        name: "fault-delay", title: "`delay`", summary: "Requests that are held back for a while.",
        keys: [
            .key("time", \.delayMilliseconds, .duration(1...60_000, off: false), required: true, "How long."),
            .key("percent", \.delayPercent, .percent(1...100), default: 100, "Share of the requests."),
        ])

    static let faultAbort = MappingShape<FaultDeclaration>(
        name: "fault-abort", title: "`abort`", summary: "Requests that are answered here.",
        keys: [
            .key("status", \.abortStatus, .integer(400...599), required: true, "The status of the answer."),
            .key("percent", \.abortPercent, .percent(1...100), default: 100, "Share of the requests."),
        ])
}

extension ValueShape<FilterDeclaration> {
    static let fault = Shapes.fault.value { _ in FaultDeclaration() }.checked {
        fault, node, reading -> FilterDeclaration? in
        // One that could not be read is reported already.
        if reading.written(["delay"], in: node) == nil, reading.written(["abort"], in: node) == nil {
            reading.error(
                "missing-key", at: node, "the fault does nothing", expected: "`delay`, `abort`, or both")
            return nil
        }
        return .fault(fault)
    }
}
