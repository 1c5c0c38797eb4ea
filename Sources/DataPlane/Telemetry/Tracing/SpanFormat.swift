internal import HTTPModel
internal import Kernel
internal import TraceContext

/// Writes spans as objects of Zipkin's format, version 2, each followed by a comma and a line feed. There is no other
/// line feed in them, so whoever has a run of them can count and part them.
enum SpanFormat {
    /// Most bytes of a span beside its texts: keys, punctuation, ids, numbers, an address and error words.
    static let frameBytes = 1_024
    /// Most bytes of a request's identifier as written.
    static let requestIDBytesMax = AccessLogFormat.Limit.requestID

    static func bound(_ service: SpanServiceText, _ route: SpanRouteText) -> Int {
        frameBytes + requestIDBytesMax + service.endpoint.count + route.pattern.count + route.tags.count
    }

    static func bound(_ service: SpanServiceText, _ route: SpanRouteText, _ upstream: SpanUpstreamText) -> Int {
        bound(service, route) + upstream.endpoint.count + upstream.tags.count
    }

    /// Appends the span of an exchange. The buffer has room for `bound`.
    static func append(
        _ span: ServerSpan, _ service: SpanServiceText, _ route: SpanRouteText, requestID: Span<UInt8>,
        clock: SpanClock, into out: inout ByteBuffer
    ) {
        appendHead(
            span.context, isServer: true, span.method, route, start: span.startNanoseconds, end: span.endNanoseconds,
            clock: clock, into: &out)
        out.append(",\"localEndpoint\":")
        out.append(service.endpoint)
        if let client = span.client { appendEndpoint(client, into: &out) }
        appendTags(span.method, status: span.status, error: span.error, route, into: &out)
        if span.attempts > 1 { appendRetries(span.attempts - 1, into: &out) }
        out.append(",\"sampling.kept\":\"")
        out.append(span.kept.word)
        if !requestID.isEmpty {
            out.append("\",\"request.id\":\"")
            JSONText.append(requestID, limit: requestIDBytesMax, into: &out)
        }
        out.append("\"}},\n")
    }

    /// Appends the span of an attempt. The buffer has room for `bound`.
    static func append(
        _ span: ClientSpan, _ service: SpanServiceText, _ route: SpanRouteText, _ upstream: SpanUpstreamText,
        clock: SpanClock, into out: inout ByteBuffer
    ) {
        appendHead(
            span.context, isServer: false, span.method, route, start: span.startNanoseconds, end: span.endNanoseconds,
            clock: clock, into: &out)
        out.append(",\"localEndpoint\":")
        out.append(service.endpoint)
        out.append(",\"remoteEndpoint\":")
        out.append(upstream.endpoint)
        appendAnnotations(span, clock: clock, into: &out)
        appendTags(span.method, status: span.status, error: span.error, route, into: &out)
        out.append(upstream.tags)
        if span.number > 0 { appendRetries(span.number, into: &out) }
        if span.isHedge { out.append(",\"hedge\":\"true\"") }
        out.append("}},\n")
    }

    // MARK: - Parts

    /// Ids, kind, name and times. A span that was over at once lasts a microsecond: 0 would mean "unknown".
    private static func appendHead(
        _ context: SpanContext, isServer: Bool, _ method: Method, _ route: SpanRouteText, start: UInt64, end: UInt64,
        clock: SpanClock, into out: inout ByteBuffer
    ) {
        out.append("{\"traceId\":\"")
        if context.traceIDHigh != 0 { out.appendHexadecimal(context.traceIDHigh) }
        out.appendHexadecimal(context.traceIDLow)
        out.append("\",\"id\":\"")
        out.appendHexadecimal(context.spanID)
        if context.parentSpanID != 0 {
            out.append("\",\"parentId\":\"")
            out.appendHexadecimal(context.parentSpanID)
        }
        out.append(isServer ? "\",\"kind\":\"SERVER\",\"name\":\"" : "\",\"kind\":\"CLIENT\",\"name\":\"")
        out.append(lowercased(method))
        if !route.pattern.isEmpty {
            out.append(0x20)
            out.append(route.pattern)
        }
        out.append("\",\"timestamp\":")
        out.appendDecimal(Int(max(1, clock.microseconds(at: start))))
        out.append(",\"duration\":")
        let nanoseconds = end > start ? end - start : 0
        out.appendDecimal(Int(max(1, nanoseconds / 1_000 + (nanoseconds % 1_000 > 0 ? 1 : 0))))
        if context.sampling == .debug { out.append(",\"debug\":true") }
    }

    private static func appendTags(
        _ method: Method, status: Int, error: GatewayError?, _ route: SpanRouteText, into out: inout ByteBuffer
    ) {
        out.append(",\"tags\":{\"http.method\":\"")
        // What a client invents is no label.
        out.append(method == .extension ? "_OTHER" : method.token)
        out.append(0x22)
        out.append(route.tags)
        if status > 0 {
            out.append(",\"http.status_code\":\"")
            out.appendDecimal(status)
            out.append(0x22)
        }
        if let error {
            out.append(",\"error\":\"")
            out.append(error.word)
            out.append("\",\"error.stage\":\"")
            out.append(error.stage.word)
            out.append("\",\"error.side\":\"")
            out.append(error.side.word)
            out.append(0x22)
        } else if status >= 500 {
            out.append(",\"error\":\"")
            out.appendDecimal(status)
            out.append(0x22)
        }
    }

    private static func appendRetries(_ count: Int, into out: inout ByteBuffer) {
        out.append(",\"retry.count\":\"")
        out.appendDecimal(count)
        out.append(0x22)
    }

    private static func appendAnnotations(_ span: ClientSpan, clock: SpanClock, into out: inout ByteBuffer) {
        guard span.connectedNanoseconds | span.headNanoseconds != 0 else { return }
        out.append(",\"annotations\":[")
        if span.connectedNanoseconds != 0 {
            appendAnnotation("connected", at: clock.microseconds(at: span.connectedNanoseconds), into: &out)
            if span.headNanoseconds != 0 { out.append(0x2C) }
        }
        if span.headNanoseconds != 0 {
            appendAnnotation("response head", at: clock.microseconds(at: span.headNanoseconds), into: &out)
        }
        out.append(0x5D)
    }

    private static func appendAnnotation(_ value: StaticString, at microseconds: Int64, into out: inout ByteBuffer) {
        out.append("{\"timestamp\":")
        out.appendDecimal(Int(max(1, microseconds)))
        out.append(",\"value\":\"")
        out.append(value)
        out.append("\"}")
    }

    /// The caller's address. IPv6 is written in full, which is as valid as the short form and needs no search.
    private static func appendEndpoint(_ address: SocketAddress, into out: inout ByteBuffer) {
        out.append(address.isIPv4 ? ",\"remoteEndpoint\":{\"ipv4\":\"" : ",\"remoteEndpoint\":{\"ipv6\":\"")
        if address.isIPv4 {
            for index in 12..<16 {
                if index > 12 { out.append(0x2E) }
                out.appendDecimal(Int(address.byte(index)))
            }
        } else {
            for index in 0..<8 {
                if index > 0 { out.append(0x3A) }
                out.appendChunkSize(Int(address.byte(2 * index)) << 8 | Int(address.byte(2 * index + 1)))
            }
        }
        out.append(0x22)
        if address.port != 0 {
            out.append(",\"port\":")
            out.appendDecimal(Int(address.port))
        }
        out.append(0x7D)
    }

    private static func lowercased(_ method: Method) -> StaticString {
        switch method {
        case .get: "get"
        case .head: "head"
        case .post: "post"
        case .put: "put"
        case .delete: "delete"
        case .connect: "connect"
        case .options: "options"
        case .trace: "trace"
        case .patch: "patch"
        case .extension: "http"
        }
    }
}
