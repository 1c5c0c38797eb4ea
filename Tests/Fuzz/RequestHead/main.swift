import CFuzzer
import HTTP1
import HTTPModel
import Routing

/// One input of the fuzzer.
func examine(_ bytes: [UInt8]) {
    let limits = HeadLimits(headBytes: 4_096, targetBytes: 1_024, fields: 32)
    var head = RequestHead(fieldLimit: limits.fields)
    let whole = RequestHeadParser.parse(bytes.span, into: &head, limits: limits)
    guard case .complete(let end) = whole else { return }
    precondition(end <= bytes.count && end <= limits.headBytes, "a head ends within its bytes")
    for entry in head.fields.entries {
        precondition(
            entry.name.end <= entry.value.start && Int(entry.value.end) <= end, "fields lie in order within the head")
    }
    var normal: [UInt8] = []
    if !head.path.isEmpty,
        PathNormalization.normalize(bytes.span.extracting(head.path.indices), into: &normal) == .normalized
    {
        var again: [UInt8] = []
        precondition(
            PathNormalization.normalize(normal.span, into: &again) == .alreadyNormal,
            "normalising twice changes nothing")
    }
    // A head is not complete before its last byte, whatever the pieces.
    for length in stride(from: 0, to: end, by: max(1, end / 16)) {
        if case .complete = RequestHeadParser.parse(bytes.span.extracting(0..<length), into: &head, limits: limits) {
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
