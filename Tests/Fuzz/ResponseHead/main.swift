import Filters
import Forwarding
import FuzzSupport
import HTTP1
import HTTPModel
import Kernel

// Invariants of response heads: a part is never taken for a whole, and what is written to the client reads back as the same answer.

func parse(_ bytes: Span<UInt8>, toHead: Bool, headBytesMax: Int) -> HeadOutcome {
    var head = ResponseHead(fieldLimit: 256)
    return ResponseHeadParser.parse(bytes, into: &head, toHead: toHead, headBytesMax: headBytesMax)
}

func checkPrefixes(_ bytes: [UInt8], _ outcome: HeadOutcome, toHead: Bool, headBytesMax: Int) {
    var end = bytes.count
    if case .complete(let headEnd) = outcome {
        check(headEnd <= bytes.count && headEnd <= headBytesMax, "complete beyond the input or the limit")
        check(bytes[..<headEnd].suffix(4) == [0x0D, 0x0A, 0x0D, 0x0A], "a head that does not end in an empty line")
        end = headEnd
    }
    for count in cuts(end) {
        switch parse(bytes.span.extracting(0..<count), toHead: toHead, headBytesMax: headBytesMax) {
        case .incomplete: break
        case .complete: check(false, "complete after \(count) of \(end)")
        case .failed:
            if case .failed = outcome {} else { check(false, "failed after \(count), but the whole does not") }
        }
    }
}

func checkForwarding(_ head: borrowing ResponseHead, _ bytes: [UInt8], headEnd: Int, toHead: Bool) {
    let writer = ResponseHeadWriter(edits: HeaderEdits())
    let isChunked = head.framing == .chunked || head.framing == .untilClose
    var date = ByteBuffer(capacity: 29)
    date.append("Sun, 06 Nov 1994 08:49:37 GMT")
    var out = ByteBuffer(capacity: writer.bytesMax(headBytes: headEnd))
    let id = [UInt8](repeating: 0x69, count: 128)
    if head.isInterim {
        writer.writeInterim(head, in: bytes.span, into: &out)
    } else {
        writer.write(
            head, in: bytes.span, requestID: id.span, date: date, notice: .keepAlive, announcesChunks: isChunked,
            into: &out)
    }
    let written = contents(of: out)
    var client = ResponseHead(fieldLimit: 300)
    let outcome = ResponseHeadParser.parse(written.span, into: &client, toHead: toHead, headBytesMax: 1 << 20)
    check(outcome == .complete(headEnd: written.count), "\(outcome) at the client")
    check(client.status == head.status, "another status")
    check(written[client.reason.indices] == bytes[head.reason.indices], "another reason")
    check(client.framing == (isChunked ? .chunked : head.framing), "another framing at the client")
    let received = head.fields.entries.count { $0.known == .setCookie }
    check(client.fields.entries.count { $0.known == .setCookie } == received, "a lost cookie")
}

func checkResponse(_ bytes: [UInt8]) {
    for toHead in [true, false] {
        for headBytesMax in [65_536, 80] {
            var head = ResponseHead(fieldLimit: 256)
            let outcome = ResponseHeadParser.parse(bytes.span, into: &head, toHead: toHead, headBytesMax: headBytesMax)
            checkPrefixes(bytes, outcome, toHead: toHead, headBytesMax: headBytesMax)
            guard case .complete(let headEnd) = outcome else { continue }
            check((100...599).contains(head.status), "a status of no class")
            let mayHaveBody = !toHead && head.status >= 200 && head.status != 204 && head.status != 304
            check(mayHaveBody || head.framing == .none, "a body where none may be")
            checkForwarding(head, bytes, headEnd: headEnd, toHead: toHead)
        }
    }
}

@c public func LLVMFuzzerTestOneInput(_ base: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    checkResponse(FuzzDriver.bytes(base, count))
    return 0
}

FuzzDriver.run { LLVMFuzzerTestOneInput($0, $1) }
