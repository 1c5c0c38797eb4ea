/// A rate with a burst, decided by the generic cell rate algorithm (ITU-T I.371): all there is to remember of a key is
/// one moment, its theoretical arrival time.
///
/// `count` requests per period are let through on average, and up to `burst` at once. One unit costs the emission
/// interval, the period divided by `count`; a key is in debt by its theoretical arrival time minus now, or not at all
/// if that is past; a charge passes if the debt stays within `burst` intervals. Nothing is rounded: parts of a
/// nanosecond are counted in units of 1/`scale`, where `scale` is what remains of `count` once the fraction
/// period/count is reduced.
///
/// Legal settings, which `init` checks: `count` and `burst` 1...1,000,000; the period 1 millisecond...366 days; at most
/// one unit per microsecond; and a full burst must come back within 100 years. Hence one interval is at most 2^55 ns
/// and the tolerance below 2^62 ns, so that no sum below overflows 64 bits. Times are nanoseconds of a clock that may
/// wrap around at 2^64: they are compared by their difference, so a moment counts as past for 292 years.
public struct GCRALimit: Sendable, Equatable {
    /// Most units per period, and the largest burst.
    public static let unitsMax = 1_000_000
    /// Shortest period.
    public static let periodNanosecondsMin: UInt64 = 1_000_000
    /// Longest period: 366 days.
    public static let periodNanosecondsMax: UInt64 = 366 * 86_400 * 1_000_000_000
    /// Shortest emission interval.
    public static let intervalNanosecondsMin: UInt64 = 1_000
    /// The longest a full burst may take to come back: 100 years.
    public static let refillNanosecondsMax: UInt64 = 100 * 31_557_600 * 1_000_000_000

    /// Units per period.
    public let count: Int
    /// The period.
    public let periodNanoseconds: UInt64
    /// Units that may pass at once after a rest.
    public let burst: Int

    /// Parts of a nanosecond that fractions count, 1...1,000,000.
    let scale: UInt64
    /// The emission interval in parts: the reduced period.
    let intervalParts: UInt64
    /// The emission interval.
    let interval: ExactDuration
    /// `burst` intervals.
    let tolerance: ExactDuration

    /// Why a setting is not legal.
    public enum Problem: Error, Equatable {
        /// `count` is not in 1...`unitsMax`.
        case count
        /// `burst` is not in 1...`unitsMax`.
        case burst
        /// The period is not within its bounds.
        case period
        /// More than one unit per microsecond.
        case tooFast
        /// A full burst would take longer than `refillNanosecondsMax` to come back.
        case refillTooLong
    }

    /// A legal setting; without `burst` it is `count`.
    public init(count: Int, periodNanoseconds: UInt64, burst: Int? = nil) throws(Problem) {
        let burst = burst ?? count
        guard (1...Self.unitsMax).contains(count) else { throw .count }
        guard (1...Self.unitsMax).contains(burst) else { throw .burst }
        guard (Self.periodNanosecondsMin...Self.periodNanosecondsMax).contains(periodNanoseconds) else { throw .period }
        guard periodNanoseconds / UInt64(count) >= Self.intervalNanosecondsMin else { throw .tooFast }
        let shared = Self.greatestCommonDivisor(periodNanoseconds, UInt64(count))
        let scale = UInt64(count) / shared
        let parts = periodNanoseconds / shared
        let refill = parts.multipliedFullWidth(by: UInt64(burst))
        // The quotient of the division below fits exactly when the high half is less than the divisor.
        guard refill.high < scale else { throw .refillTooLong }
        let tolerance = scale.dividingFullWidth(refill)
        guard tolerance.quotient <= Self.refillNanosecondsMax else { throw .refillTooLong }
        self.count = count
        self.periodNanoseconds = periodNanoseconds
        self.burst = burst
        self.scale = scale
        intervalParts = parts
        interval = ExactDuration(nanoseconds: parts / scale, parts: parts % scale)
        self.tolerance = ExactDuration(nanoseconds: tolerance.quotient, parts: tolerance.remainder)
    }

    private static func greatestCommonDivisor(_ left: UInt64, _ right: UInt64) -> UInt64 {
        var (left, right) = (left, right)
        while right > 0 { (left, right) = (right, left % right) }
        return left
    }
}

/// Nanoseconds and parts of one; how many parts make a nanosecond is known to the limit. `parts` is less than that.
struct ExactDuration: Sendable, Equatable {
    var nanoseconds: UInt64
    var parts: UInt64

    static let zero = ExactDuration(nanoseconds: 0, parts: 0)

    /// No less than this many whole nanoseconds.
    var roundedUp: UInt64 { parts > 0 ? nanoseconds + 1 : nanoseconds }

    func isAtMost(_ other: ExactDuration) -> Bool {
        nanoseconds < other.nanoseconds || (nanoseconds == other.nanoseconds && parts <= other.parts)
    }

    /// The sum; neither is 2^63 ns or more.
    func adding(_ other: ExactDuration, scale: UInt64) -> ExactDuration {
        let sum = parts + other.parts
        let carry: UInt64 = sum >= scale ? 1 : 0
        return ExactDuration(nanoseconds: nanoseconds + other.nanoseconds + carry, parts: sum - carry * scale)
    }

    /// The difference from one that is no longer.
    func subtracting(_ other: ExactDuration, scale: UInt64) -> ExactDuration {
        let borrow: UInt64 = parts < other.parts ? 1 : 0
        return ExactDuration(
            nanoseconds: nanoseconds - other.nanoseconds - borrow, parts: parts + borrow * scale - other.parts)
    }
}
