internal import Kernel

/// One moment by both clocks: the one that measures, and the one that people read.
struct Moment: Sendable, Equatable {
    var monotonicNanoseconds: UInt64
    /// From 1970.
    var wallMilliseconds: Int64

    /// The present.
    static func now() -> Moment {
        Moment(
            monotonicNanoseconds: SystemClock.monotonicNanoseconds(), wallMilliseconds: SystemClock.wallMilliseconds())
    }

    /// The wall's time at another moment of the clock that measures.
    func wall(at monotonic: UInt64) -> Int64 {
        monotonic >= monotonicNanoseconds
            ? wallMilliseconds + Int64((monotonic - monotonicNanoseconds) / 1_000_000)
            : wallMilliseconds - Int64((monotonicNanoseconds - monotonic) / 1_000_000)
    }
}
