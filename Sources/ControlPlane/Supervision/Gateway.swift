internal import Admin
internal import Declarations
internal import EventLoop
internal import Filters
internal import Health
internal import Identity
internal import Kernel
internal import Limits
internal import Logging
internal import Reporting
internal import Shard
internal import Telemetry

/// The supervisor: starts the shards, gives them configurations, and ends them. It lives on the main thread and never sees a
/// client's byte.
///
/// Beside the data shards there are two small ones: the admin shard serves the read-only pages over TCP, the control shard serves
/// the commands over a Unix socket that only this user may open. Their traffic is counted apart from the clients'.
public final class Gateway {
    let options: GatewayOptions
    let file: ConfigurationFile
    let logger: Logger
    let state = AdminState()
    let events: Mailbox<GatewayEvent>
    let signals: SignalDescriptor
    var poller: Poller
    var watches: [WatchedFolder] = []

    /// Counters of the data shards: what `/metrics` shows.
    let registry: MetricsRegistry
    /// Counters of the admin and control shards.
    let localRegistry = MetricsRegistry(shards: 2)
    let metricsService: MetricsService
    let accessLog: AccessLogWriter?
    /// Reports traces; `nil` where none are.
    let tracing: TraceReporting?
    let health: HealthKeeper
    let names: NameKeeper
    let keys: KeySetKeeper
    /// The tables of the limits in force; read by the metrics page too.
    let limits = Guarded(LimitRegister(seed: LimitSeed(low: SystemClock.entropy(), high: SystemClock.entropy())))

    var plan: GatewayPlan
    /// The file's content when it was last looked at, so that a notice without a change costs nothing.
    var lastContent: [UInt8]
    var ports = ListenerPorts()
    var adminPorts = ListenerPorts()
    var data = ShardGroup()
    var admin = ShardGroup()
    var control = ShardGroup()
    var controlPath: String?
    /// Sockets of a predecessor or of the service manager that nobody has taken yet.
    var adopted = ListeningSocketSet()
    /// Handles of all sockets that serve, for a successor.
    var lent = ListeningSocketSet()
    /// Where successors ask; `nil` where nobody can.
    var successors: HandOverListener?
    /// The service manager, if it wants to know.
    let notifier = ServiceNotifier.fromEnvironment()

    /// By the name of each listener that gives tickets.
    var ticketKeys: [String: TicketKeys] = [:]
    var lifecycle = Lifecycle.serving
    /// When a changed file is to be looked at, in monotonic nanoseconds; 0 for not at all.
    var reloadDue: UInt64 = 0

    /// How far the gateway is.
    enum Lifecycle: Equatable {
        case serving
        /// So many data shards have not ended; at the deadline they are no longer waited for.
        case draining(running: Int, deadline: UInt64)
        case ended
    }

    /// What a poller's event speaks of.
    enum Token {
        static let signals: UInt64 = 1
        static let events: UInt64 = 2
        static let successor: UInt64 = 3
        static let watches: UInt64 = 16
    }

    /// A shard takes a configuration over between two exchanges: at once, unless the machine is overloaded beyond use.
    static let installationMilliseconds = 5_000
    /// Editors write in several steps: this long after the last one the file is read.
    static let debounceNanoseconds: UInt64 = 50_000_000

    init(
        options: GatewayOptions, plan: GatewayPlan, content: [UInt8], logger: Logger,
        signals: consuming SignalDescriptor
    ) throws(StartFailure) {
        let threads = min(max(1, options.threads ?? SystemClock.processorCount()), GatewayOptions.threadsMax)
        self.options = options
        self.plan = plan
        self.logger = logger
        lastContent = content
        file = ConfigurationFile(path: options.configurationPath)
        registry = MetricsRegistry(shards: threads)
        do throws(SystemError) {
            let events = Mailbox<GatewayEvent>(wakeUp: try WakeUp())
            self.events = events
            health = try HealthKeeper.start { events.post(.healthChanged($0)) }
            keys = try KeySetKeeper.start { events.post(.keysFetched($0)) }
            names = try NameKeeper.start { events.post(.nameChanged($0, $1)) }
            poller = try Poller()
            try poller.add(signals, value: Token.signals)
            try poller.add(events.wakeUp, value: Token.events)
        } catch {
            throw .system("the gateway cannot start: \(error)")
        }
        tracing = try TraceReporting.start(plan.declaration.tracing, shards: threads, logger: logger)
        metricsService = MetricsService(
            registry: registry, health: health, startMilliseconds: SystemClock.wallMilliseconds(),
            version: options.version,
            further: Self.policyPages(limits, keys) + (tracing.map { [$0.metricsPage] } ?? []))
        self.signals = signals
        accessLog = try Self.startAccessLog(
            plan.declaration.admin.accessLog, folder: file.folder, registry: registry, logger: logger)
    }

    /// What the metrics page tells of limits and keys.
    private static func policyPages(
        _ limits: Guarded<LimitRegister>, _ keys: KeySetKeeper
    ) -> [@Sendable () -> [UInt8]] {
        [
            { PolicyMetricsText.limits(limits.withLock { $0 }.figures) },
            { PolicyMetricsText.keySets(keys.states(), now: SystemClock.monotonicNanoseconds()) },
        ]
    }

    private static func startAccessLog(
        _ declaration: AccessLogDeclaration, folder: String, registry: MetricsRegistry, logger: Logger
    ) throws(StartFailure) -> AccessLogWriter? {
        let destination: AccessLogDestination
        switch declaration {
        case .off: return nil
        case .standardOutput: destination = .standardOutput
        case .file(let path): destination = .file(path: path.hasPrefix("/") ? path : folder + "/" + path)
        }
        do throws(SystemError) {
            return try AccessLogWriter.start(
                destination: destination, shards: registry.shardCount, metrics: registry.reporting, logger: logger)
        } catch {
            throw .system("cannot open the access log: \(error)")
        }
    }
}

/// A watch that can stand in a list.
final class WatchedFolder {
    let watch: FileWatch
    /// What is watched.
    let path: String

    init(_ watch: consuming FileWatch, path: String) {
        self.watch = watch
        self.path = path
    }
}
