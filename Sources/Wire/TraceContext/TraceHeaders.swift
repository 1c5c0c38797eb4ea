internal import HTTPModel
public import Kernel

/// The formats in which a trace is handed on.
public struct TraceHeaderFormats: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// `X-B3-TraceId` and its companions.
    public static let b3Multi = TraceHeaderFormats(rawValue: 1)
    /// `b3`.
    public static let b3Single = TraceHeaderFormats(rawValue: 2)
    /// `traceparent`, and `tracestate` when there is one.
    public static let w3c = TraceHeaderFormats(rawValue: 4)
    /// What most receivers understand.
    public static let standard: TraceHeaderFormats = [.b3Multi, .w3c]
}

/// Writes trace headers as field lines, without allocating.
///
/// A deferred decision is written as no decision in B3; W3C has no word for that, so there it is "not sampled".
public enum TraceHeaders {
    /// Most bytes `append` writes.
    public static let bytesMax = multiBytesMax + singleBytesMax + parentBytesMax + stateBytesMax
    // `X-B3-TraceId: ` with 32 digits, `X-B3-SpanId: ` and `X-B3-ParentSpanId: ` with 16, `X-B3-Sampled: 1`.
    private static let multiBytesMax = 48 + 31 + 37 + 17
    // `b3: ` with the ids, the state and the parent.
    private static let singleBytesMax = 4 + 32 + 1 + 16 + 2 + 17 + 2
    private static let parentBytesMax = 13 + TraceParentReader.byteCount + 2
    private static let stateBytesMax = 12 + TraceStateReader.bytesMax + 2

    /// Appends the field lines of a span; returns where its id stands, so that a further attempt can put its own there.
    ///
    /// `state` are the lines of the extraction, and `head` the bytes they lie in; both go out as they came. The buffer
    /// has room for `bytesMax`.
    @discardableResult
    public static func append(
        _ context: SpanContext, as formats: TraceHeaderFormats, state: TraceStateLines, in head: Span<UInt8>,
        into out: inout ByteBuffer
    ) -> SpanIDPlaces {
        var places = SpanIDPlaces()
        if formats.contains(.b3Multi) { appendMulti(context, &places, into: &out) }
        if formats.contains(.b3Single) {
            out.append("b3: ")
            places.add(appendSingle(context, into: &out))
            out.append("\r\n")
        }
        if formats.contains(.w3c) {
            out.append("traceparent: ")
            places.add(appendTraceparent(context, into: &out))
            out.append("\r\n")
            if !state.isEmpty { appendState(state, in: head, into: &out) }
        }
        return places
    }

    /// The same without a `tracestate`.
    @discardableResult
    public static func append(
        _ context: SpanContext, as formats: TraceHeaderFormats, into out: inout ByteBuffer
    ) -> SpanIDPlaces {
        append(context, as: formats, state: TraceStateLines(), in: Span<UInt8>(), into: &out)
    }

    // MARK: - One format

    private static func appendMulti(_ context: SpanContext, _ places: inout SpanIDPlaces, into out: inout ByteBuffer) {
        out.append("X-B3-TraceId: ")
        appendTraceID(context, into: &out)
        out.append("\r\nX-B3-SpanId: ")
        places.add(out.count)
        out.appendHexadecimal(context.spanID)
        if context.parentSpanID != 0 {
            out.append("\r\nX-B3-ParentSpanId: ")
            out.appendHexadecimal(context.parentSpanID)
        }
        switch context.sampling {
        case .deferred: out.append("\r\n")
        case .accept: out.append("\r\nX-B3-Sampled: 1\r\n")
        case .deny: out.append("\r\nX-B3-Sampled: 0\r\n")
        // Debug implies sampled, and the two must not come together.
        case .debug: out.append("\r\nX-B3-Flags: 1\r\n")
        }
    }

    /// Appends the value of `b3`; returns where the span's id begins.
    private static func appendSingle(_ context: SpanContext, into out: inout ByteBuffer) -> Int {
        appendTraceID(context, into: &out)
        out.append(0x2D)
        let place = out.count
        out.appendHexadecimal(context.spanID)
        switch context.sampling {
        // The parent stands behind a state, and there is none.
        case .deferred: return place
        case .accept: out.append("-1")
        case .deny: out.append("-0")
        case .debug: out.append("-d")
        }
        if context.parentSpanID != 0 {
            out.append(0x2D)
            out.appendHexadecimal(context.parentSpanID)
        }
        return place
    }

    /// Appends the value of `traceparent`, always of version 00; returns where the span's id begins.
    private static func appendTraceparent(_ context: SpanContext, into out: inout ByteBuffer) -> Int {
        out.append("00-")
        out.appendHexadecimal(context.traceIDHigh)
        out.appendHexadecimal(context.traceIDLow)
        out.append(0x2D)
        let place = out.count
        out.appendHexadecimal(context.spanID)
        out.append("-0")
        out.append(0x30 + (context.sampling.isSampled ? 1 : 0) + (context.isTraceIDRandom ? 2 : 0))
        return place
    }

    private static func appendState(_ state: TraceStateLines, in head: Span<UInt8>, into out: inout ByteBuffer) {
        out.append("tracestate: ")
        for index in 0..<state.count {
            if index > 0 { out.append(0x2C) }
            out.append(head.extracting(state[index].indices))
        }
        out.append("\r\n")
    }

    private static func appendTraceID(_ context: SpanContext, into out: inout ByteBuffer) {
        if context.traceIDHigh != 0 { out.appendHexadecimal(context.traceIDHigh) }
        out.appendHexadecimal(context.traceIDLow)
    }
}
