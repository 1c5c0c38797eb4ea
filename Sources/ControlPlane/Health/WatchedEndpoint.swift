internal import Upstreams

/// What is told about one endpoint, besides its health itself.
struct WatchedEndpoint: Sendable {
    var endpoint: HealthEndpoint
    private var sinceWallMilliseconds: Int64
    private var changeReason: String?
    private var checksPassed: UInt64 = 0
    private var checksFailed: UInt64 = 0
    private var lastCheck: CheckRecord?
    private var ejections: UInt64 = 0

    init(_ endpoint: HealthEndpoint, at moment: Moment) {
        self.endpoint = endpoint
        sinceWallMilliseconds = moment.wallMilliseconds
    }

    mutating func note(_ record: CheckRecord) {
        lastCheck = record
        if record.passed { checksPassed += 1 } else { checksFailed += 1 }
    }

    mutating func note(_ change: HealthChange, at moment: Moment) {
        sinceWallMilliseconds = moment.wallMilliseconds
        changeReason = change.reason
        if case .ejected = change.to { ejections += 1 }
    }

    func snapshot(_ health: EndpointHealth, at moment: Moment) -> EndpointHealthSnapshot {
        var state = EndpointHealthSnapshot.State.available
        var reason = changeReason
        var until: Int64?
        switch health {
        case .available: break
        case .unhealthy(let why):
            state = .unhealthy
            reason = why
        case .ejected(let end, let why, _):
            state = .ejected
            reason = why
            until = moment.wall(at: end)
        }
        return EndpointHealthSnapshot(
            endpoint: endpoint.identity, host: endpoint.host, state: state, reason: reason,
            sinceWallMilliseconds: sinceWallMilliseconds, ejectedUntilWallMilliseconds: until,
            checksPassed: checksPassed, checksFailed: checksFailed, lastCheck: lastCheck, ejections: ejections)
    }
}
