internal import Fetch
public import Kernel

/// The thread that fetches the key sets of all issuers, one for the process.
///
/// Shards ask it for keys they do not know, by a box with a short lock, and never wait. What it learns is told by `listener`.
public final class KeySetKeeper: Sendable {
    /// Called on the keeper's thread.
    public typealias Listener = @Sendable (KeyBook.News) -> Void

    private struct Inbox {
        var sources: [KeySource]?
        var wanted: Set<String> = []
        var isStopping = false
        var waker: FetchWaker?
    }

    private let listener: Listener
    private let wakeUp: WakeUp
    private let inbox = Guarded(Inbox())
    private let book = Guarded(KeyBook())
    private let thread = Guarded<SystemThread?>(nil)

    private init(_ listener: @escaping Listener) throws(SystemError) {
        self.listener = listener
        wakeUp = try WakeUp()
    }

    /// Starts the thread, with nothing to fetch.
    public static func start(_ listener: @escaping Listener) throws(SystemError) -> KeySetKeeper {
        let keeper = try KeySetKeeper(listener)
        let thread = try SystemThread.start(name: "keys") { keeper.run() }
        keeper.thread.withLock { $0 = thread }
        return keeper
    }

    /// The sources that are wanted from now on. Returns at once.
    public func configure(_ sources: [KeySource]) {
        put { $0.sources = sources }
    }

    /// A token names a key that is not known. From any thread.
    public func keysWanted(source: String) {
        // A source that is asked for already needs no further waking.
        let isNew = inbox.withLock { $0.wanted.insert(source).inserted }
        if isNew { wake() }
    }

    /// What is known now, from any thread.
    public func states() -> [KeySetState] { book.withLock { $0.states } }

    /// The issuer whose keys come from this source.
    public func issuer(of source: String) -> String { book.withLock { $0.issuer(of: source) } }

    /// Ends the thread; fetches that are under way are broken off. Waits at most this long.
    public func stop(withinMilliseconds limit: Int) {
        put { $0.isStopping = true }
        if let thread = thread.withLock({ $0 }) { _ = thread.join(timeoutMilliseconds: max(0, limit)) }
    }

    private func put(_ change: (inout Inbox) -> Void) {
        inbox.withLock { change(&$0) }
        wake()
    }

    private func wake() {
        if let waker = inbox.withLock({ $0.waker }) { waker.wake() } else { wakeUp.signal() }
    }

    // MARK: The thread

    private func run() {
        var client: FetchLoop?
        while true {
            // 1. What others have put in, and the fetches that are over.
            let content = inbox.withLock { inbox in
                let content = inbox
                inbox.sources = nil
                inbox.wanted = []
                return content
            }
            if content.isStopping { break }
            let outcomes = client?.takeFinished() ?? []
            // 2. Decide.
            let now = SystemClock.monotonicNanoseconds()
            let step = book.withLock { Self.decide(&$0, content, outcomes, at: now) }
            // 3. Act.
            for news in step.news { listener(news) }
            for tag in step.stale { client?.cancel(tag: tag) }
            if !step.jobs.isEmpty { begin(step.jobs, &client) }
            // 4. Sleep until something is due or someone signals.
            wait(client)
        }
        inbox.withLock { $0.waker = nil }
    }

    private struct Step: Sendable {
        var news: [KeyBook.News] = []
        var stale: [UInt64] = []
        var jobs: [KeyBook.Job] = []
    }

    private static func decide(
        _ book: inout KeyBook, _ content: Inbox, _ outcomes: [FetchOutcome], at now: UInt64
    ) -> Step {
        var step = Step()
        for outcome in outcomes {
            let (news, next) = book.finished(outcome.tag, document(outcome), at: now)
            if let news { step.news.append(news) }
            if let next { step.jobs.append(next) }
        }
        if let sources = content.sources { step.stale = book.configure(sources, at: now) }
        for source in content.wanted { book.wanted(source, at: now) }
        step.jobs += book.takeDue(at: now)
        return step
    }

    private static func document(_ outcome: FetchOutcome) -> Result<[UInt8], KeyFetchProblem> {
        switch outcome.result {
        case .failure(let error): .failure(KeyFetchProblem(error.text))
        case .success(let response):
            response.status == 200
                ? .success(response.body)
                : .failure(KeyFetchProblem("the provider answered with status \(response.status)"))
        }
    }

    private func begin(_ jobs: [KeyBook.Job], _ client: inout FetchLoop?) {
        if client == nil { client = makeClient() }
        for job in jobs {
            var request = FetchRequest(url: job.url)
            request.fields = [FetchField("Accept", "application/json")]
            request.tls.authoritiesFile = job.authoritiesFile
            request.bodyLimit = .refuse(beyondBytes: 262_144)
            request.connectMilliseconds = 3_000
            request.wholeMilliseconds = 5_000
            guard client?.start(request, tag: job.tag) != .accepted else { continue }
            let now = SystemClock.monotonicNanoseconds()
            let news = book.withLock {
                $0.finished(job.tag, .failure(KeyFetchProblem("the fetch could not begin")), at: now).news
            }
            if let news { listener(news) }
        }
    }

    /// `nil` when there are no descriptors for it; the next fetch tries again.
    private func makeClient() -> FetchLoop? {
        guard let client = try? FetchLoop() else { return nil }
        let waker = client.waker
        inbox.withLock { $0.waker = waker }
        return client
    }

    private func wait(_ client: FetchLoop?) {
        // What came while we were at work is looked at first.
        if inbox.withLock({ $0.sources != nil || !$0.wanted.isEmpty || $0.isStopping }) { return }
        let now = SystemClock.monotonicNanoseconds()
        let next = book.withLock { $0.nextAt }
        let milliseconds = next.map { $0 <= now ? 0 : Int(min(60_000, ($0 - now) / 1_000_000 + 1)) } ?? 60_000
        if let client {
            client.wait(timeoutMilliseconds: milliseconds)
        } else {
            _ = wakeUp.wait(timeoutMilliseconds: milliseconds)
        }
    }
}
