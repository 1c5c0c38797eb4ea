/// Reads the value of `b3`: `{trace}-{span}[-{state}[-{parent}]]`, or a state alone.
enum B3SingleReader {
    /// `nil` when it is malformed.
    static func read(_ value: Span<UInt8>) -> TraceReading? {
        if value.count == 1 {
            return state(value[0]).map { TraceReading(nil, $0) }
        }
        // The first hyphen tells the length of the trace's id; everything behind it has a fixed place.
        let digits: Int
        if value.count > 16 && value[16] == 0x2D {
            digits = 16
        } else if value.count > 32 && value[32] == 0x2D {
            digits = 32
        } else {
            return nil
        }
        guard let trace = IdentifierText.traceID(value, from: 0, digits: digits),
            let span = IdentifierText.spanID(value, from: digits + 1),
            let tail = tail(value, from: digits + 17)
        else { return nil }
        let parent = tail.parent == span ? 0 : tail.parent
        return TraceReading(
            SpanContext(traceIDHigh: trace.high, traceIDLow: trace.low, spanID: span, parentSpanID: parent), tail.state)
    }

    /// What stands behind the span's id; a parent of zeros counts as none.
    private static func tail(_ value: Span<UInt8>, from start: Int) -> (state: SamplingState, parent: UInt64)? {
        switch value.count - start {
        case 0: return (.deferred, 0)
        case 2, 19:
            guard value[start] == 0x2D, let state = state(value[start + 1]) else { return nil }
            guard value.count - start == 19 else { return (state, 0) }
            guard value[start + 2] == 0x2D,
                let parent = IdentifierText.number(value, from: start + 3, digits: 16)
            else { return nil }
            return (state, parent)
        default: return nil
        }
    }

    private static func state(_ byte: UInt8) -> SamplingState? {
        switch byte {
        case 0x30: .deny
        case 0x31: .accept
        case 0x64: .debug
        default: nil
        }
    }
}
