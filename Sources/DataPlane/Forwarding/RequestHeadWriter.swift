public import Filters
public import HTTPModel
public import Kernel
public import TraceContext

/// Writes the head of a request as it goes to the origin (RFC 9110 §7.6, RFC 9112 §3).
///
/// What arrives is never passed on as it stands: hop-by-hop fields go, framing is written anew, the forwarding fields say what
/// we know, and the target is the normalised path that was routed.
public struct RequestHeadWriter {
    let edits: HeaderEdits
    let identity: ForwardingIdentity

    /// For one route and one downstream connection.
    public init(edits: HeaderEdits, identity: ForwardingIdentity) {
        self.edits = edits
        self.identity = identity
    }

    /// Octets at most for a request whose identifier has at most 128.
    ///
    /// The head is written with another target, a space behind every colon (it may have had none), and the authority at most
    /// three times more; the rest of the forwarding fields and the framing have less than 512.
    public func bytesMax(_ head: borrowing RequestHead, headBytes: Int, path: Span<UInt8>) -> Int {
        headBytes - head.target.count + head.fields.entries.count + path.count + head.query.count + edits.bytesMax
            + 3 * head.authority.count + identity.certificateLines.count + 512
    }

    /// Appends the head, empty line included. The buffer must have room for `bytesMax`.
    ///
    /// - Parameters:
    ///   - upgrade: the protocol that the origin is asked to change to; empty for none. It is part of the received head.
    ///   - furtherLines: field lines with their CRLFs; they are not in `bytesMax`.
    ///   - trace: what is told of the trace, in place of what was received of it; at most `TraceHeaders.bytesMax`, which are
    ///     not in `bytesMax`. `nil`: trace headers pass as they came.
    /// - Returns: where the span's id stands; none without `trace`.
    @discardableResult
    public func write(
        _ head: borrowing RequestHead, in bytes: Span<UInt8>, path: Span<UInt8>, requestID: Span<UInt8>,
        upgrade: Span<UInt8> = Span(), furtherLines: [UInt8] = [], trace: TracePassage? = nil,
        into out: inout ByteBuffer
    ) -> SpanIDPlaces {
        startLine(head, bytes, path, into: &out)
        if !edits.govern(.host) {
            out.append("Host: ")
            out.append(bytes.extracting(head.authority.indices))
            out.append("\r\n")
        }
        var run = FieldRun()
        for entry in head.fields.entries where isForwarded(entry.known, head) && !edits.drops(entry, in: bytes) {
            if trace != nil, TracePassage.replaces(entry, in: bytes) { continue }
            run.add(entry, in: bytes, into: &out)
        }
        run.finish(bytes, into: &out)
        forwardingFields(head, bytes, requestID, into: &out)
        edits.write(into: &out)
        if !furtherLines.isEmpty { out.append(furtherLines) }
        let places = trace?.append(in: bytes, into: &out) ?? SpanIDPlaces()
        if head.acceptsTrailers { out.append("TE: trailers\r\n") }
        if !upgrade.isEmpty {
            out.append("Upgrade: ")
            out.append(upgrade)
            out.append(head.acceptsTrailers ? "\r\nConnection: TE, Upgrade\r\n" : "\r\nConnection: Upgrade\r\n")
        } else if head.acceptsTrailers {
            out.append("Connection: TE\r\n")
        }
        framing(head.framing, head.method, into: &out)
        out.append("\r\n")
        return places
    }

    private func startLine(
        _ head: borrowing RequestHead, _ bytes: Span<UInt8>, _ path: Span<UInt8>, into out: inout ByteBuffer
    ) {
        out.append(bytes.extracting(head.methodToken.indices))
        out.append(" ")
        out.append(path)
        if head.hasQuery {
            out.append("?")
            out.append(bytes.extracting(head.query.indices))
        }
        out.append(" HTTP/1.1\r\n")
    }

    /// Fields that the gateway writes itself, or that end at this hop.
    private func isForwarded(_ field: KnownField, _ head: borrowing RequestHead) -> Bool {
        switch field {
        case .hopByHop, .connection, .keepAlive, .proxyConnection, .upgrade, .te, .transferEncoding, .contentLength,
            .host,
            .proxyAuthorization, .forwarded, .forwardedFor, .forwardedProto, .forwardedHost, .forwardedPort, .requestID:
            false
        // Only a trusted proxy may speak of a certificate that it has verified, and not where there is one of our own.
        case .clientCertificateVerified, .clientCertificateSubject, .clientCertificateFingerprint,
            .clientCertificateSerial, .clientCertificateNames:
            identity.isTrusted && identity.certificateLines.isEmpty
        case .expect: head.expectsContinue
        case .trailer: head.framing == .chunked
        default: true
        }
    }

    private func framing(_ framing: BodyFraming, _ method: Method, into out: inout ByteBuffer) {
        switch framing {
        case .length(let count):
            out.append("Content-Length: ")
            out.appendDecimal(count)
            out.append("\r\n")
        case .chunked:
            out.append("Transfer-Encoding: chunked\r\n")
        case .none, .untilClose:
            // RFC 9110 §8.6: a method that anticipates content says so even when there is none.
            if method == .post || method == .put || method == .patch { out.append("Content-Length: 0\r\n") }
        }
    }
}
