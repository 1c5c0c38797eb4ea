public import Declarations
public import Kernel
public import Upstreams

/// An upstream whose endpoints are to be watched.
public struct HealthTarget: Sendable, Equatable {
    /// The upstream's name.
    public var upstream: String
    public var health: HealthDeclaration
    /// Checks go over TLS as exchanges do; `nil`: clear text.
    public var tls: UpstreamTLSDeclaration?
    /// Checks begin with a header of the PROXY protocol when exchanges do and go to the same port. It has version 1 in any case, which
    /// whoever reads version 2 reads too.
    public var proxyProtocol: ProxyProtocolDeclaration?
    /// Each identity counts once.
    public var endpoints: [HealthEndpoint]

    /// In clear text, without a PROXY header.
    public init(upstream: String, health: HealthDeclaration, endpoints: [HealthEndpoint]) {
        self.upstream = upstream
        self.health = health
        self.endpoints = endpoints
    }

    /// Whether there is anything to do for it.
    var isWatched: Bool { health.active != nil || health.passive != nil }
}

/// One address of an upstream.
public struct HealthEndpoint: Sendable, Equatable {
    /// `address:port`, as in shards' reports and in changes.
    public var identity: String
    /// Where it is.
    public var address: SocketAddress
    /// The host as written in the declaration, a name or a literal without brackets; for the `Host` field and TLS.
    public var host: String

    /// The identity is the address's text.
    public init(address: SocketAddress, host: String) {
        identity = address.text
        self.address = address
        self.host = host
    }
}

/// An endpoint of this upstream became healthy, unhealthy or ejected.
public struct UpstreamHealthChange: Sendable, Equatable {
    /// The upstream's name.
    public var upstream: String
    public var change: HealthChange

    /// All parts.
    public init(upstream: String, change: HealthChange) {
        self.upstream = upstream
        self.change = change
    }
}
