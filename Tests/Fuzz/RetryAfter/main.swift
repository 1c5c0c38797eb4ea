import FuzzSupport
import Upstreams

// Invariants of Retry-After and of sticky cookies: any octets give a wait within bounds or none, white space around them changes
// nothing, and a date comes nearer as time goes on.

let moment: Int64 = 784_111_777_000
let tokens = StickyTokens(identities: (0..<16).map { "10.0.0.\($0):80" }, key: HashKey(low: 1, high: 2))

func checkValue(_ bytes: [UInt8]) {
    let wait = RetryAfter.milliseconds(bytes.span, wallMilliseconds: moment)
    if let wait { check(wait >= 0 && wait <= RetryAfter.millisecondsMax, "a wait of \(wait) ms") }
    let padded = [0x20, 0x09] + bytes + [0x09]
    check(RetryAfter.milliseconds(padded.span, wallMilliseconds: moment) == wait, "white space counts")
    if let later = RetryAfter.milliseconds(bytes.span, wallMilliseconds: moment + 5_000), let wait {
        check(later == wait || later == max(0, wait - 5_000) || wait == RetryAfter.millisecondsMax, "time goes astray")
    } else {
        check(wait == nil, "five seconds later it is another value")
    }
    if let endpoint = tokens.endpoint(bytes.span) { check((0..<16).contains(endpoint), "endpoint \(endpoint)") }
}

@c public func LLVMFuzzerTestOneInput(_ base: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    checkValue(FuzzDriver.bytes(base, count))
    return 0
}

FuzzDriver.run { LLVMFuzzerTestOneInput($0, $1) }
