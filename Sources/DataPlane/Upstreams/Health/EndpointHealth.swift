/// What is thought of an endpoint: its checks and its exchanges in one.
public enum EndpointHealth: Sendable, Equatable {
    /// It gets exchanges.
    case available
    /// Its checks failed; it has to pass some before it gets exchanges again. `reason` is for people.
    case unhealthy(reason: String)
    /// Its exchanges failed. Until this monotonic time in nanoseconds, or until its checks say otherwise, it gets none. `times`: the
    /// ejections that count towards the length of this one, itself included.
    case ejected(until: UInt64, reason: String, times: Int)

    /// Whether it gets exchanges.
    public var isAvailable: Bool { self == .available }

    /// The word in metrics, logs and the admin pages.
    public var word: StaticString {
        switch self {
        case .available: "available"
        case .unhealthy: "unhealthy"
        case .ejected: "ejected"
        }
    }
}

/// An endpoint's health became another.
public struct HealthChange: Sendable, Equatable {
    /// The endpoint's identity.
    public var endpoint: String
    /// Before.
    public var from: EndpointHealth
    /// From now on.
    public var to: EndpointHealth
    /// Why, in words for logs and the admin pages.
    public var reason: String

    /// All parts.
    public init(endpoint: String, from: EndpointHealth, to: EndpointHealth, reason: String) {
        self.endpoint = endpoint
        self.from = from
        self.to = to
        self.reason = reason
    }
}
