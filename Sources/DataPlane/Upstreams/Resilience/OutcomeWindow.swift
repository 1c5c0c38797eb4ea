/// How many things happened in the recent past, and how many of them were of a marked kind: two counts over a sliding window.
///
/// The window moves in tenths of its length, so a count covers between nine tenths of it and all of it. Constant size, no heap.
struct OutcomeWindow: Sendable {
    private static let bucketCount = 10

    private var counts = InlineArray<10, UInt32>(repeating: 0)
    private var marks = InlineArray<10, UInt32>(repeating: 0)
    private let bucketNanoseconds: UInt64
    /// The bucket being filled, counted since time 0.
    private var current: UInt64 = 0
    /// All that is in the window; right after `advance`.
    private(set) var count = 0
    /// The marked ones among them.
    private(set) var marked = 0

    init(windowMilliseconds: Int) {
        bucketNanoseconds = max(1, UInt64(max(1, windowMilliseconds)) * 1_000_000 / UInt64(Self.bucketCount))
    }

    /// Forgets what is older than the window.
    mutating func advance(_ now: UInt64) {
        let bucket = now / bucketNanoseconds
        guard bucket > current else { return }
        let steps = min(bucket &- current, UInt64(Self.bucketCount))
        for step in 0..<steps {
            let place = Int((bucket &- step) % UInt64(Self.bucketCount))
            count -= Int(counts[place])
            marked -= Int(marks[place])
            counts[place] = 0
            marks[place] = 0
        }
        current = bucket
    }

    /// Counts `count` things, `marked` of them of the marked kind. A bucket that is full to 2^32 counts no further.
    mutating func add(_ added: Int, marked addedMarks: Int, now: UInt64) {
        advance(now)
        let place = Int(current % UInt64(Self.bucketCount))
        let room = Int(UInt32.max - counts[place])
        let taken = min(max(0, added), room)
        let takenMarks = min(max(0, addedMarks), taken)
        counts[place] += UInt32(taken)
        marks[place] += UInt32(takenMarks)
        count += taken
        marked += takenMarks
    }

    /// Forgets everything.
    mutating func clear() {
        counts = InlineArray(repeating: 0)
        marks = InlineArray(repeating: 0)
        count = 0
        marked = 0
    }

    /// At least `percent` of at least `minimum` things in the window were marked.
    func reaches(percent: Int, minimum: Int) -> Bool {
        count >= max(1, minimum) && marked * 100 >= percent * count
    }
}
