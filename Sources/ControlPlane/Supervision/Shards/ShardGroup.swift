internal import EventLoop
internal import Kernel
internal import Shard
internal import Telemetry

/// Shards that serve the same configuration, each on a thread of its own.
struct ShardGroup: Sendable {
    /// One shard, seen from outside.
    private struct Member: Sendable {
        let mailbox: Mailbox<ShardCommand>
        let thread: SystemThread
    }

    private var members: [Member] = []

    /// Stack of a shard's thread; regular expressions and sorting are what goes deepest.
    private static let stackBytes = 1 << 20
    /// A shard works in steps of microseconds; with turns of this length it is not made to wait for what others began.
    private static let turnNanoseconds: UInt64 = 100_000

    /// Starts one shard more. `ended` is called on its thread when its loop is over, `failed` when it could not begin.
    mutating func start(
        name: String, shards: Int, registry: MetricsRegistry, metricsIndex: Int, accessLog: ChunkQueue?,
        spans: SpanDestination? = nil, health: (any HealthReporting)?, identity: (any KeyFetching)?,
        installation: HandOver<ShardInstallation>,
        failed: @escaping @Sendable (String) -> Void,
        ended: @escaping @Sendable () -> Void = {}
    ) throws(SystemError) {
        let mailbox = Mailbox<ShardCommand>(wakeUp: try WakeUp())
        let options = ShardOptions(
            index: metricsIndex, shards: shards, registry: registry, accessLog: accessLog, spans: spans,
            mailbox: mailbox,
            health: health, identity: identity)
        let thread = try SystemThread.start(name: name, stackBytes: Self.stackBytes) {
            // A kernel or a sandbox that knows no such wish makes the shard no worse than without it.
            try? SystemThread.takeShortTurns(ofNanoseconds: Self.turnNanoseconds)
            // The loop and all it owns are made here, on the thread they live on (law 1).
            do throws(SystemError) {
                try Self.loop(options, installation)?.run()
                ended()
            } catch {
                failed("\(name): \(error)")
            }
        }
        members.append(Member(mailbox: mailbox, thread: thread))
    }

    /// A function of its own, so that nothing but the loop holds the installation while it runs: a socket in it would stay open
    /// after its listener has gone.
    private static func loop(
        _ options: ShardOptions, _ box: HandOver<ShardInstallation>
    ) throws(SystemError) -> ShardLoop? {
        guard let installation = box.take() else { return nil }
        return try ShardLoop(options: options, installation: installation)
    }

    /// Shards in the group.
    var count: Int { members.count }

    /// Gives each shard its own installation.
    func install(_ installations: [HandOver<ShardInstallation>]) {
        precondition(installations.count == members.count)
        for (member, installation) in zip(members, installations) { member.mailbox.post(.install(installation)) }
    }

    /// Tells all shards.
    func post(_ command: ShardCommand) {
        for member in members { member.mailbox.post(command) }
    }

    /// Waits for the threads to end, all together at most this long.
    func join(withinMilliseconds limit: Int) -> SystemThread.JoinOutcome {
        let end = SystemClock.monotonicNanoseconds() + UInt64(limit) * 1_000_000
        for member in members {
            let now = SystemClock.monotonicNanoseconds()
            let rest = now < end ? Int((end - now) / 1_000_000) : 0
            guard case .ended = member.thread.join(timeoutMilliseconds: rest) else { return .stillRunning }
        }
        return .ended
    }
}
