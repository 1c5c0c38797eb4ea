public import Kernel
public import Logging
internal import Synchronization
public import Telemetry

/// The thread that writes the access log of all shards.
///
/// It sleeps until a shard hands a chunk over. A sink that is slow holds up this thread alone: the shards run out of
/// chunks, drop lines and count them. A sink that fails (a full disk, a closed pipe) costs the lines at hand, which are
/// counted too, and is tried again with the next chunk.
public final class AccessLogWriter: Sendable {
    private let sink: Guarded<AccessLogSink>
    private let queues: [ChunkQueue]
    private let wakeUp: WakeUp
    private let metrics: ReportingMetrics
    private let logger: Logger
    private let thread = Guarded<SystemThread?>(nil)
    private let reopenAsked = Atomic(false)
    /// The monotonic time at which the last flush is given up; 0 while the writer is to go on.
    private let deadlineNanoseconds = Atomic<UInt64>(0)

    /// What a stop ended with.
    public enum StopOutcome: Sendable {
        /// The thread has ended; what it could not write is counted.
        case ended
        /// A write has not come back; the thread is left to itself.
        case abandoned
    }

    private init(
        sink: consuming AccessLogSink, shards: Int, metrics: ReportingMetrics, logger: Logger
    ) throws(SystemError) {
        let wakeUp = try WakeUp()
        self.sink = Guarded(sink)
        self.wakeUp = wakeUp
        queues = (0..<shards).map { _ in ChunkQueue(wakeUp: wakeUp) }
        self.metrics = metrics
        self.logger = logger
    }

    /// Opens the destination and starts the thread. Throws when the destination cannot be opened.
    public static func start(
        destination: AccessLogDestination, shards: Int, metrics: ReportingMetrics, logger: Logger
    ) throws(SystemError) -> AccessLogWriter {
        let writer = try AccessLogWriter(
            sink: AccessLogSink(destination), shards: shards, metrics: metrics, logger: logger)
        let thread = try SystemThread.start(name: "access-log", stackBytes: 1 << 18) { writer.run() }
        writer.thread.withLock { $0 = thread }
        return writer
    }

    /// The queue into which a shard's `AccessLogChannel` hands its chunks.
    public func queue(shard: Int) -> ChunkQueue { queues[shard] }

    /// Asks for a file to be opened anew under its name (it was rotated away). Returns at once.
    public func reopen() {
        reopenAsked.store(true, ordering: .releasing)
        wakeUp.signal()
    }

    /// Writes what has been handed over, for at most this long, and ends the thread. The shards have flushed their
    /// channels.
    public func stop(withinMilliseconds limit: Int) -> StopOutcome {
        let now = SystemClock.monotonicNanoseconds()
        deadlineNanoseconds.store(now + UInt64(max(0, limit)) * 1_000_000, ordering: .releasing)
        wakeUp.signal()
        guard let thread = thread.withLock({ $0 }) else { return .ended }
        // The thread notices the deadline within one wait of the sink; only a disk that does not answer takes longer.
        switch thread.join(timeoutMilliseconds: max(0, limit) + 1_000) {
        case .ended: return .ended
        case .stillRunning: return .abandoned
        }
    }

    // MARK: The thread

    private func run() {
        var isFailing = false
        while true {
            // 1. The flags are read before the queues are emptied: what was handed over before a stop is seen after it.
            let isStopping = deadlineNanoseconds.load(ordering: .acquiring) != 0
            if reopenAsked.exchange(false, ordering: .acquiringAndReleasing) { reopenSink() }
            // 2. One chunk of each shard in turn, until there are none.
            var wroteAny = false
            for queue in queues {
                guard let chunk = queue.next() else { continue }
                wroteAny = true
                write(chunk, isFailing: &isFailing)
                queue.recycle(chunk)
            }
            if wroteAny { continue }
            if isStopping { return }
            // 3. Sleep until someone signals.
            _ = wakeUp.wait(timeoutMilliseconds: -1)
        }
    }

    private func write(_ chunk: Chunk, isFailing: inout Bool) {
        let delivery = sink.withLock { sink in
            sink.write(chunk.bytes, while: hasTime)
        }
        if delivery.linesLost > 0 { metrics.linesDropped(delivery.linesLost) }
        // Said once when it starts and once when it is over; a full disk must not fill the control log.
        if let error = delivery.error, !isFailing {
            isFailing = true
            logger.error("cannot write the access log", metadata: ["error": "\(error)"])
        } else if delivery.error == nil && delivery.linesLost == 0 && isFailing {
            isFailing = false
            logger.notice("the access log is written again")
        }
    }

    private func hasTime() -> Bool {
        let deadline = deadlineNanoseconds.load(ordering: .acquiring)
        return deadline == 0 || SystemClock.monotonicNanoseconds() < deadline
    }

    private func reopenSink() {
        do throws(SystemError) {
            try sink.withLock { sink throws(SystemError) in try sink.reopen() }
            logger.info("access log opened again")
        } catch {
            logger.error("cannot open the access log again, the old file stays in use", metadata: ["error": "\(error)"])
        }
    }
}
