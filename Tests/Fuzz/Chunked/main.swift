import CFuzzer
import HTTP1
import HTTPModel

/// One input of the fuzzer.
func examine(_ bytes: [UInt8]) {
    let whole = decode([bytes])
    let split = bytes.count / 2
    precondition(decode([Array(bytes[..<split]), Array(bytes[split...])]) == whole, "two pieces mean what one means")
    precondition(decode(bytes.map { [$0] }) == whole, "single bytes mean what one piece means")
}

@c public func LLVMFuzzerTestOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    examine(start.map { Array(UnsafeBufferPointer(start: $0, count: count)) } ?? [])
    return 0
}

var argumentCount = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
_ = LLVMFuzzerRunDriver(&argumentCount, &arguments) { LLVMFuzzerTestOneInput($0, $1) }

/// What came of a chunked body.
enum Decoded: Equatable {
    case failed
    case unfinished([UInt8])
    case finished([UInt8], rest: Int)
}

/// Decodes pieces the way a connection does: what is not consumed is given again with more behind it.
func decode(_ pieces: [[UInt8]]) -> Decoded {
    var reader = BodyReader(.chunked)
    var trailers = FieldTable(limit: 16)
    var content: [UInt8] = []
    var kept: [UInt8] = []
    for (number, piece) in pieces.enumerated() {
        kept += piece
        var index = 0
        var wantsMore = false
        while !wantsMore {
            switch reader.step(kept.span, from: index, trailers: &trailers) {
            case .content(let range):
                content += kept[range]
                index = range.upperBound
            case .finished(let consumed):
                return .finished(
                    content, rest: kept.count - consumed + pieces[(number + 1)...].reduce(0) { $0 + $1.count })
            case .needsMore(let consumed):
                index = consumed
                wantsMore = true
            case .failed: return .failed
            }
        }
        kept.removeFirst(index)
    }
    return .unfinished(content)
}
