public import Declarations

/// Tells after how long a second attempt is worth its price: when the first takes longer than most did recently.
///
/// Latencies are counted in a histogram with four buckets per doubling (a delay is at most a quarter too long), in two windows that
/// take turns, so that what it tells covers the last one to two `windowNanoseconds`. No heap after `init`.
public struct HedgePolicy: Sendable {
    /// Length of one of the two windows.
    static let windowNanoseconds: UInt64 = 10_000_000_000
    /// So many samples must lie beyond the percentile before it means anything.
    static let samplesBeyondMin = 5
    /// Fewer samples than this tell nothing about any percentile.
    static let samplesMin = 20
    /// The delay is computed anew at most this often.
    static let refreshNanoseconds: UInt64 = 100_000_000

    private static let firstBoundLog2 = 16
    private static let bucketCount = 88

    private let percentile: Int
    private let delayMin: UInt64
    private let delayMax: UInt64
    private var recent: [UInt32]
    private var previous: [UInt32]
    private var recentCount = 0
    private var previousCount = 0
    private var recentEnds: UInt64 = 0
    private var delay: UInt64?
    private var staleFrom: UInt64 = 0

    /// With no samples.
    public init(_ declaration: HedgeDeclaration) {
        percentile = min(max(declaration.percentile, 1), 99)
        let least = UInt64(max(0, declaration.delayMinMilliseconds)) * 1_000_000
        delayMin = least
        delayMax = max(least, UInt64(max(0, declaration.delayMaxMilliseconds)) * 1_000_000)
        recent = Array(repeating: 0, count: Self.bucketCount)
        previous = recent
    }

    /// Samples that a delay is told from.
    var samplesNeeded: Int {
        max(Self.samplesMin, (Self.samplesBeyondMin * 100 + 99 - percentile) / (100 - percentile))
    }

    /// A response head came so long after its attempt began. Attempts that failed are not samples; of a hedged pair the one that
    /// won is.
    public mutating func headReceived(afterNanoseconds latency: UInt64, now: UInt64) {
        turn(now)
        recent[Self.bucket(latency)] &+= 1
        recentCount += 1
    }

    /// How long to wait for the first attempt, in nanoseconds; `nil` when no second may be made or too little is known.
    ///
    /// Two attempts run at once, so the method must be idempotent and the whole request held; and the second is to be taken from the
    /// `RetryBudget` when its time comes.
    public mutating func delayNanoseconds(isIdempotent: Bool, holdsWholeRequest: Bool, now: UInt64) -> UInt64? {
        guard isIdempotent, holdsWholeRequest else { return nil }
        if now >= staleFrom {
            turn(now)
            delay = computed()
            staleFrom = now &+ Self.refreshNanoseconds
        }
        return delay
    }

    private func computed() -> UInt64? {
        let count = recentCount + previousCount
        guard count >= samplesNeeded else { return nil }
        // The sample at or below which the percentile lies, counted from 1.
        let place = max(1, (count * percentile + 99) / 100)
        var seen = 0
        for index in recent.indices {
            seen += Int(recent[index]) + Int(previous[index])
            if seen >= place { return min(max(Self.bound(index), delayMin), delayMax) }
        }
        return delayMax
    }

    /// Lets the windows change places when their time has come.
    private mutating func turn(_ now: UInt64) {
        guard now >= recentEnds else { return }
        let isOld = now &- recentEnds >= Self.windowNanoseconds
        swap(&recent, &previous)
        previousCount = recentCount
        recentCount = 0
        for index in recent.indices {
            recent[index] = 0
            if isOld { previous[index] = 0 }
        }
        if isOld { previousCount = 0 }
        recentEnds = now &+ Self.windowNanoseconds
    }

    /// The bucket whose bound is the smallest not below the latency: the first ends at 65.5 µs, the last at some 200 s.
    static func bucket(_ latency: UInt64) -> Int {
        guard latency > 1 << UInt64(firstBoundLog2) else { return 0 }
        let below = latency - 1
        let octave = 63 - below.leadingZeroBitCount
        let quarter = Int(truncatingIfNeeded: below >> UInt64(octave - 2)) & 3
        return min(1 + 4 * (octave - firstBoundLog2) + quarter, bucketCount - 1)
    }

    /// The inclusive upper bound of a bucket.
    static func bound(_ bucket: Int) -> UInt64 {
        guard bucket > 0 else { return 1 << UInt64(firstBoundLog2) }
        let octave = UInt64(firstBoundLog2 + (bucket - 1) / 4)
        return UInt64(5 + (bucket - 1) % 4) << (octave - 2)
    }
}
