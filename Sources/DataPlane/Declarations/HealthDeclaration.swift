/// How the health of an upstream's endpoints is watched.
public struct HealthDeclaration: Sendable, Equatable {
    /// `nil`: no checks of our own.
    public var active: ActiveHealthDeclaration?
    /// `nil`: exchanges are not judged.
    public var passive: PassiveHealthDeclaration? = PassiveHealthDeclaration()
    /// When fewer than this share of the endpoints is available, all get requests again. Percent, 0...100; 0: never.
    public var panicPercent = 50

    public init() {}
}

/// Checks that the gateway makes by itself.
public struct ActiveHealthDeclaration: Sendable, Equatable {
    /// Origin-form target of the request.
    public var path: String
    /// Statuses that mean health, as closed ranges.
    public var statuses: [ClosedRange<Int>] = [200...299]
    /// Between the starts of two checks of one endpoint; each is moved by up to a tenth at random.
    public var intervalMilliseconds = 5_000
    public var timeoutMilliseconds = 2_000
    /// Good checks in a row until an endpoint counts as healthy again.
    public var healthyAfter = 2
    /// Failed checks in a row until it counts as unhealthy.
    public var unhealthyAfter = 3
    /// Another port than the endpoint's own.
    public var port: UInt16?
    /// `Host` field; `nil`: the endpoint's host and port.
    public var host: String?

    public init(path: String) {
        self.path = path
    }
}

/// What is concluded from the exchanges themselves. A gateway failure is a connect that failed, a reset, a timeout, or 502, 503, 504.
public struct PassiveHealthDeclaration: Sendable, Equatable {
    /// Gateway failures in a row that eject an endpoint; 0: not judged.
    public var consecutiveFailures = 5
    /// Share of failures within the window that ejects, percent; 0: not judged.
    public var failurePercent = 0
    public var windowMilliseconds = 10_000
    /// Exchanges within the window below which no share is judged.
    public var minimumRequests = 20
    /// The first ejection; each further one lasts as much longer again.
    public var ejectMilliseconds = 30_000
    public var ejectMaxMilliseconds = 300_000
    /// Never is a larger share of the endpoints ejected. Percent; one endpoint of two or more may always be.
    public var ejectedPercentMax = 50

    public init() {}
}
