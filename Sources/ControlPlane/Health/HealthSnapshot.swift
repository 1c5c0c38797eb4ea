/// All that is known of all endpoints' health at one moment, for the admin pages and the metrics.
public struct HealthSnapshot: Sendable, Equatable {
    /// In the order of the configuration; those with neither checks nor judged exchanges are not among them.
    public var upstreams: [UpstreamHealthSnapshot] = []
    /// Reports of shards that were dropped because the keeper was far behind.
    public var reportsDropped: UInt64 = 0
    /// Checks that were due and not made for lack of room, descriptors or memory; they count for nothing else.
    public var checksSkipped: UInt64 = 0

    /// The endpoint of an upstream, if it is watched.
    public func endpoint(_ identity: String, of upstream: String) -> EndpointHealthSnapshot? {
        upstreams.first { $0.upstream == upstream }?.endpoints.first { $0.endpoint == identity }
    }
}

/// The health of one upstream's endpoints.
public struct UpstreamHealthSnapshot: Sendable, Equatable {
    public let upstream: String
    /// Whether there are active checks.
    public let isChecked: Bool
    /// Whether exchanges are judged.
    public let isJudged: Bool
    /// In the order of the configuration.
    public let endpoints: [EndpointHealthSnapshot]

    /// Endpoints that get exchanges.
    public var availableCount: Int { endpoints.count { $0.state == .available } }
}

/// The health of one endpoint.
public struct EndpointHealthSnapshot: Sendable, Equatable {
    /// The words of metrics, logs and pages.
    public enum State: String, Sendable, Equatable, CaseIterable {
        case available, unhealthy, ejected
    }

    /// The identity.
    public let endpoint: String
    /// As written in the configuration.
    public let host: String
    public let state: State
    /// Why it is so; `nil` for an endpoint that was available from the start.
    public let reason: String?
    /// Since when, in milliseconds from 1970.
    public let sinceWallMilliseconds: Int64
    /// The end of the ejection by time, in milliseconds from 1970; checks may end it sooner.
    public let ejectedUntilWallMilliseconds: Int64?
    public let checksPassed: UInt64
    public let checksFailed: UInt64
    public let lastCheck: CheckRecord?
    /// How often it was ejected.
    public let ejections: UInt64
}

/// How a check ended.
public struct CheckRecord: Sendable, Equatable {
    public let passed: Bool
    /// `status 200`, or why it failed.
    public let text: String
    /// From the start of the connect to the end.
    public let durationMicroseconds: Int
    /// When it ended, in milliseconds from 1970.
    public let endedWallMilliseconds: Int64
}
