/// What is known about the latency of each endpoint: a moving average that jumps to every peak at once and comes down with time.
///
/// An estimate loses half of itself in `halfLifeNanoseconds` of silence, so a slow endpoint that gets no exchanges is asked again
/// after a while. One that was never measured counts as the average of those that were: it is neither flooded, because its
/// exchanges in progress weigh like everyone's, nor starved.
struct LatencyEstimates: Sendable {
    /// In this time an old measurement loses half its say.
    static let halfLifeNanoseconds = 5e9
    /// Below this, differences are noise and the exchanges in progress decide.
    static let floorNanoseconds = 1e3
    /// No failure counts as more than this, nor as more than so many times the average; otherwise a moment's outage would exclude
    /// an endpoint for minutes.
    static let failureMaxNanoseconds = 30e9
    static let failureMaxOfAverage = 32.0

    /// 0: not measured.
    private var estimates: [Double]
    private var measuredAt: [UInt64]
    private var sum = 0.0
    private var measured = 0

    init(count: Int) {
        estimates = Array(repeating: 0, count: count)
        measuredAt = Array(repeating: 0, count: count)
    }

    /// The average of the endpoints that were measured, without decay.
    var average: Double { measured == 0 ? Self.floorNanoseconds : max(Self.floorNanoseconds, sum / Double(measured)) }

    /// What an endpoint's next exchange is expected to take, in nanoseconds.
    func expected(_ index: Int, now: UInt64) -> Double {
        guard estimates[index] > 0 else { return average }
        return max(Self.floorNanoseconds, estimates[index] * remainder(index, now))
    }

    /// An exchange took so long to its response head.
    mutating func record(_ nanoseconds: UInt64, _ index: Int, now: UInt64) {
        let sample = max(Self.floorNanoseconds, Double(nanoseconds))
        let old = estimates[index]
        let rest = remainder(index, now)
        store(sample > old ? sample : old * rest + sample * (1 - rest), index, now: now)
    }

    /// An exchange failed after so long. It counts as slow, however quick: an endpoint that refuses everything at once must not
    /// look like the fastest.
    mutating func recordFailure(_ nanoseconds: UInt64, _ index: Int, now: UInt64) {
        let most = min(Self.failureMaxNanoseconds, Self.failureMaxOfAverage * average)
        let penalty = min(most, 2 * max(estimates[index], average))
        store(max(estimates[index], penalty, Double(nanoseconds)), index, now: now)
    }

    /// The endpoint is as good as new.
    mutating func forget(_ index: Int) {
        guard estimates[index] > 0 else { return }
        sum -= estimates[index]
        measured -= 1
        estimates[index] = 0
        // Rounding errors end where there is nothing left to add up.
        if measured == 0 { sum = 0 }
    }

    /// Takes over what another table knew.
    mutating func inherit(_ index: Int, from other: LatencyEstimates, _ otherIndex: Int) {
        guard other.estimates[otherIndex] > 0 else { return forget(index) }
        store(other.estimates[otherIndex], index, now: other.measuredAt[otherIndex])
    }

    private mutating func store(_ value: Double, _ index: Int, now: UInt64) {
        if estimates[index] == 0 { measured += 1 }
        sum += value - estimates[index]
        estimates[index] = value
        measuredAt[index] = now
    }

    /// 2 to the power of minus the half-lives since the last measurement; between whole ones a straight line, at most 6 % too high.
    private func remainder(_ index: Int, _ now: UInt64) -> Double {
        guard now > measuredAt[index] else { return 1 }
        let lives = min(60, Double(now &- measuredAt[index]) / Self.halfLifeNanoseconds)
        let whole = Int(lives)
        let line = 1 - 0.5 * (lives - Double(whole))
        // The exponent of a Double, biased by 1023: 2 to the power of -whole.
        return line * Double(bitPattern: UInt64(1_023 - whole) &<< 52)
    }
}
