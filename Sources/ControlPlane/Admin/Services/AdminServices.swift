public import Health
internal import Kernel
public import Shard
public import Telemetry

/// `/metrics`: all counters in the Prometheus text format.
public struct MetricsService: LocalService {
    private let registry: MetricsRegistry
    private let health: HealthKeeper?
    private let startMilliseconds: Int64
    private let version: String
    private let further: [@Sendable () -> [UInt8]]

    /// `further` pages are appended. `startMilliseconds` is the wall time at which the process started.
    public init(
        registry: MetricsRegistry, health: HealthKeeper? = nil, startMilliseconds: Int64, version: String,
        further: [@Sendable () -> [UInt8]] = []
    ) {
        self.registry = registry
        self.health = health
        self.startMilliseconds = startMilliseconds
        self.version = version
        self.further = further
    }

    public func answer(_ request: LocalRequest) -> LocalAnswer {
        LocalAnswer(
            contentType: PrometheusText.contentType.description,
            body: PrometheusText.render(
                registry, process: ProcessFigures.current(startMilliseconds: startMilliseconds), version: version)
                + (health.map { HealthMetricsText.render($0.snapshot()) } ?? []) + further.flatMap { $0() })
    }
}

/// `/livez`: the process runs; nothing else is asked.
public struct LivenessService: LocalService {
    /// The service.
    public init() {}

    public func answer(_ request: LocalRequest) -> LocalAnswer { LocalAnswer(body: Array("live\n".utf8)) }
}

/// `/readyz`: 200 when new connections are welcome. A refused reload is told, and is no reason to send traffic elsewhere: the
/// configuration before it serves on.
public struct ReadinessService: LocalService {
    private let state: AdminState

    /// Reads this state.
    public init(state: AdminState) {
        self.state = state
    }

    public func answer(_ request: LocalRequest) -> LocalAnswer {
        let (readiness, refusal) = state.readiness
        let reload = refusal.map { "; last reload refused: \($0)" } ?? ""
        switch readiness {
        case .ready: return LocalAnswer(body: Array("ready\(reload)\n".utf8))
        case .starting: return LocalAnswer(status: 503, body: Array("not ready: starting\(reload)\n".utf8))
        case .draining: return LocalAnswer(status: 503, body: Array("not ready: draining\(reload)\n".utf8))
        }
    }
}

/// `/routes`: the table in force, in the order of rank.
public struct RoutesService: LocalService {
    private let state: AdminState

    /// Reads this state.
    public init(state: AdminState) {
        self.state = state
    }

    public func answer(_ request: LocalRequest) -> LocalAnswer {
        LocalAnswer(contentType: "application/json", body: RoutesPage.json(state.routes))
    }
}

/// A command to the supervisor, over the control socket only. It answers when the supervisor has.
public struct CommandService: LocalService {
    private let command: @Sendable () -> LocalAnswer

    /// `command` may wait: the control socket has a shard of its own.
    public init(_ command: @escaping @Sendable () -> LocalAnswer) {
        self.command = command
    }

    public func answer(_ request: LocalRequest) -> LocalAnswer { command() }
}
