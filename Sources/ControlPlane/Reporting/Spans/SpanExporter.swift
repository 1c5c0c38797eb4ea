public import Kernel
public import Logging
internal import Synchronization
public import Telemetry

/// The thread that sends the spans of all shards to a collector that speaks Zipkin's API, version 2.
///
/// It sleeps until a shard hands a chunk over, a batch is due or a transfer ends. A collector that is slow or away holds
/// up this thread's queue alone, which is bounded: batches are tried again, ever more seldom, and the oldest are lost
/// and counted. Shards never wait; they run out of chunks only when this thread gets no processor.
public final class SpanExporter: Sendable {
    private let queues: [ChunkQueue]
    private let wakeUp: WakeUp
    private let thread = Guarded<SystemThread?>(nil)
    /// The monotonic time at which the last flush is given up; 0 while the exporter is to go on.
    private let deadlineNanoseconds = Atomic<UInt64>(0)

    /// What a stop ended with.
    public enum StopOutcome: Sendable {
        /// The thread has ended; what it could not send is counted.
        case ended
        /// Something has not come back; the thread is left to itself.
        case abandoned
    }

    private init(shards: Int) throws(SystemError) {
        let wakeUp = try WakeUp()
        self.wakeUp = wakeUp
        queues = (0..<shards).map { _ in ChunkQueue(wakeUp: wakeUp) }
    }

    /// Starts the thread. The collector is not asked for anything before there are spans.
    public static func start(
        _ options: SpanExportOptions, shards: Int, metrics: SpanExportMetrics, logger: Logger
    ) throws(SystemError) -> SpanExporter {
        let exporter = try SpanExporter(shards: shards)
        let thread = try SystemThread.start(name: "span-export") {
            SpanExportWorker(
                options, queues: exporter.queues, wakeUp: exporter.wakeUp, metrics: metrics, logger: logger
            ).run { exporter.deadline }
        }
        exporter.thread.withLock { $0 = thread }
        return exporter
    }

    /// The queue into which a shard's `SpanChannel` hands its chunks.
    public func queue(shard: Int) -> ChunkQueue { queues[shard] }

    /// Sends what has been handed over, for at most this long, and ends the thread. The shards have flushed their
    /// channels. A collector that fails meanwhile is not tried again.
    public func stop(withinMilliseconds limit: Int) -> StopOutcome {
        let now = SystemClock.monotonicNanoseconds()
        deadlineNanoseconds.store(now + UInt64(max(0, limit)) * 1_000_000, ordering: .releasing)
        wakeUp.signal()
        guard let thread = thread.withLock({ $0 }) else { return .ended }
        switch thread.join(timeoutMilliseconds: max(0, limit) + 1_000) {
        case .ended: return .ended
        case .stillRunning: return .abandoned
        }
    }

    private var deadline: UInt64? {
        let deadline = deadlineNanoseconds.load(ordering: .acquiring)
        return deadline == 0 ? nil : deadline
    }
}
