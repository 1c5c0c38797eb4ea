internal import Declarations
internal import EventLoop
internal import Filters
internal import Forwarding
internal import HTTP1
internal import HTTPModel
public import Kernel
internal import Routing
internal import Signatures
internal import Telemetry
internal import TraceContext

/// All that one core owns, and the loop that drives it: one thread, one epoll, nothing shared (laws 1 to 3).
///
/// The other files of this type follow the life of a request: accept, read, request, forward, upstream, response, finish.
public final class ShardLoop {
    /// What a token in epoll or in the timer wheel speaks of.
    enum Kind {
        static let wakeUp: UInt8 = 1
        static let listener: UInt8 = 2
        static let downstream: UInt8 = 3
        static let upstream: UInt8 = 4
        /// Timer only: accepting may go on.
        static let acceptAgain: UInt8 = 5
        /// Timer only: an exchange's next attempt may begin. Index and generation are those of its downstream connection.
        static let attempt: UInt8 = 6
    }

    let options: ShardOptions
    let metrics: ShardMetrics
    let log: AccessLogChannel?
    /// Takes spans; `nil` when no traces are reported.
    let spans: SpanChannel?
    var poller: Poller
    var timers: TimerWheel
    var dueTimers: [TimerWheel.Entry] = []
    var random: FastRandom
    var now: UInt64
    var wallOffset: Int64 = 0
    var wallReadAt: UInt64 = 0

    // What the configuration says.
    var table: ShardTable
    var clusters: [Cluster] = []
    var retired: [Cluster] = []
    var routeMetrics: RouteMetricsTable
    var noRouteMetrics: RouteMetrics
    var headLimits: HeadLimits
    var connectionsMax: Int
    /// Octets of buffers beyond which no connection is accepted; 0 for no limit.
    var bufferBytesMax: Int

    // What lives.
    var listeners: [ListenerState] = []
    var downstreams = SlotTable<Downstream>(kind: Kind.downstream)
    var upstreams = SlotTable<UpstreamConnection>(kind: Kind.upstream)
    var exchanges: [Exchange] = []
    var buffers = BufferStore()
    var clients = ClientTable()
    /// Connections with work left from this tick: more bytes to read than one turn may.
    var scheduled: [SlotToken] = []
    var turn: [SlotToken] = []
    /// Connections whose handshake may go on, the first of them at `nextHandshake`.
    var handshakes: [SlotToken] = []
    var nextHandshake = 0
    /// Clusters with exchanges that wait and connections that have become free.
    var readyQueues: [Cluster] = []
    /// Exchanges whose next attempt need not wait for a time.
    var attemptsNow: [SlotToken] = []
    /// Connections whose request waits for keys, once for each source.
    var keyWaiters: [KeyWaiter] = []
    /// The keys that were fetched, by where they come from: what the next table begins with.
    var keySets: [String: [KeyMaterial]] = [:]
    /// When the control plane must next hear how exchanges end.
    var reportsDueAt = UInt64.max
    var acceptsPaused = false
    var spare = SpareDescriptor()
    var isDraining = false
    var drainDeadline: UInt64 = 0
    var isStopped = false

    // Working room, used within one event only.
    var receiveBuffer = ByteBuffer(capacity: receiveBytes)
    /// For request bodies, which take more at a time: fewer and larger pieces cost less, and there is no head to leave room for.
    var uploadBuffer = ByteBuffer(capacity: BufferStore.largeBytes)
    var scratch = ByteBuffer(capacity: BufferStore.largeBytes)
    var requestHead: RequestHead
    var responseHead = ResponseHead(fieldLimit: responseFieldsMax)
    var trailers = FieldTable(limit: 64)
    var captures = PathCaptures()
    /// Lines of `tracestate` in the head that is looked at, to pass on.
    var traceState = TraceStateLines()
    var normalizedPath: [UInt8] = []
    var editedPath = ByteBuffer(capacity: pathBytesMax)
    var sparePath = ByteBuffer(capacity: pathBytesMax)
    var dateText = DateText()

    /// Octets of one receive; the most that is read from a connection in one turn.
    static let receiveBytes = 65_536
    /// Octets of a receive that expects a head: what lies behind a head would have to be copied.
    static let headReceiveBytes = 16_384
    /// Field lines of a response head.
    static let responseFieldsMax = 256
    /// Octets of a path after its edits.
    static let pathBytesMax = 16_384
    /// Connections accepted in one turn of a listener.
    static let acceptsPerTurn = 64
    /// Octets of an unwanted request body that are read to keep a connection; beyond, it is closed.
    static let discardBytesMax = 262_144
    /// How long an unwanted rest may take.
    static let lingerNanoseconds: UInt64 = 2_000_000_000
    /// How long accepting rests when descriptors have run out.
    static let acceptPauseNanoseconds: UInt64 = 50_000_000

    /// A shard with its first configuration. Throws when the kernel gives it no epoll.
    public init(options: ShardOptions, installation: ShardInstallation) throws(SystemError) {
        self.options = options
        table = installation.table
        metrics = options.registry.shard(options.index)
        log = options.accessLog.map { AccessLogChannel(queue: $0, metrics: options.registry.shard(options.index)) }
        spans = options.spans.map(Self.spanChannel)
        poller = try Poller()
        now = SystemClock.monotonicNanoseconds()
        timers = TimerWheel(nowNanoseconds: now)
        random = FastRandom(seed: SystemClock.entropy())
        routeMetrics = RouteMetricsTable(registry: options.registry, shard: options.index)
        noRouteMetrics = options.registry.route(MetricsRegistry.noRoute, shard: options.index)
        headLimits = Self.headLimits(installation.table.limits)
        requestHead = RequestHead(fieldLimit: installation.table.limits.requestFields)
        connectionsMax = max(1, installation.table.limits.connections / options.shards)
        bufferBytesMax = installation.table.limits.bufferBytes / options.shards
        normalizedPath.reserveCapacity(installation.table.limits.requestTargetBytes)
        scheduled.reserveCapacity(256)
        turn.reserveCapacity(256)
        try poller.add(
            options.mailbox.wakeUp, value: SlotToken(kind: Kind.wakeUp, generation: 0, index: 0).bits)
        try install(installation)
    }

    static func headLimits(_ limits: LimitsDeclaration) -> HeadLimits {
        HeadLimits(
            headBytes: limits.requestHeadBytes, targetBytes: limits.requestTargetBytes, fields: limits.requestFields)
    }

    /// Runs until drained or stopped.
    public func run() {
        while !isStopped {
            tick()
        }
        endWhatIsLeft()
        log?.flush()
        spans?.flush()
    }

    /// The grace time is over: what is still in progress is cut, and recorded as that.
    private func endWhatIsLeft() {
        for downstream in downstreams.all {
            if let exchange = downstream.exchange, exchange.error == nil { failed(exchange, .draining) }
            close(downstream)
        }
    }

    /// One turn (law 2): poll, dispatch, due timers, mailbox, work left over.
    private func tick() {
        let count = poller.wait(timeoutMilliseconds: waitMilliseconds())
        now = SystemClock.monotonicNanoseconds()
        var hasMail = false
        // Origins first: an idle connection that has ended, or spoken unasked, leaves its pool before a request of the same batch
        // could be given to it.
        for index in 0..<count {
            let event = poller.event(index)
            let token = SlotToken(bits: event.value)
            if token.kind == Kind.upstream, let upstream = upstreams[token] { upstreamEvent(upstream, event) }
        }
        for index in 0..<count {
            let event = poller.event(index)
            let token = SlotToken(bits: event.value)
            switch token.kind {
            case Kind.upstream: break
            case Kind.downstream:
                if let downstream = downstreams[token] { downstreamEvent(downstream, event) }
            case Kind.listener: acceptTurn(token.index)
            default: hasMail = true
            }
        }
        serveScheduled()
        if hasHandshakes { serveHandshakes() }
        if !attemptsNow.isEmpty { serveAttempts() }
        if !readyQueues.isEmpty { serveQueues() }
        expireTimers()
        if now >= reportsDueAt { reportHealth() }
        if hasMail { readMail() }
        log?.flushIfDue(nowNanoseconds: now)
        spans?.flushIfDue(nowNanoseconds: now)
        if isDraining { continueDrain() }
    }

    /// How long the next wait may be: not at all with work left over, else until a timer is due or log or spans must be handed over.
    private func waitMilliseconds() -> Int32 {
        if !scheduled.isEmpty || !readyQueues.isEmpty || !attemptsNow.isEmpty || hasHandshakes { return 0 }
        var wait = timers.millisecondsToNext(nowNanoseconds: now) ?? 60_000
        if let log, log.hasPendingLines { wait = min(wait, 100) }
        if let spans, spans.hasPendingSpans { wait = min(wait, 500) }
        if reportsDueAt != .max {
            wait = min(wait, reportsDueAt <= now ? 0 : Int((reportsDueAt &- now) / 1_000_000) &+ 1)
        }
        return Int32(min(wait, 60_000))
    }

    /// Puts a connection on the list of those that are served again before the next wait.
    func schedule(_ downstream: Downstream) {
        guard !downstream.isScheduled, !downstream.isClosed else { return }
        downstream.isScheduled = true
        scheduled.append(downstream.token)
    }

    /// Puts a connection on the list of those that are served again before the next wait.
    func schedule(_ upstream: UpstreamConnection) {
        guard !upstream.isScheduled, !upstream.isClosed else { return }
        upstream.isScheduled = true
        scheduled.append(upstream.token)
    }

    /// Serves the list as it was; what is added meanwhile waits for the next tick, so that no connection starves the others.
    private func serveScheduled() {
        guard !scheduled.isEmpty else { return }
        swap(&scheduled, &turn)
        for token in turn {
            if token.kind == Kind.downstream, let downstream = downstreams[token] {
                downstream.isScheduled = false
                serve(downstream)
            } else if token.kind == Kind.upstream, let upstream = upstreams[token] {
                upstream.isScheduled = false
                serve(upstream)
            }
        }
        turn.removeAll(keepingCapacity: true)
    }
}
