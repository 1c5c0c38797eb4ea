internal import Kernel

/// Spans ready to be sent.
struct SpanBatch: Sendable, Equatable {
    /// A JSON array, compressed or not.
    var body: [UInt8]
    var spans: Int
}

/// Puts spans together to a JSON array, which is sealed when it has enough of them, when it is full or when its first
/// span has waited long enough. Pure; time is an argument.
struct SpanBatcher: ~Copyable {
    private let spansMax: Int
    private let intervalNanoseconds: UInt64
    private var text: ByteBuffer
    /// Spans in the open batch.
    private(set) var spanCount = 0
    private var openedAt: UInt64 = 0
    /// The batch is to be sealed before more is taken.
    private(set) var isFull = false

    /// A batch has room for `bytesMax` octets, the brackets included; no run has longer spans than fit.
    init(spansMax: Int, bytesMax: Int, intervalMilliseconds: Int) {
        precondition(spansMax > 0 && bytesMax > 2 && intervalMilliseconds >= 0)
        self.spansMax = spansMax
        intervalNanoseconds = UInt64(intervalMilliseconds) * 1_000_000
        text = ByteBuffer(capacity: bytesMax)
    }

    var isEmpty: Bool { spanCount == 0 }

    /// When the batch is to be sealed; `nil` while it is empty.
    var dueAt: UInt64? { isEmpty ? nil : isFull ? 0 : openedAt &+ intervalNanoseconds }

    /// Takes spans of a run, from `start` on, until the batch is full; returns the index behind the last one taken.
    ///
    /// A run is what `SpanChannel` writes: objects, each followed by a comma and a line feed.
    mutating func add(_ run: Span<UInt8>, from start: Int, nowNanoseconds: UInt64) -> Int {
        var index = start
        while index < run.count {
            let end = ByteSearch.firstIndex(of: 0x0A, in: run, from: index) + 1
            precondition(end <= run.count, "a run ends with a line feed")
            if isEmpty {
                text.clear()
                text.append(0x5B)
                openedAt = nowNanoseconds
                precondition(end - index < text.writableCount, "every span fits into an empty batch")
            }
            guard spanCount < spansMax, end - index <= text.writableCount else {
                isFull = true
                return index
            }
            text.append(run.extracting(index..<end))
            spanCount += 1
            index = end
        }
        if spanCount >= spansMax { isFull = true }
        return index
    }

    /// Ends the batch and begins the next; `encode` makes the body of the array's text.
    mutating func seal(_ encode: (Span<UInt8>) -> [UInt8]) -> SpanBatch {
        precondition(!isEmpty)
        // The bracket takes the place of the last comma and line feed.
        text.truncate(to: text.count - 2)
        text.append(0x5D)
        let batch = SpanBatch(body: encode(text.readable), spans: spanCount)
        spanCount = 0
        isFull = false
        return batch
    }
}
