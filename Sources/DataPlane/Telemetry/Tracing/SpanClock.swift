/// Turns moments of the clock that measures into the microseconds since 1970 of spans.
///
/// Both clocks are read together now and then, not for each span: spans of one exchange then stand in their true
/// order, whatever the wall's clock does meanwhile.
public struct SpanClock: Sendable {
    private var monotonicNanoseconds: UInt64
    private var wallMicroseconds: Int64

    /// Both clocks, read at the same time.
    public init(monotonicNanoseconds: UInt64, wallMilliseconds: Int64) {
        self.monotonicNanoseconds = monotonicNanoseconds
        wallMicroseconds = wallMilliseconds * 1_000
    }

    /// Follows the wall's clock when it was set; differences below two milliseconds are those of reading.
    public mutating func follow(monotonicNanoseconds: UInt64, wallMilliseconds: Int64) {
        let difference = wallMilliseconds * 1_000 - microseconds(at: monotonicNanoseconds)
        guard difference.magnitude > 2_000 else { return }
        self = SpanClock(monotonicNanoseconds: monotonicNanoseconds, wallMilliseconds: wallMilliseconds)
    }

    /// The microseconds since 1970 at a moment before or after.
    public func microseconds(at moment: UInt64) -> Int64 {
        moment >= monotonicNanoseconds
            ? wallMicroseconds + Int64((moment - monotonicNanoseconds) / 1_000)
            : wallMicroseconds - Int64((monotonicNanoseconds - moment) / 1_000)
    }
}
