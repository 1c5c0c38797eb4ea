import CFuzzer
import HTTP1
import HTTPModel

/// One input of the fuzzer.
func examine(_ bytes: [UInt8]) {
    var head = ResponseHead(fieldLimit: 32)
    let whole = ResponseHeadParser.parse(bytes.span, into: &head, toHead: false, headBytesMax: 4_096)
    guard case .complete(let end) = whole else { return }
    precondition(end <= bytes.count && (100..<600).contains(head.status), "a head ends within its bytes")
    for length in stride(from: 0, to: end, by: max(1, end / 16)) {
        if case .complete = ResponseHeadParser.parse(
            bytes.span.extracting(0..<length), into: &head, toHead: false, headBytesMax: 4_096)
        {
            preconditionFailure("complete too early")
        }
    }
}

@c public func LLVMFuzzerTestOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    examine(start.map { Array(UnsafeBufferPointer(start: $0, count: count)) } ?? [])
    return 0
}

var argumentCount = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
_ = LLVMFuzzerRunDriver(&argumentCount, &arguments) { LLVMFuzzerTestOneInput($0, $1) }
