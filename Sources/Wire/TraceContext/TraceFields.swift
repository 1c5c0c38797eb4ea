public import HTTPModel

/// The trace headers of one request head, as places in its bytes, and what they say together.
///
/// When several formats arrive, they count in this order: `b3`, then `X-B3-…`, then `traceparent`. A header that is
/// malformed counts as absent, so the next format gets its turn. A format that brings a decision without ids (`b3: 0`)
/// decides, and the ids come from the next format that has some: a trace is better denied under its own name than under
/// a new one. Of a B3 header that is repeated the first counts; a `traceparent` that is repeated is none.
///
/// `tracestate` counts only beside a valid `traceparent` of the very trace that was chosen: it is what vendors noted on
/// that trace.
public struct TraceFields: Sendable {
    /// By the raw value of the field; `tracestate` has its own place.
    private var places = InlineArray<7, ByteRange>(repeating: ByteRange())
    private var seen: UInt8 = 0
    private var isTraceparentRepeated = false
    private var stateLines = TraceStateLines()
    private var hasTooManyStateLines = false

    /// Nothing was seen yet.
    public init() {}

    /// Those of a parsed head, one pass over its fields.
    public init(_ fields: borrowing FieldTable, in head: Span<UInt8>) {
        for entry in fields.entries where entry.known == .other || entry.known == .hopByHop {
            if let field = TraceField(head.extracting(entry.name.indices)) { add(field, value: entry.value) }
        }
    }

    /// No trace header came.
    public var isEmpty: Bool { seen == 0 }

    /// A header was seen; call it in the order received. The value is without white space around it.
    public mutating func add(_ field: TraceField, value: ByteRange) {
        let bit: UInt8 = 1 << field.rawValue
        if field == .tracestate {
            // An empty line is as good as none.
            if !value.isEmpty && stateLines.append(value) == .noRoom { hasTooManyStateLines = true }
        } else if seen & bit == 0 {
            places[Int(field.rawValue)] = value
        } else if field == .traceparent {
            isTraceparentRepeated = true
        }
        seen |= bit
    }

    /// What the headers say. `head` holds the bytes that the places refer to.
    public func extraction(in head: Span<UInt8>) -> TraceExtraction {
        var result = TraceExtraction()
        guard seen != 0 else { return result }
        // 1. Each format by itself.
        let single = readSingle(head, &result.problems)
        let multi = readMulti(head, &result.problems)
        let parent = readTraceparent(head, &result.problems)
        // 2. The first that counts decides; the first with ids names the trace.
        let decision = (single ?? multi ?? parent)?.sampling ?? .deferred
        result.sampling = decision
        result.context = single?.context ?? multi?.context ?? parent?.context
        result.context?.sampling = decision
        // 3. What only W3C tells belongs to the trace of the `traceparent`.
        if let chosen = result.context, let told = parent?.context, chosen.isOfSameTrace(as: told) {
            result.context?.isTraceIDRandom = told.isTraceIDRandom
            result.state = readState(head, &result.problems)
        }
        return result
    }

    // MARK: - One format

    private func readSingle(_ head: Span<UInt8>, _ problems: inout TraceProblems) -> TraceReading? {
        guard has(.b3) else { return nil }
        let reading = B3SingleReader.read(head.extracting(places[Int(TraceField.b3.rawValue)].indices))
        if reading == nil { problems.insert(.b3) }
        return reading
    }

    private func readMulti(_ head: Span<UInt8>, _ problems: inout TraceProblems) -> TraceReading? {
        var reader = B3MultiReader(problems: problems)
        let reading = reader.read(
            trace: value(.b3TraceID, head), span: value(.b3SpanID, head), parent: value(.b3ParentSpanID, head),
            sampled: value(.b3Sampled, head), flags: value(.b3Flags, head))
        problems = reader.problems
        return reading
    }

    private func readTraceparent(_ head: Span<UInt8>, _ problems: inout TraceProblems) -> TraceReading? {
        guard let value = value(.traceparent, head) else { return nil }
        guard !isTraceparentRepeated else {
            problems.insert(.traceparentRepeated)
            return nil
        }
        switch TraceParentReader.read(value) {
        case .read(let reading): return reading
        case .refused(let problem):
            problems.insert(problem)
            return nil
        }
    }

    private func readState(_ head: Span<UInt8>, _ problems: inout TraceProblems) -> TraceStateLines {
        guard !hasTooManyStateLines else {
            problems.insert(.tracestate)
            return TraceStateLines()
        }
        var reader = TraceStateReader()
        for index in 0..<stateLines.count {
            if let problem = reader.check(head.extracting(stateLines[index].indices)) {
                problems.insert(problem)
                return TraceStateLines()
            }
        }
        return stateLines
    }

    private func has(_ field: TraceField) -> Bool { seen & 1 << field.rawValue != 0 }

    @_lifetime(copy head)
    private func value(_ field: TraceField, _ head: Span<UInt8>) -> Span<UInt8>? {
        guard has(field) else { return nil }
        return head.extracting(places[Int(field.rawValue)].indices)
    }
}
