/// How long to wait after failures in a row: twice as long each time up to a bound, half of it by chance, so that the
/// gateways of a site do not all come back at one moment.
struct BackOff: Sendable {
    private let firstNanoseconds: UInt64
    private let maxNanoseconds: UInt64
    private var failures: UInt64 = 0

    /// Nothing has failed. The first wait is at least 1 ms: without any, a failure that is told at once would be tried
    /// again for ever in one turn.
    init(firstMilliseconds: Int, maxMilliseconds: Int) {
        precondition(firstMilliseconds >= 1 && maxMilliseconds >= firstMilliseconds)
        firstNanoseconds = UInt64(firstMilliseconds) * 1_000_000
        maxNanoseconds = UInt64(maxMilliseconds) * 1_000_000
    }

    /// The last try failed.
    var isFailing: Bool { failures > 0 }

    /// Counts a failure; returns the nanoseconds to wait. Takes a random number.
    mutating func failed(random: UInt64) -> UInt64 {
        let doubled = failures < 20 ? firstNanoseconds << failures : maxNanoseconds
        failures += 1
        let whole = min(doubled, maxNanoseconds)
        return whole / 2 + random % (whole / 2 + 1)
    }

    /// A try succeeded.
    mutating func succeeded() { failures = 0 }
}
