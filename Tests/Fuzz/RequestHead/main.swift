import Filters
import Forwarding
import FuzzSupport
import HTTP1
import HTTPModel
import Kernel
import Routing

// Invariants of request heads: a part is never taken for a whole, no part fails where the whole does not, and what is written to
// the origin reads back as the same request: whoever reads it as another one is being smuggled to.

extension HeadLimits {
    /// The gateway's own, and such as short inputs reach.
    static let tried = [
        HeadLimits(headBytes: 32_768, targetBytes: 8_192, fields: 100),
        HeadLimits(headBytes: 96, targetBytes: 32, fields: 4),
    ]
}

func parse(_ bytes: Span<UInt8>, _ limits: HeadLimits) -> HeadOutcome {
    var head = RequestHead(fieldLimit: limits.fields)
    return RequestHeadParser.parse(bytes, into: &head, limits: limits)
}

func checkPrefixes(_ bytes: [UInt8], _ outcome: HeadOutcome, _ limits: HeadLimits) {
    var end = bytes.count
    if case .complete(let headEnd) = outcome {
        check(headEnd <= bytes.count && headEnd <= limits.headBytes, "complete beyond the input or the limit")
        check(bytes[..<headEnd].suffix(4) == [0x0D, 0x0A, 0x0D, 0x0A], "a head that does not end in an empty line")
        check(parse(bytes.span.extracting(0..<headEnd), limits) == outcome, "what follows a head changes it")
        end = headEnd
    }
    for count in cuts(end) {
        switch parse(bytes.span.extracting(0..<count), limits) {
        case .incomplete: break
        case .complete: check(false, "complete after \(count) of \(end)")
        case .failed:
            if case .failed = outcome {} else { check(false, "failed after \(count), but the whole does not") }
        }
    }
}

func checkHead(_ head: borrowing RequestHead, _ bytes: [UInt8], headEnd: Int) {
    var framings = 0
    for entry in head.fields.entries {
        check(entry.name.indices.upperBound < entry.value.indices.lowerBound + 1, "a name behind its value")
        check(entry.value.indices.upperBound <= headEnd - 4, "a value outside the head")
        check(
            bytes[entry.name.indices].allSatisfy { ByteSet.token.contains($0) && $0 != 0x5F }, "a name that is no token"
        )
        check(bytes[entry.value.indices].allSatisfy { $0 != 0 && $0 != 0x0A && $0 != 0x0D }, "a value with a line end")
        if entry.known == .contentLength || entry.known == .transferEncoding { framings += 1 }
    }
    check(framings <= 1 || head.framing == .chunked, "two framings")
    check(head.version == .http11 || head.framing != .chunked, "chunks from HTTP/1.0")
    check(head.authority.isEmpty ? head.version == .http10 : !head.host.isEmpty, "no host")
    check(head.method != .connect, "a tunnel")
}

func checkForwarding(_ head: borrowing RequestHead, _ bytes: [UInt8], headEnd: Int) {
    var path: [UInt8] = []
    switch PathNormalization.normalize(bytes.span.extracting(head.path.indices), into: &path) {
    case .rejected: return
    case .alreadyNormal: path = Array(bytes[head.path.indices])
    case .normalized: break
    }
    var again: [UInt8] = []
    check(PathNormalization.normalize(path.span, into: &again) == .alreadyNormal, "a normal path that is not normal")
    for isTrusted in [true, false] {
        let peer = SocketAddress(bytes: [UInt8](repeating: 0xFD, count: 16), port: 65_535)
        let identity = ForwardingIdentity(peer: peer, isTrusted: isTrusted, listenerPort: Array("65535".utf8))
        let writer = RequestHeadWriter(edits: HeaderEdits(), identity: identity)
        var out = ByteBuffer(capacity: writer.bytesMax(head, headBytes: headEnd, path: path.span))
        let id = [UInt8](repeating: 0x69, count: 128)
        writer.write(head, in: bytes.span, path: path.span, requestID: id.span, into: &out)
        let written = contents(of: out)
        var origin = RequestHead(fieldLimit: 200)
        let limits = HeadLimits(headBytes: 1 << 20, targetBytes: 1 << 20, fields: 200)
        let outcome = RequestHeadParser.parse(written.span, into: &origin, limits: limits)
        if head.authority.isEmpty { continue }
        check(outcome == .complete(headEnd: written.count), "\(outcome) at the origin")
        check(origin.framing == head.framing, "another framing at the origin")
        check(written[origin.methodToken.indices] == bytes[head.methodToken.indices], "another method")
        check(Array(written[origin.path.indices]) == path, "another path")
        check(written[origin.host.indices] == bytes[head.host.indices], "another host")
        check(
            origin.hasQuery == head.hasQuery && written[origin.query.indices] == bytes[head.query.indices],
            "another query")
        let claims = origin.fields.entries.count { $0.known == .forwardedFor }
        check(claims == 1, "\(claims) X-Forwarded-For")
    }
}

func checkRequest(_ bytes: [UInt8]) {
    for limits in HeadLimits.tried {
        var head = RequestHead(fieldLimit: limits.fields)
        let outcome = RequestHeadParser.parse(bytes.span, into: &head, limits: limits)
        checkPrefixes(bytes, outcome, limits)
        guard case .complete(let headEnd) = outcome else { continue }
        checkHead(head, bytes, headEnd: headEnd)
        if head.form != .asterisk { checkForwarding(head, bytes, headEnd: headEnd) }
    }
}

@c public func LLVMFuzzerTestOneInput(_ base: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    checkRequest(FuzzDriver.bytes(base, count))
    return 0
}

FuzzDriver.run { LLVMFuzzerTestOneInput($0, $1) }
