import Forwarding
import FuzzSupport
import HTTP1
import HTTPModel
import Kernel

// Invariants of bodies: the same content, end and verdict however the bytes arrive, and the same content behind our own chunks.

struct Decoded: Equatable {
    enum Ending { case open, finished, failed }
    var content: [UInt8] = []
    var trailers: [String] = []
    var ending = Ending.open
    /// Bytes behind the body; only of a body that finished.
    var rest = 0
}

/// Decodes the way a connection does: what is not consumed is given again with more behind it.
func decode(_ bytes: [UInt8], cutAt cuts: [Int], _ framing: BodyFraming) -> Decoded {
    var reader = BodyReader(framing)
    var trailers = FieldTable(limit: 8)
    var decoded = Decoded()
    var start = 0
    for end in cuts + [bytes.count] {
        let given = bytes.span.extracting(0..<end)
        var needsMore = false
        while !needsMore {
            switch reader.step(given, from: start, trailers: &trailers) {
            case .content(let range):
                check(
                    range.lowerBound >= start && range.upperBound <= end && !range.isEmpty, "content outside the input")
                decoded.content += bytes[range]
                start = range.upperBound
            case .needsMore(let consumed):
                check(consumed >= start && consumed <= end, "consumed outside the input")
                start = consumed
                needsMore = true
            case .finished(let consumed):
                check(consumed >= start && consumed <= end && reader.isFinished, "finished outside the input")
                decoded.trailers = trailers.entries.map {
                    String(decoding: bytes[$0.name.indices], as: UTF8.self) + ":"
                        + String(decoding: bytes[$0.value.indices], as: UTF8.self)
                }
                decoded.ending = .finished
                decoded.rest = bytes.count - consumed
                return decoded
            case .failed:
                decoded.ending = .failed
                return decoded
            }
        }
    }
    return decoded
}

/// Relays everything through an output of so many bytes, emptied when it is full.
func relay(_ bytes: [UInt8], _ framing: BodyFraming, as packaging: BodyPackaging, outputBytes: Int) -> (
    sent: [UInt8], RelayOutcome.Status
) {
    var reader = BodyReader(framing)
    var trailers = FieldTable(limit: 8)
    var output = ByteBuffer(capacity: outputBytes)
    var sent: [UInt8] = []
    var start = 0
    var turns = 0
    while true {
        turns += 1
        check(turns <= 2 * bytes.count + 4, "a relay that does not get on")
        let outcome = BodyRelay.relay(
            &reader, bytes.span, from: start, as: packaging, into: &output, trailers: &trailers, takesTrailers: true)
        start += outcome.consumed
        sent += contents(of: output)
        output.clear()
        if outcome.status != .outputFull { return (sent, outcome.status) }
    }
}

func checkBody(_ bytes: [UInt8], _ framing: BodyFraming, outputBytes: Int) {
    let whole = decode(bytes, cutAt: [], framing)
    for cut in cuts(bytes.count) {
        check(decode(bytes, cutAt: [cut], framing) == whole, "another body when cut at \(cut)")
    }
    if bytes.count <= 2_000 {
        check(decode(bytes, cutAt: Array(0..<bytes.count), framing) == whole, "another body byte by byte")
    }
    let (plain, status) = relay(bytes, framing, as: .plain, outputBytes: outputBytes)
    check(plain == whole.content, "another content when relayed")
    let expected: RelayOutcome.Status =
        switch whole.ending {
        case .open: .needsMore
        case .finished: .finished
        case .failed: .failed
        }
    check(status == expected, "\(status) when relayed, not \(expected)")
    guard whole.ending == .finished else { return }
    let (rechunked, _) = relay(bytes, framing, as: .chunked, outputBytes: outputBytes)
    let again = decode(rechunked, cutAt: [], .chunked)
    check(again.ending == .finished && again.rest == 0 && again.content == whole.content, "another body in our chunks")
    check(again.trailers.allSatisfy { whole.trailers.contains($0) }, "a trailer of our own")
}

@c public func LLVMFuzzerTestOneInput(_ base: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = FuzzDriver.bytes(base, count)
    // The room of the output is taken from the input too, so that all sorts are tried.
    let room = bytes.reduce(count) { ($0 &* 31 &+ Int($1)) & 0xFF }
    for framing in [BodyFraming.chunked, .length(count / 2)] { checkBody(bytes, framing, outputBytes: 37 + room) }
    return 0
}

FuzzDriver.run { LLVMFuzzerTestOneInput($0, $1) }
