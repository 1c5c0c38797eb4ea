/// Reads the value of `traceparent` (W3C Trace Context §3.2): `00-{32 digits}-{16 digits}-{2 digits}`.
enum TraceParentReader {
    /// Bytes of version 00, and the least of any later version.
    static let byteCount = 55
    private static let sampledFlag: UInt64 = 1
    private static let randomFlag: UInt64 = 2

    /// What came of it.
    enum Outcome {
        case read(TraceReading)
        case refused(TraceProblem)
    }

    /// A later version counts when it begins as version 00 does, and goes on with a hyphen or not at all.
    static func read(_ value: Span<UInt8>) -> Outcome {
        guard let version = IdentifierText.number(value, from: 0, digits: 2), version != 0xFF else {
            return .refused(.traceparentVersion)
        }
        let endsWell =
            value.count == byteCount || (version > 0 && value.count > byteCount && value[byteCount] == 0x2D)
        guard endsWell, value[2] == 0x2D, value[35] == 0x2D, value[52] == 0x2D,
            let trace = IdentifierText.traceID(value, from: 3, digits: 32),
            let span = IdentifierText.spanID(value, from: 36),
            let flags = IdentifierText.number(value, from: 53, digits: 2)
        else { return .refused(.traceparent) }
        // A caller that does not record has decided; there is no word for "decide yourself" in this format.
        return .read(
            TraceReading(
                SpanContext(
                    traceIDHigh: trace.high, traceIDLow: trace.low, spanID: span,
                    isTraceIDRandom: flags & randomFlag != 0),
                flags & sampledFlag != 0 ? .accept : .deny))
    }
}
