import Configuration
import Declarations
import FuzzSupport
import Routing

// Invariants of routes.yaml: reading never traps, whatever the bytes; a refusal points at a place in the file; what is accepted
// compiles, and reads the same the next time.

func checkFile(_ bytes: [UInt8]) {
    let outcome = ConfigurationReader.read(bytes: bytes, file: "routes.yaml")
    let report = outcome.report
    let lines = bytes.count { $0 == 0x0A || $0 == 0x0D } + 2
    for problem in report.problems {
        check(problem.line >= 1 && problem.column >= 1, "a problem at \(problem.line):\(problem.column)")
        check(problem.line <= lines * 3, "a problem behind the end, at line \(problem.line)")
        check(!problem.message.isEmpty && !problem.code.isEmpty, "a problem without a message")
    }
    check(report.text().isEmpty == report.problems.isEmpty, "a report that says nothing")
    check(report.json().hasPrefix("{\"file\":"), "a report that is no JSON")
    switch outcome {
    case .invalid:
        check(report.hasErrors, "refused without an error")
    case .valid(let declaration, _):
        check(!report.hasErrors, "accepted with an error")
        check((try? RouteTable(declaration.routes)) != nil, "accepted, but the routes do not compile")
        guard case .valid(let again, _) = ConfigurationReader.read(bytes: bytes, file: "routes.yaml") else {
            return check(false, "refused the second time")
        }
        check(again == declaration, "read differently the second time")
    }
}

@c public func LLVMFuzzerTestOneInput(_ base: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    checkFile(FuzzDriver.bytes(base, count))
    return 0
}

FuzzDriver.run { LLVMFuzzerTestOneInput($0, $1) }
