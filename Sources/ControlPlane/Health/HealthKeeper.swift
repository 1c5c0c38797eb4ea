internal import Fetch
public import Kernel
public import Upstreams

/// The thread that watches the endpoints of all upstreams, one for the process.
///
/// It makes the active checks, collects what the shards report of their exchanges, decides, and tells of each change. Shards never
/// wait for it: their reports go into a box with a short lock, and are dropped and counted when it is full. An HTTP client is set up
/// when the first upstream with active checks appears, not before.
public final class HealthKeeper: Sendable {
    /// Called on the keeper's thread, so it must not wait for anything that takes long; never with an empty list.
    public typealias Listener = @Sendable ([UpstreamHealthChange]) -> Void

    /// Checks at a time, and checks that wait for their turn. More that are due are skipped and counted.
    private static let checksMax = 256
    private static let checksQueuedMax = 8_192

    private let listener: Listener
    private let wakeUp: WakeUp
    private let inbox = Guarded(HealthInbox())
    /// Changed by the keeper's thread alone; read by whoever asks for a snapshot.
    private let book = Guarded(HealthBook())
    private let thread = Guarded<SystemThread?>(nil)

    /// What a stop ended with.
    public enum StopOutcome: Sendable {
        /// The thread has ended; checks that were under way are broken off.
        case ended
        /// The listener has not come back; the thread is left to itself.
        case abandoned
    }

    private init(_ listener: @escaping Listener) throws(SystemError) {
        self.listener = listener
        wakeUp = try WakeUp()
    }

    /// Starts the thread, with nothing to watch.
    public static func start(_ listener: @escaping Listener) throws(SystemError) -> HealthKeeper {
        let keeper = try HealthKeeper(listener)
        let thread = try SystemThread.start(name: "health") { keeper.run() }
        keeper.thread.withLock { $0 = thread }
        return keeper
    }

    /// What is to be watched from now on: at the start, after a reload, and when names lead to other addresses. Upstreams and
    /// endpoints that stay keep what is known of them. An upstream that is not watched any more but still there gets all its endpoints
    /// back; no word comes of upstreams and endpoints that go. Returns at once.
    public func configure(_ targets: [HealthTarget]) {
        signal(inbox.withLock { $0.put(targets) })
    }

    /// What a shard has seen. From any thread; takes a short lock, and one system call when the keeper sleeps.
    public func passiveReports(_ reports: [EndpointReport]) {
        signal(inbox.withLock { $0.put(reports) })
    }

    /// What is known now, from any thread. Takes a time in proportion to the endpoints.
    public func snapshot() -> HealthSnapshot {
        var snapshot = book.withLock { $0.snapshot(at: .now()) }
        snapshot.reportsDropped = inbox.withLock { $0.reportsDropped }
        return snapshot
    }

    /// Ends the thread, waiting at most this long for it. No change is told after `ended`.
    public func stop(withinMilliseconds limit: Int) -> StopOutcome {
        signal(inbox.withLock { $0.putStop() })
        guard let thread = thread.withLock({ $0 }) else { return .ended }
        switch thread.join(timeoutMilliseconds: max(0, limit)) {
        case .ended: return .ended
        case .stillRunning: return .abandoned
        }
    }

    private func signal(_ urgency: HealthInbox.Urgency) {
        guard urgency == .wake else { return }
        if let waker = inbox.withLock({ $0.waker }) { waker.wake() } else { wakeUp.signal() }
    }

    // MARK: - The thread

    private func run() {
        var random = FastRandom(seed: SystemClock.entropy())
        var client: FetchLoop?
        while true {
            // 1. What others have put in, and the checks that are over.
            let content = inbox.withLock { $0.take() }
            if content.isStopping { break }
            let outcomes = client?.takeFinished() ?? []
            // 2. Decide. The lock is held for no longer than this takes.
            let moment = Moment.now()
            let (step, dice) = book.withLock { [random] book in
                var dice = random
                let step = Self.decide(&book, content, outcomes, at: moment, random: &dice)
                return (step, dice)
            }
            random = dice
            // 3. Act.
            if !step.changes.isEmpty { listener(step.changes) }
            for tag in step.staleChecks { client?.cancel(tag: tag) }
            if !step.dueChecks.isEmpty { begin(step.dueChecks, &client) }
            // 4. Sleep until something is due or someone signals.
            wait(until: step.nextAt, client)
        }
        inbox.withLock { $0.waker = nil }
    }

    /// What follows from one turn.
    private struct Step: Sendable {
        var changes: [UpstreamHealthChange]
        var staleChecks: [UInt64]
        var dueChecks: [HealthBook.DueCheck]
        var nextAt: UInt64?
    }

    private static func decide(
        _ book: inout HealthBook, _ content: HealthInbox.Content, _ outcomes: [FetchOutcome], at moment: Moment,
        random: inout FastRandom
    ) -> Step {
        // Outcomes first: they belong to the configuration under which their checks began.
        for outcome in outcomes { book.checkEnded(outcome, at: moment) }
        var stale: [UInt64] = []
        if let targets = content.targets { stale = book.configure(targets, at: moment, random: &random) }
        for batch in content.batches {
            for report in batch { book.report(report, at: moment) }
        }
        book.advance(at: moment)
        let due = book.takeDueChecks(at: moment, random: &random)
        return Step(changes: book.takeChanges(), staleChecks: stale, dueChecks: due, nextAt: book.nextAt)
    }

    private func begin(_ checks: [HealthBook.DueCheck], _ client: inout FetchLoop?) {
        if client == nil { client = makeClient() }
        var skipped: [UInt64] = []
        for check in checks where client?.start(check.request, tag: check.tag) != .accepted {
            skipped.append(check.tag)
        }
        guard !skipped.isEmpty else { return }
        book.withLock { [skipped] book in
            for tag in skipped { book.checkNotMade(tag) }
        }
    }

    /// `nil` when there are no descriptors for it; the next check tries again.
    private func makeClient() -> FetchLoop? {
        var limits = FetchLoop.Limits()
        limits.transfersMax = Self.checksMax
        limits.queuedMax = Self.checksQueuedMax
        guard let client = try? FetchLoop(limits: limits) else { return nil }
        let waker = client.waker
        // From here on the thread waits on its transfers. Who put something in before has signalled elsewhere.
        let isMissed = inbox.withLock { inbox in
            inbox.waker = waker
            return inbox.isWaiting
        }
        if isMissed { waker.wake() }
        return client
    }

    private func wait(until nextAt: UInt64?, _ client: FetchLoop?) {
        var milliseconds = Int(Int32.max)
        if let nextAt {
            let now = SystemClock.monotonicNanoseconds()
            // Rounded up: a wait that ends a little too soon would be followed by idle turns.
            let nanoseconds = nextAt > now ? nextAt - now : 0
            milliseconds = Int(min(nanoseconds / 1_000_000 + (nanoseconds % 1_000_000 > 0 ? 1 : 0), UInt64(Int32.max)))
        }
        if let client {
            client.wait(timeoutMilliseconds: milliseconds)
        } else {
            _ = wakeUp.wait(timeoutMilliseconds: milliseconds)
        }
    }
}
