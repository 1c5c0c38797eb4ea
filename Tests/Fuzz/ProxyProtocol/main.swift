import FuzzSupport
import Kernel
import ProxyProtocol

// Invariants of PROXY headers: a part is never taken for a whole, no part fails where the whole does not, and whatever addresses
// were read are read again from what we write about them.

func checkPrefixes(_ bytes: [UInt8], _ outcome: ProxyHeaderOutcome) {
    var end = bytes.count
    switch outcome {
    case .complete(let consumed, _, _), .local(let consumed):
        check(
            consumed <= bytes.count && consumed <= ProxyHeaderParser.bytesMax, "a header beyond the input or the limit")
        check(ProxyHeaderParser.parse(bytes.span.extracting(0..<consumed)) == outcome, "what follows changes a header")
        end = consumed
    case .incomplete:
        check(bytes.count < ProxyHeaderParser.bytesMax, "incomplete beyond the limit")
    case .failed: break
    }
    for count in cuts(end) {
        switch ProxyHeaderParser.parse(bytes.span.extracting(0..<count)) {
        case .incomplete: break
        case .complete, .local: check(false, "a header after \(count) of \(end)")
        case .failed: check(outcome == .failed, "failed after \(count), but the whole does not")
        }
    }
}

func checkWriting(_ source: SocketAddress, _ destination: SocketAddress) {
    var buffer = ByteBuffer(capacity: ProxyHeaderWriter.bytesMax)
    for isText in [true, false] {
        buffer.clear()
        if isText {
            ProxyHeaderWriter.writeText(source: source, destination: destination, into: &buffer)
        } else {
            ProxyHeaderWriter.writeBinary(source: source, destination: destination, into: &buffer)
        }
        let again = ProxyHeaderParser.parse(buffer.readable)
        check(
            again == .complete(consumed: buffer.count, source: source, destination: destination),
            "other addresses in our own header")
    }
}

@c public func LLVMFuzzerTestOneInput(_ base: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = FuzzDriver.bytes(base, count)
    let outcome = ProxyHeaderParser.parse(bytes.span)
    checkPrefixes(bytes, outcome)
    if case .complete(_, let source, let destination) = outcome { checkWriting(source, destination) }
    return 0
}

FuzzDriver.run { LLVMFuzzerTestOneInput($0, $1) }
