public import HTTPModel
public import Kernel
public import TraceContext

/// Writes the JSON line of an exchange in two steps: what the request says when its head is there, the rest at the end,
/// when the head's bytes are gone.
///
/// One value per shard: it remembers the text of the current second. Names from the configuration (listener, route,
/// upstream, endpoint) are given as `quoted` texts, made once per table; everything a peer sent is escaped here and cut
/// at a limit.
public struct AccessLogFormat: ~Copyable {
    /// Limits of the peer's texts, in bytes as written (after escaping). A longer text is cut between two characters.
    public enum Limit {
        public static let target = 2_048
        public static let host = 256
        public static let requestID = 128
        public static let client = 64
        public static let subject = 512
        public static let method = 32
    }

    /// Most bytes of `appendRequest` beside the peer's texts and the listener: keys, punctuation, time and version.
    private static let requestFrameBytes = 160
    /// Most bytes of `appendOutcome` beside the prefix and the quoted names: keys, punctuation, numbers and error
    /// words.
    private static let outcomeFrameBytes = 512
    /// Most bytes of a quoted name.
    public static let nameBytesMax = 256
    /// Most bytes `appendRequest` ever writes.
    public static let requestBytesMax =
        requestFrameBytes + nameBytesMax + Limit.target + Limit.host + Limit.requestID + Limit.client + Limit.method

    private var clock = UTCText()

    /// Nothing is formatted yet.
    public init() {}

    /// A name as a JSON string with its quotes, at most `nameBytesMax` bytes. An empty array stands for `null`.
    public static func quoted(_ name: String) -> [UInt8] {
        var text = ByteBuffer(capacity: nameBytesMax)
        text.append(0x22)
        JSONText.append(Array(name.utf8).span, limit: nameBytesMax - 2, into: &text)
        text.append(0x22)
        var result: [UInt8] = []
        let written = text.readable
        for index in written.indices { result.append(written[index]) }
        return result
    }

    /// Most bytes `appendRequest` writes for texts of these lengths; at most `requestBytesMax`.
    public static func requestBound(
        listener: Int, client: Int, method: Int, host: Int, target: Int, requestID: Int
    ) -> Int {
        requestFrameBytes + listener
            + min(client * JSONText.growthMax, Limit.client) + min(method * JSONText.growthMax, Limit.method)
            + min(host * JSONText.growthMax, Limit.host) + min(target * JSONText.growthMax, Limit.target)
            + min(requestID * JSONText.growthMax, Limit.requestID)
    }

    /// Appends the first part of a line. An empty span is written as `null`; `listener` is a quoted name.
    ///
    /// The buffer has room for `requestBound` bytes, or for `requestBytesMax`.
    public mutating func appendRequest(
        into line: inout ByteBuffer, wallMilliseconds: Int64, listener: Span<UInt8>, client: Span<UInt8>,
        method: Span<UInt8>, host: Span<UInt8>, target: Span<UInt8>, version: HTTPVersion?, requestID: Span<UInt8>
    ) {
        line.append("{\"time\":\"")
        clock.append(milliseconds: wallMilliseconds, into: &line)
        line.append("\",\"listener\":")
        Self.appendQuoted(listener, into: &line)
        line.append(",\"client\":")
        Self.appendText(client, limit: Limit.client, into: &line)
        line.append(",\"method\":")
        Self.appendText(method, limit: Limit.method, into: &line)
        line.append(",\"host\":")
        Self.appendText(host, limit: Limit.host, into: &line)
        line.append(",\"target\":")
        Self.appendText(target, limit: Limit.target, into: &line)
        switch version {
        case .http11: line.append(",\"version\":\"HTTP/1.1\",\"requestId\":")
        case .http10: line.append(",\"version\":\"HTTP/1.0\",\"requestId\":")
        case nil: line.append(",\"version\":null,\"requestId\":")
        }
        Self.appendText(requestID, limit: Limit.requestID, into: &line)
    }

    /// Most bytes of `appendSubject`.
    public func subjectBytesMax(_ subject: [UInt8]) -> Int {
        16 + min(subject.count * JSONText.growthMax, Limit.subject)
    }

    /// Appends whose token the request has, behind the first part.
    public func appendSubject(_ subject: [UInt8], into line: inout ByteBuffer) {
        line.append(",\"subject\":")
        Self.appendText(subject.span, limit: Limit.subject, into: &line)
    }

    /// Most bytes of `appendTrace`.
    public static let traceBytesMax = 48

    /// Appends the id of the trace that the request belongs to, behind the first part.
    public static func appendTrace(_ context: SpanContext, into line: inout ByteBuffer) {
        line.append(",\"traceId\":\"")
        if context.traceIDHigh != 0 { line.appendHexadecimal(context.traceIDHigh) }
        line.appendHexadecimal(context.traceIDLow)
        line.append(0x22)
    }

    /// Most bytes `appendOutcome` writes.
    public static func outcomeBound(
        prefix: borrowing ByteBuffer, route: Span<UInt8>, upstream: Span<UInt8>, endpoint: Span<UInt8>
    ) -> Int {
        outcomeFrameBytes + prefix.count + route.count + upstream.count + endpoint.count
    }

    /// Appends a whole line: the first part, the rest and the line feed. The names are quoted ones; an empty span is
    /// `null`.
    ///
    /// The buffer has room for `outcomeBound` bytes.
    public static func appendOutcome(
        into line: inout ByteBuffer, prefix: borrowing ByteBuffer, route: Span<UInt8>, upstream: Span<UInt8>,
        endpoint: Span<UInt8>, outcome: AccessOutcome
    ) {
        line.append(prefix)
        line.append(",\"status\":")
        appendNumber(outcome.status == 0 ? -1 : outcome.status, into: &line)
        line.append(",\"route\":")
        appendQuoted(route, into: &line)
        line.append(",\"upstream\":")
        appendQuoted(upstream, into: &line)
        line.append(",\"endpoint\":")
        appendQuoted(endpoint, into: &line)
        line.append(",\"attempts\":")
        appendNumber(outcome.attempts, into: &line)
        line.append(",\"requestBytes\":")
        appendNumber(outcome.requestBytes, into: &line)
        line.append(",\"responseBytes\":")
        appendNumber(outcome.responseBytes, into: &line)
        line.append(",\"durationMs\":")
        appendMilliseconds(outcome.durationNanoseconds, into: &line)
        line.append(",\"connectMs\":")
        appendMilliseconds(outcome.connectNanoseconds, into: &line)
        line.append(",\"upstreamMs\":")
        appendMilliseconds(outcome.upstreamNanoseconds, into: &line)
        if let error = outcome.error { appendError(error, into: &line) }
        line.append("}\n")
    }

    private static func appendError(_ error: GatewayError, into line: inout ByteBuffer) {
        line.append(",\"error\":\"")
        line.append(error.word)
        line.append("\",\"stage\":\"")
        line.append(error.stage.word)
        line.append("\",\"side\":\"")
        line.append(error.side.word)
        line.append("\"")
    }

    private static func appendQuoted(_ name: Span<UInt8>, into line: inout ByteBuffer) {
        if name.isEmpty {
            line.append("null")
        } else {
            line.append(name)
        }
    }

    private static func appendText(_ text: Span<UInt8>, limit: Int, into line: inout ByteBuffer) {
        if text.isEmpty {
            line.append("null")
        } else {
            line.append(0x22)
            JSONText.append(text, limit: limit, into: &line)
            line.append(0x22)
        }
    }

    private static func appendNumber(_ value: Int, into line: inout ByteBuffer) {
        if value < 0 {
            line.append("null")
        } else {
            line.appendDecimal(value)
        }
    }

    /// Milliseconds with three decimals, rounded down.
    private static func appendMilliseconds(_ nanoseconds: Int64, into line: inout ByteBuffer) {
        if nanoseconds < 0 {
            line.append("null")
        } else {
            let microseconds = Int(nanoseconds) / 1_000
            line.appendDecimal(microseconds / 1_000)
            line.append(0x2E)
            line.appendDecimal(microseconds % 1_000, width: 3)
        }
    }
}
