internal import HTTPModel
internal import Kernel
public import TraceContext

/// What an upstream is told of the trace of a request. Whatever the client said of it, in whichever format, is left out then: an
/// origin that reads another format than we write would see a trace without the gateway.
public struct TracePassage: Sendable {
    let context: SpanContext
    let formats: TraceHeaderFormats
    let state: TraceStateLines

    /// The span of the attempt, and lines of `tracestate` that lie in the received head.
    public init(_ context: SpanContext, formats: TraceHeaderFormats, state: TraceStateLines) {
        self.context = context
        self.formats = formats
        self.state = state
    }

    /// True for a received field line that carries a trace.
    static func replaces(_ entry: FieldEntry, in head: Span<UInt8>) -> Bool {
        entry.known == .other && TraceField(head.extracting(entry.name.indices)) != nil
    }

    func append(in head: Span<UInt8>, into out: inout ByteBuffer) -> SpanIDPlaces {
        TraceHeaders.append(context, as: formats, state: state, in: head, into: &out)
    }
}
