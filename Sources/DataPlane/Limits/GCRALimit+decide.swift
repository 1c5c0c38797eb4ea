/// All that is remembered of a key: when its debt ends.
public struct TheoreticalArrival: Sendable, Equatable {
    /// Nanoseconds of the clock the limit is asked with.
    public var nanoseconds: UInt64
    /// Further parts of a nanosecond, less than the limit's scale.
    public var parts: UInt64

    /// Both.
    public init(nanoseconds: UInt64, parts: UInt64) {
        self.nanoseconds = nanoseconds
        self.parts = parts
    }

    /// True when the debt has ended: nothing need be remembered.
    public func isPast(_ now: UInt64) -> Bool {
        // The signed difference, so that a clock that wrapped around makes none.
        let ahead = Int64(bitPattern: nanoseconds &- now)
        return ahead < 0 || (ahead == 0 && parts == 0)
    }
}

extension GCRALimit {
    /// A decision, and what is to be remembered if it is carried out.
    public struct Step: Sendable, Equatable {
        /// What to do.
        public var decision: LimitDecision
        /// What the key's theoretical arrival time becomes; a refused request leaves it.
        public var arrival: TheoreticalArrival
    }

    /// Decides on a request of this cost (0 or more) for a key with this theoretical arrival time, `nil` if nothing is
    /// remembered.
    public func step(from arrival: TheoreticalArrival?, cost: Int = 1, now: UInt64) -> Step {
        precondition(cost >= 0)
        let debt = debt(arrival, now: now)
        let before = arrival ?? TheoreticalArrival(nanoseconds: now, parts: 0)
        guard cost <= burst else {
            return Step(decision: refusal(debt, retryNanoseconds: LimitDecision.never), arrival: before)
        }
        let total = debt.adding(duration(of: cost), scale: scale)
        guard total.isAtMost(tolerance) else {
            let wait = total.subtracting(tolerance, scale: scale).roundedUp
            return Step(decision: refusal(debt, retryNanoseconds: wait), arrival: before)
        }
        let decision = LimitDecision(
            verdict: .allowed, remaining: units(within: tolerance.subtracting(total, scale: scale)),
            resetNanoseconds: total.roundedUp, retryNanoseconds: 0)
        return Step(
            decision: decision,
            arrival: TheoreticalArrival(nanoseconds: now &+ total.nanoseconds, parts: total.parts))
    }

    /// The theoretical arrival time without what is still owed of a charge of this cost (0...`burst`) that was made so
    /// long ago: the charge less the time since.
    public func withoutCharge(
        _ arrival: TheoreticalArrival, cost: Int, afterNanoseconds elapsed: UInt64 = 0
    ) -> TheoreticalArrival {
        precondition(cost >= 0 && cost <= burst)
        let charge = duration(of: cost)
        guard elapsed <= charge.nanoseconds else { return arrival }
        let borrow: UInt64 = arrival.parts < charge.parts ? 1 : 0
        return TheoreticalArrival(
            nanoseconds: arrival.nanoseconds &- (charge.nanoseconds - elapsed) &- borrow,
            parts: arrival.parts + borrow * scale - charge.parts)
    }

    /// What the key owes, less than 2^63 ns and one.
    private func debt(_ arrival: TheoreticalArrival?, now: UInt64) -> ExactDuration {
        guard let arrival else { return .zero }
        let ahead = Int64(bitPattern: arrival.nanoseconds &- now)
        guard ahead >= 0 else { return .zero }
        // Parts that another limit counted may be no fewer than a nanosecond of this one: then it is a whole one.
        guard arrival.parts < scale else { return ExactDuration(nanoseconds: UInt64(ahead) + 1, parts: 0) }
        return ExactDuration(nanoseconds: UInt64(ahead), parts: arrival.parts)
    }

    /// `cost` intervals; at most the tolerance, for `cost` is at most the burst.
    private func duration(of cost: Int) -> ExactDuration {
        if cost == 1 { return interval }
        // Both factors are at most 2^20.
        let parts = interval.parts * UInt64(cost)
        guard parts >= scale else {
            return ExactDuration(nanoseconds: interval.nanoseconds * UInt64(cost), parts: parts)
        }
        return ExactDuration(nanoseconds: interval.nanoseconds * UInt64(cost) + parts / scale, parts: parts % scale)
    }

    /// How many whole intervals fit; the duration is at most the tolerance, so at most `burst`.
    private func units(within duration: ExactDuration) -> Int {
        if scale == 1 { return Int(duration.nanoseconds / intervalParts) }
        let whole = duration.nanoseconds.multipliedFullWidth(by: scale)
        let (low, carried) = whole.low.addingReportingOverflow(duration.parts)
        // The quotient is at most `burst`, so the division does not overflow.
        return Int(intervalParts.dividingFullWidth((whole.high + (carried ? 1 : 0), low)).quotient)
    }

    private func refusal(_ debt: ExactDuration, retryNanoseconds: UInt64) -> LimitDecision {
        // Clocks of two threads may differ by a tick, and then a debt may seem greater than the tolerance.
        let remaining = debt.isAtMost(tolerance) ? units(within: tolerance.subtracting(debt, scale: scale)) : 0
        return LimitDecision(
            verdict: .refused, remaining: remaining, resetNanoseconds: debt.roundedUp,
            retryNanoseconds: retryNanoseconds)
    }
}
