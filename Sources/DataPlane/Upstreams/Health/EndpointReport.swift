/// What a shard has seen of an endpoint since its last report.
public struct EndpointReport: Sendable, Equatable {
    /// The upstream's name.
    public var upstream: String
    /// The endpoint's identity.
    public var endpoint: String
    public var report: PassiveReport

    /// All parts.
    public init(upstream: String, endpoint: String, report: PassiveReport) {
        self.upstream = upstream
        self.endpoint = endpoint
        self.report = report
    }
}
