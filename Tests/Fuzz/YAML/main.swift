import CFuzzer
import Configuration

/// One input of the fuzzer.
func examine(_ bytes: [UInt8]) {
    let outcome = ConfigurationReader.read(bytes: bytes, file: "routes.yaml")
    _ = outcome.report.text()
    _ = outcome.report.json()
}

@c public func LLVMFuzzerTestOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    examine(start.map { Array(UnsafeBufferPointer(start: $0, count: count)) } ?? [])
    return 0
}

var argumentCount = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
_ = LLVMFuzzerRunDriver(&argumentCount, &arguments) { LLVMFuzzerTestOneInput($0, $1) }
