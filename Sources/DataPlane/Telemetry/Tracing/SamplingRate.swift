/// The share of traces that are recorded.
///
/// The decision depends on the trace's id alone, so all gateways with the same rate decide alike, and whoever has a
/// higher rate keeps all that a lower one keeps. It looks at the lower 56 bits, those that W3C Trace Context level 2
/// calls random, and keeps the high numbers, as OpenTelemetry's consistent sampling does.
public struct SamplingRate: Sendable, Equatable {
    private static let randomBits: UInt64 = 1 << 56 - 1
    /// The lowest number that is kept; one more than the highest there is for a rate of 0.
    private let threshold: UInt64

    /// 0 (none) to 1 (all); what is outside counts as the nearer end, and what is no number as 0.
    public init(_ fraction: Double) {
        let share = fraction >= 0 ? min(fraction, 1) : 0
        let kept = (share * Double(Self.randomBits + 1)).rounded()
        threshold = Self.randomBits + 1 - UInt64(kept)
    }

    /// Nothing is recorded.
    public static let none = SamplingRate(0)
    /// Everything is recorded.
    public static let all = SamplingRate(1)

    /// Whether a trace is recorded.
    public func keeps(traceIDLow: UInt64) -> Bool { traceIDLow & Self.randomBits >= threshold }
}
