public import Filters
public import HTTPModel
public import Kernel

/// What the gateway says about the downstream connection in a response head.
public enum ConnectionNotice: Sendable, Equatable {
    /// Nothing: HTTP/1.1 connections live on by default.
    case none
    /// `Connection: close`
    case close
    /// `Connection: keep-alive`, for an HTTP/1.0 client that asked for it.
    case keepAlive
}

/// Writes the head of an origin's response as it goes to the client.
public struct ResponseHeadWriter {
    let edits: HeaderEdits

    /// For one route.
    public init(edits: HeaderEdits) {
        self.edits = edits
    }

    /// Octets at most for a head of at most 256 lines and an identifier of at most 128 octets: each line may have come without
    /// a space behind its colon, and what the gateway adds has less than 256.
    public func bytesMax(headBytes: Int) -> Int { headBytes + edits.bytesMax + 256 + 256 }

    /// Appends the head, empty line included. The buffer must have room for `bytesMax`.
    ///
    /// - Parameters:
    ///   - date: now, for an origin that has no clock (RFC 9110 §6.6.1).
    ///   - announcesChunks: the body goes out chunked.
    public func write(
        _ head: borrowing ResponseHead, in bytes: Span<UInt8>, requestID: Span<UInt8>, date: borrowing ByteBuffer,
        notice: ConnectionNotice, announcesChunks: Bool, into out: inout ByteBuffer,
        furtherFields: (inout ByteBuffer) -> Void = { _ in }
    ) {
        out.append("HTTP/1.1 ")
        out.appendDecimal(head.status, width: 3)
        out.append(" ")
        out.append(bytes.extracting(head.reason.indices))
        out.append("\r\n")
        var hasDate = false
        var run = FieldRun()
        for entry in head.fields.entries where isForwarded(entry.known, head, announcesChunks) {
            if entry.known == .date { hasDate = true }
            if !edits.isEmpty, edits.drops(entry, in: bytes) { continue }
            run.add(entry, in: bytes, into: &out)
        }
        run.finish(bytes, into: &out)
        edits.write(into: &out)
        if !hasDate, !edits.govern(.date) {
            out.append("Date: ")
            out.append(date)
            out.append("\r\n")
        }
        if !edits.govern(.via) {
            out.append(head.version == .http11 ? "Via: 1.1 martlet\r\n" : "Via: 1.0 martlet\r\n")
        }
        if !edits.govern(.requestID) {
            out.append("X-Request-Id: ")
            out.append(requestID)
            out.append("\r\n")
        }
        furtherFields(&out)
        if announcesChunks { out.append("Transfer-Encoding: chunked\r\n") }
        Self.write(notice, into: &out)
        out.append("\r\n")
    }

    /// Appends a head of 101: the connection changes to the protocol in `head.upgrade`.
    ///
    /// What it says is the origin's, so it carries the edits of the route; a body and its framing it has none.
    public func writeSwitch(
        _ head: borrowing ResponseHead, in bytes: Span<UInt8>, requestID: Span<UInt8>, into out: inout ByteBuffer,
        furtherFields: (inout ByteBuffer) -> Void = { _ in }
    ) {
        out.append("HTTP/1.1 101 Switching Protocols\r\n")
        var run = FieldRun()
        for entry in head.fields.entries
        where isForwarded(entry.known, head, false) && entry.known != .contentLength && !edits.drops(entry, in: bytes) {
            run.add(entry, in: bytes, into: &out)
        }
        run.finish(bytes, into: &out)
        edits.write(into: &out)
        if !edits.govern(.requestID) {
            out.append("X-Request-Id: ")
            out.append(requestID)
            out.append("\r\n")
        }
        furtherFields(&out)
        out.append("Upgrade: ")
        out.append(bytes.extracting(head.upgrade.indices))
        out.append("\r\nConnection: Upgrade\r\n\r\n")
    }

    /// Appends an interim head (1xx) for an HTTP/1.1 client.
    public func writeInterim(_ head: borrowing ResponseHead, in bytes: Span<UInt8>, into out: inout ByteBuffer) {
        out.append("HTTP/1.1 ")
        out.appendDecimal(head.status, width: 3)
        out.append(" ")
        out.append(bytes.extracting(head.reason.indices))
        out.append("\r\n")
        var run = FieldRun()
        for entry in head.fields.entries where isForwarded(entry.known, head, false) && entry.known != .contentLength {
            run.add(entry, in: bytes, into: &out)
        }
        run.finish(bytes, into: &out)
        out.append("\r\n")
    }

    static func write(_ notice: ConnectionNotice, into out: inout ByteBuffer) {
        switch notice {
        case .none: break
        case .close: out.append("Connection: close\r\n")
        case .keepAlive: out.append("Connection: keep-alive\r\n")
        }
    }

    private func isForwarded(_ field: KnownField, _ head: borrowing ResponseHead, _ announcesChunks: Bool) -> Bool {
        switch field {
        case .hopByHop, .connection, .keepAlive, .proxyConnection, .upgrade, .te, .transferEncoding, .requestID: false
        case .trailer: announcesChunks
        // RFC 9110 §8.6: neither 1xx nor 204 carries one.
        case .contentLength: head.status >= 200 && head.status != 204
        default: true
        }
    }
}
