@testable import Limits

/// What the limit means, without its tricks: a debt in units of 1/`count` ns, of which `count` per nanosecond run off
/// and each unit charged adds a period; exact in 128 bits.
struct GCRAReference {
    let count: Int128
    let period: Int128
    let burst: Int128
    private var debt: Int128 = 0
    private var at: UInt64

    init(_ limit: GCRALimit, at: UInt64) {
        count = Int128(limit.count)
        period = Int128(limit.periodNanoseconds)
        burst = Int128(limit.burst)
        self.at = at
    }

    mutating func charge(_ cost: Int, now: UInt64) -> LimitDecision {
        debt = max(0, debt - Int128(now &- at) * count)
        at = now
        let total = debt + Int128(cost) * period
        guard total <= burst * period else {
            let wait = cost > burst ? LimitDecision.never : nanoseconds(total - burst * period)
            return decision(.refused, wait)
        }
        debt = total
        return decision(.allowed, 0)
    }

    private func decision(_ verdict: LimitDecision.Verdict, _ retry: UInt64) -> LimitDecision {
        LimitDecision(
            verdict: verdict, remaining: Int((burst * period - debt) / period), resetNanoseconds: nanoseconds(debt),
            retryNanoseconds: retry)
    }

    private func nanoseconds(_ parts: Int128) -> UInt64 { UInt64((parts + count - 1) / count) }
}
