import Filters
import Forwarding
import HTTP1
import HTTPModel
import Kernel
import Testing

/// A request head and what the writer is told about its connection.
struct Forwarded {
    var request: String
    var peer = "192.0.2.7"
    var isTrusted = false
    var path: String?
    var requestID = "id"
    var edits = HeaderEdits()

    init(_ request: String, peer: String = "192.0.2.7", isTrusted: Bool = false) {
        self.request = request
        self.peer = peer
        self.isTrusted = isTrusted
    }

    /// What goes to the origin, and how much the writer said it might be.
    func write(sourceLocation: SourceLocation = #_sourceLocation) throws -> (head: String, bytesMax: Int) {
        let bytes = Array(request.utf8)
        var head = RequestHead(fieldLimit: 1_000)
        let limits = HeadLimits(headBytes: 65_536, targetBytes: 65_536, fields: 1_000)
        let outcome = RequestHeadParser.parse(bytes.span, into: &head, limits: limits)
        guard case .complete(let end) = outcome else {
            Issue.record("\(outcome): \(request)", sourceLocation: sourceLocation)
            return ("", 0)
        }
        let address = try #require(SocketAddress(literal: peer, port: 5_000))
        let identity = ForwardingIdentity(peer: address, isTrusted: isTrusted, listenerPort: Array("8080".utf8))
        let writer = RequestHeadWriter(edits: edits, identity: identity)
        let path = path.map { Array($0.utf8) } ?? Array(bytes[head.path.indices])
        var out = ByteBuffer(capacity: 300_000)
        writer.write(head, in: bytes.span, path: path.span, requestID: Array(requestID.utf8).span, into: &out)
        return (ByteText.string(out.readable), writer.bytesMax(head, headBytes: end, path: path.span))
    }

    /// The lines of the head without the start line and the empty line.
    func lines(sourceLocation: SourceLocation = #_sourceLocation) throws -> [String] {
        let head = try write(sourceLocation: sourceLocation).head
        #expect(head.hasSuffix("\r\n\r\n"), sourceLocation: sourceLocation)
        return head.split(separator: "\r\n").dropFirst().map(String.init)
    }

    /// The values of one field.
    func values(_ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> [String] {
        try lines(sourceLocation: sourceLocation).filter { $0.lowercased().hasPrefix(name.lowercased() + ":") }
            .map { String($0.dropFirst(name.utf8.count + 2)) }
    }
}

/// The same for a response.
struct Answered {
    var response: String
    var toHead = false
    var edits = HeaderEdits()
    var notice = ConnectionNotice.none
    var announcesChunks = false
    var requestID = "id"

    init(_ response: String) { self.response = response }

    func write(isInterim: Bool = false, sourceLocation: SourceLocation = #_sourceLocation) -> (
        head: String, bytesMax: Int
    ) {
        let bytes = Array(response.utf8)
        var head = ResponseHead(fieldLimit: 256)
        let outcome = ResponseHeadParser.parse(bytes.span, into: &head, toHead: toHead, headBytesMax: 65_536)
        guard case .complete(let end) = outcome else {
            Issue.record("\(outcome): \(response)", sourceLocation: sourceLocation)
            return ("", 0)
        }
        let writer = ResponseHeadWriter(edits: edits)
        var date = ByteBuffer(capacity: 29)
        date.append("Sun, 06 Nov 1994 08:49:37 GMT")
        var out = ByteBuffer(capacity: 300_000)
        if isInterim {
            writer.writeInterim(head, in: bytes.span, into: &out)
        } else {
            writer.write(
                head, in: bytes.span, requestID: Array(requestID.utf8).span, date: date, notice: notice,
                announcesChunks: announcesChunks, into: &out)
        }
        return (ByteText.string(out.readable), writer.bytesMax(headBytes: end))
    }
}
