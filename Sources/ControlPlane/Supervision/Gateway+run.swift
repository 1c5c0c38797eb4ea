internal import EventLoop
internal import Kernel
internal import Logging
internal import Reporting
internal import Shard

extension Gateway {
    /// Serves until it is told to end; returns when everything has ended.
    public func run() {
        // All other threads have started. On a machine that is full, a reload should be slow rather than the clients. A low
        // priority is not enough: the kernel lets a thread that has begun go on for milliseconds, whoever wakes up meanwhile.
        try? SystemThread.giveWay()
        while lifecycle != .ended {
            turn()
        }
        finish()
    }

    /// One turn: wait, then signals, commands, the file, the drain's deadline.
    private func turn() {
        let count = poller.wait(timeoutMilliseconds: waitMilliseconds())
        for index in 0..<count {
            switch poller.event(index).value {
            case Token.signals: takeSignals()
            case Token.events: takeEvents()
            case Token.successor: successorAsks()
            case let value:
                let index = Int(value - Token.watches)
                // A reload within this batch may have changed what is watched.
                guard index < watches.count else { continue }
                if watches[index].watch.drain() == .touched {
                    reloadDue = SystemClock.monotonicNanoseconds() + Self.debounceNanoseconds
                }
            }
        }
        let now = SystemClock.monotonicNanoseconds()
        if reloadDue != 0, now >= reloadDue {
            reloadDue = 0
            _ = reload(.fileChange)
        }
        if ticketKeysTurnAt <= now { turnTicketKeys(now) }
        if case .draining(_, let deadline) = lifecycle, now >= deadline {
            logger.error("shards did not end in time; ending without them")
            lifecycle = .ended
        }
    }

    /// Until a changed file is to be read or the drain has taken too long; for ever when there is nothing to wait for.
    private func waitMilliseconds() -> Int32 {
        let now = SystemClock.monotonicNanoseconds()
        var due = ticketKeysTurnAt
        if reloadDue != 0 { due = reloadDue }
        if case .draining(_, let deadline) = lifecycle { due = min(due, deadline) }
        guard due != .max else { return -1 }
        return due <= now ? 0 : Int32(clamping: (due - now) / 1_000_000 + 1)
    }

    private func takeSignals() {
        while let signal = signals.next() {
            switch signal {
            case .hangUp: _ = reload(.signal)
            case .user1: accessLog?.reopen()
            case .terminate, .interrupt:
                if case .serving = lifecycle { drain(.signal) } else { stopAtOnce() }
            }
        }
    }

    private func takeEvents() {
        for event in events.collect() {
            switch event {
            case .shardEnded(let index): shardEnded(index)
            case .healthChanged(let changes): healthChanged(changes)
            case .keysFetched(let news): keysFetched(news)
            case .nameChanged(let name, let result): nameChanged(name, result)
            case .command(.reload, let ticket):
                let outcome = reload(.command)
                ticket.settle(status: outcome.isApplied ? 200 : 422, outcome.text)
            case .command(.drain, let ticket):
                drain(.command)
                ticket.settle(status: 200, "draining: exchanges in progress have \(graceText) to finish\n")
            }
        }
    }
}

/// Who asked for something.
enum Cause: String {
    case signal
    case command
    case fileChange = "file-change"
    case handOver = "hand-over"
}
