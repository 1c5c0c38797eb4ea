internal import Kernel

/// The counters of one route on one shard. Only that shard writes them.
public struct RouteMetrics: Sendable {
    let block: CounterBlock

    /// Layout of the block: the histogram, then a counter for each status class.
    enum Word {
        static let histogram = 0
        static let statusClass = LatencyHistogram.wordCount
        static let count = statusClass + StatusClass.count
    }

    /// An exchange has ended. `status` is 0 when no answer was sent; the duration is from the request's first byte to
    /// the end.
    public func exchangeEnded(status: Int, durationNanoseconds: UInt64) {
        block.observe(durationNanoseconds, at: Word.histogram)
        block.add(Word.statusClass + StatusClass.index(status))
    }
}

/// The counters of one upstream on one shard. Only that shard writes them.
public struct UpstreamMetrics: Sendable {
    let block: CounterBlock

    /// Layout of the block.
    enum Word {
        static let histogram = 0
        static let statusClass = LatencyHistogram.wordCount
        static let connectsSucceeded = statusClass + StatusClass.count
        static let connectsFailed = connectsSucceeded + 1
        static let retries = connectsFailed + 1
        static let active = retries + 1
        static let idle = active + 1
        static let hedges = idle + 1
        static let queued = hedges + 1
        static let breakerRefusals = queued + 1
        static let count = breakerRefusals + 1
    }

    /// A response head has come, this long after the request was handed to the upstream side.
    public func headReceived(status: Int, durationNanoseconds: UInt64) {
        block.observe(durationNanoseconds, at: Word.histogram)
        block.add(Word.statusClass + StatusClass.index(status))
    }

    /// An attempt has ended without a response head.
    public func attemptFailed() { block.add(Word.statusClass) }

    /// A connect has succeeded.
    public func connectSucceeded() { block.add(Word.connectsSucceeded) }

    /// A connect has failed or taken too long.
    public func connectFailed() { block.add(Word.connectsFailed) }

    /// A request was sent again on another connection.
    public func requestRetried() { block.add(Word.retries) }

    /// A second attempt began beside the first.
    public func requestHedged() { block.add(Word.hedges) }

    /// So many more (or fewer) exchanges wait for a connection.
    public func queuedChanged(by difference: Int) {
        block.add(Word.queued, UInt64(bitPattern: Int64(difference)))
    }

    /// The breaker let an exchange not through.
    public func breakerRefused() { block.add(Word.breakerRefusals) }

    /// So many more (or fewer) connections carry an exchange.
    public func activeConnectionsChanged(by difference: Int) {
        block.add(Word.active, UInt64(bitPattern: Int64(difference)))
    }

    /// So many more (or fewer) connections wait in the pool.
    public func idleConnectionsChanged(by difference: Int) {
        block.add(Word.idle, UInt64(bitPattern: Int64(difference)))
    }
}

extension CounterBlock {
    /// Counts a duration in the histogram whose words start at `histogram`.
    func observe(_ nanoseconds: UInt64, at histogram: Int) {
        add(histogram + LatencyHistogram.bucket(nanoseconds: nanoseconds))
        add(histogram + LatencyHistogram.sumWord, nanoseconds)
    }
}
