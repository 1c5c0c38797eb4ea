import HTTP1
import HTTPModel
import Testing

/// A parsed request head as text, so that it can be compared and outlives its bytes.
struct ReadRequest: Equatable {
    var outcome: HeadOutcome
    var method: HTTPModel.Method
    var form: TargetForm
    var path: String
    /// `nil` without a question mark.
    var query: String?
    var authority: String
    var host: String
    var version: HTTPVersion
    var framing: BodyFraming
    var keepsAlive: Bool
    var expectsContinue: Bool
    var acceptsTrailers: Bool
    var fields: [ReadField]
    var connectionTokens: [String]
    var droppedFields: Int

    /// Parses `bytes` with a parser that has just read something else, as parsers do.
    init(_ bytes: [UInt8], limits: HeadLimits = .forTests) {
        var head = RequestHead(fieldLimit: limits.fields)
        let before = Array(
            "PUT http://u/?q HTTP/1.0\r\nX: y\r\nX_Y: z\r\nConnection: keep-alive, t\r\nTE: trailers\r\n\r\n".utf8)
        _ = RequestHeadParser.parse(before.span, into: &head, limits: limits)
        outcome = RequestHeadParser.parse(bytes.span, into: &head, limits: limits)
        method = head.method
        form = head.form
        path = text(head.path, bytes)
        query = head.hasQuery ? text(head.query, bytes) : nil
        authority = text(head.authority, bytes)
        host = text(head.host, bytes)
        version = head.version
        framing = head.framing
        keepsAlive = head.keepsAlive
        expectsContinue = head.expectsContinue
        acceptsTrailers = head.acceptsTrailers
        fields = head.fields.entries.map { ReadField($0, in: bytes) }
        connectionTokens = head.connectionTokens.map { text($0, bytes) }
        droppedFields = head.droppedFields
    }

    init(_ string: String, limits: HeadLimits = .forTests) { self.init(Array(string.utf8), limits: limits) }
}

/// A field line as text.
struct ReadField: Equatable, CustomStringConvertible {
    var name: String
    var value: String
    var known: KnownField

    init(_ entry: FieldEntry, in bytes: [UInt8]) {
        name = text(entry.name, bytes)
        value = text(entry.value, bytes)
        known = entry.known
    }

    var description: String { "\(name): \(value) (\(known))" }
}

/// A parsed response head as text.
struct ReadResponse: Equatable {
    var outcome: HeadOutcome
    var status: Int
    var reason: String
    var version: HTTPVersion
    var framing: BodyFraming
    var keepsAlive: Bool
    var fields: [ReadField]

    init(_ bytes: [UInt8], toHead: Bool = false, headBytesMax: Int = 4_096) {
        var head = ResponseHead(fieldLimit: 8)
        let before = Array("HTTP/1.0 404 No\r\nX: y\r\nConnection: t\r\nContent-Length: 3\r\n\r\n".utf8)
        _ = ResponseHeadParser.parse(before.span, into: &head, toHead: false, headBytesMax: 4_096)
        outcome = ResponseHeadParser.parse(bytes.span, into: &head, toHead: toHead, headBytesMax: headBytesMax)
        status = head.status
        reason = text(head.reason, bytes)
        version = head.version
        framing = head.framing
        keepsAlive = head.keepsAlive
        fields = head.fields.entries.map { ReadField($0, in: bytes) }
    }

    init(_ string: String, toHead: Bool = false) { self.init(Array(string.utf8), toHead: toHead) }
}

extension HeadLimits {
    /// Small, so that the bounds are easy to reach.
    static let forTests = HeadLimits(headBytes: 4_096, targetBytes: 256, fields: 20)
}

private func text(_ range: ByteRange, _ bytes: [UInt8]) -> String {
    String(decoding: bytes[range.indices], as: UTF8.self)
}

/// Feeds `string` one byte at a time: no prefix may be taken for a whole, and none may fail otherwise than the whole does.
func expectRequest(
    _ string: String, _ outcome: HeadOutcome, limits: HeadLimits = .forTests,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let bytes = Array(string.utf8)
    let whole = ReadRequest(bytes, limits: limits)
    #expect(whole.outcome == outcome, "\(string.debugDescription)", sourceLocation: sourceLocation)
    for count in 0..<bytes.count {
        let found = ReadRequest(Array(bytes[..<count]), limits: limits).outcome
        var isAllowed = found == .incomplete
        if case .failed = outcome { isAllowed = isAllowed || found == outcome }
        #expect(isAllowed, "\(found) after \(count) of \(string.debugDescription)", sourceLocation: sourceLocation)
    }
    guard case .complete = outcome else { return }
    #expect(ReadRequest(bytes + [0x00, 0x0A], limits: limits) == whole, sourceLocation: sourceLocation)
}

/// The same for a response.
func expectResponse(_ string: String, _ outcome: HeadOutcome, sourceLocation: SourceLocation = #_sourceLocation) {
    let bytes = Array(string.utf8)
    let whole = ReadResponse(bytes)
    #expect(whole.outcome == outcome, "\(string.debugDescription)", sourceLocation: sourceLocation)
    for count in 0..<bytes.count {
        let found = ReadResponse(Array(bytes[..<count])).outcome
        var isAllowed = found == .incomplete
        if case .failed = outcome { isAllowed = isAllowed || found == outcome }
        #expect(isAllowed, "\(found) after \(count) of \(string.debugDescription)", sourceLocation: sourceLocation)
    }
    guard case .complete = outcome else { return }
    #expect(ReadResponse(bytes + [0x00, 0x0A]) == whole, sourceLocation: sourceLocation)
}
