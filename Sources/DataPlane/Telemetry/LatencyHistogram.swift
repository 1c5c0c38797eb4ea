/// The buckets of every duration histogram: two per doubling, from 64 µs to 67.108864 s, and one without bound.
///
/// Bounds are whole microseconds (64, 96, 128, 192 …), so that they can be printed exactly in seconds, and finding a
/// bucket is a division by a constant and a count of leading zeros.
public enum LatencyHistogram {
    /// Buckets, the unbounded one included.
    public static let bucketCount = 42
    /// Words a histogram takes in a counter block: the buckets, each counting its own alone, and the sum in
    /// nanoseconds.
    static let wordCount = bucketCount + 1
    /// Where the sum lies, from the histogram's first word.
    static let sumWord = bucketCount

    /// The logarithm of the first bound, 64 µs.
    private static let firstOctave = 6
    private static let firstBoundNanoseconds: UInt64 = 64_000

    /// The bucket whose bound is the smallest that is not below the duration.
    public static func bucket(nanoseconds: UInt64) -> Int {
        guard nanoseconds > firstBoundNanoseconds else { return 0 }
        // A bound itself belongs to the bucket below it (`le`), hence the 1 that is taken off before rounding down.
        let microseconds = (nanoseconds &- 1) / 1_000
        let octave = 63 &- microseconds.leadingZeroBitCount
        let half = Int(truncatingIfNeeded: microseconds >> UInt64(octave &- 1)) & 1
        return min(1 &+ 2 &* (octave &- firstOctave) &+ half, bucketCount - 1)
    }

    /// The inclusive upper bound of a bucket, or `nil` for the last one, which has none.
    public static func boundMicroseconds(_ bucket: Int) -> UInt64? {
        precondition(bucket >= 0 && bucket < bucketCount)
        if bucket == bucketCount - 1 { return nil }
        if bucket == 0 { return 1 << UInt64(firstOctave) }
        let octave = UInt64(firstOctave + (bucket - 1) / 2)
        return bucket % 2 == 1 ? 3 << (octave - 1) : 2 << octave
    }
}
