/// Everything a user may write in `routes.yaml`, typed and complete: defaults are filled in, references are resolved by name.
///
/// These are values without behaviour. `Configuration` reads them from the file; `Routing`, `Upstreams`, `Filters` and `Shard`
/// compile them into tables. Two equal declarations lead to the same tables, which is how a reload knows what did not change.
public struct GatewayDeclaration: Sendable, Equatable {
    /// The version of the file's format; 1 is the only one.
    public var version = 1
    public var listeners: [ListenerDeclaration] = []
    public var admin = AdminDeclaration()
    /// Time limits of the downstream side; those of an upstream are in its own declaration.
    public var timeouts = DownstreamTimeoutsDeclaration()
    public var limits = LimitsDeclaration()
    /// Whom to ask for names, as `ADDRESS` or `ADDRESS:PORT`; empty: the servers of the system.
    public var nameServers: [String] = []
    /// `nil`: no spans are made, and trace headers pass as they come.
    public var tracing: TracingDeclaration?
    public var upstreams: [UpstreamDeclaration] = []
    public var issuers: [IssuerDeclaration] = []
    public var routes: [RouteDeclaration] = []

    public init() {}
}

/// An address to listen on.
public struct ListenerDeclaration: Sendable, Equatable {
    /// Unique among the listeners; a label in metrics and logs.
    public var name: String
    /// An IPv4 or IPv6 literal, without brackets.
    public var host: String
    /// 0 asks the kernel for a free port.
    public var port: UInt16
    /// Networks whose `X-Forwarded-*` and `Forwarded` fields are believed.
    public var trustedProxies: [NetworkDeclaration]
    /// `nil`: clear text.
    public var tls: ListenerTLSDeclaration?
    /// Trusted proxies begin each connection with a PROXY protocol header.
    public var acceptsProxyProtocol = false

    public init(name: String, host: String, port: UInt16, trustedProxies: [NetworkDeclaration] = []) {
        self.name = name
        self.host = host
        self.port = port
        self.trustedProxies = trustedProxies
    }
}

/// A CIDR block. IPv4 networks are held as IPv4-mapped IPv6, so one comparison serves both.
public struct NetworkDeclaration: Sendable, Equatable {
    /// The network's 16 address bytes in network order; IPv4 is `::ffff:a.b.c.d`.
    public var bytes: [UInt8]
    /// Leading bits that must agree, 0...128 (an IPv4 `/n` is `96 + n`).
    public var prefixBits: Int

    public init(bytes: [UInt8], prefixBits: Int) {
        self.bytes = bytes
        self.prefixBits = prefixBits
    }
}

/// The admin listener, read-only, and where access records go.
public struct AdminDeclaration: Sendable, Equatable {
    public var host = "127.0.0.1"
    /// 0 asks the kernel for a free port; `nil` means no admin listener.
    public var port: UInt16? = 9901
    public var accessLog: AccessLogDeclaration = .standardOutput

    public init() {}
}

/// Where the lines of the access log go.
public enum AccessLogDeclaration: Sendable, Equatable {
    case off
    case standardOutput
    /// A file, opened for appending and opened again on SIGUSR1.
    case file(String)
}

/// Limits of time on the downstream side. 0 means no limit.
public struct DownstreamTimeoutsDeclaration: Sendable, Equatable {
    /// From the first byte of a request (or the accept of the connection) to the end of its head.
    public var requestHeadMilliseconds = 10_000
    /// Between two requests of a keep-alive connection.
    public var idleMilliseconds = 60_000
    /// Without a byte of progress while a request body is awaited or a response is written.
    public var stallMilliseconds = 30_000
    /// Without a byte in either direction of a WebSocket or another upgraded connection.
    public var tunnelIdleMilliseconds = 300_000
    /// From the accept to the end of the TLS handshake.
    public var tlsHandshakeMilliseconds = 10_000
    /// From SIGTERM to the forced end of the exchanges that are left.
    public var drainMilliseconds = 30_000

    public init() {}
}

/// Limits of size and number. Each is a bound on what a stranger may cost.
public struct LimitsDeclaration: Sendable, Equatable {
    /// Octets of a request head, request line included; beyond: 431. At most 65536.
    public var requestHeadBytes = 32_768
    /// Octets of a request target; beyond: 414.
    public var requestTargetBytes = 8_192
    /// Field lines of a request head; beyond: 431.
    public var requestFields = 100
    /// Octets of a request body (a route's `request-size` filter overrides it); beyond: 413. 0 means no limit.
    public var requestBodyBytes = 10 * 1_048_576
    /// Octets of a response head from an upstream; beyond: 502. At most 65536.
    public var responseHeadBytes = 65_536
    /// Downstream connections of the whole process; at the limit, new ones are shed.
    public var connections = 65_536
    /// Downstream connections of one client address (IPv6: of one /64) on one shard; at the limit, new ones are shed. 0: no limit.
    public var connectionsPerClient = 0
    /// Octets that the buffers of all connections may hold; at the limit, new connections are shed. 0: no limit.
    public var bufferBytes = 0
    /// Requests on one downstream connection before it is closed politely; 0 means no limit.
    public var requestsPerConnection = 0
    /// Octets per second that a client must at least send of a body or take of a response, judged over a stall period; 0: none.
    public var minimumRateBytesPerSecond = 240

    public init() {}
}
