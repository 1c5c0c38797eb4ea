public import EventLoop
public import Kernel
public import Signatures
public import TLS
public import Telemetry
public import Upstreams

/// What the control plane may ask of a shard.
public enum ShardCommand: Sendable {
    /// Take over this configuration between two exchanges.
    case install(HandOver<ShardInstallation>)
    /// Tickets of this listener are sealed with the ring's first key from now on.
    case ticketKeys(listener: String, TicketKeyRing)
    /// So these endpoints of an upstream are thought of from now on; the others stay as they are.
    case health(upstream: String, [EndpointAvailability])
    /// An upstream's names lead elsewhere now.
    case endpoints(UpstreamPlan)
    /// An issuer's keys, by where they come from; `nil` when they could not be fetched, and what is known stays in force.
    case keys(source: String, [KeyMaterial]?)
    /// Accept no more, finish what is in progress within this time, then end.
    case drain(graceMilliseconds: Int)
    /// End now.
    case stop
}

/// Whether an endpoint gets exchanges.
public struct EndpointAvailability: Sendable, Equatable {
    /// Its address as text.
    public var identity: String
    /// It does.
    public var isAvailable: Bool

    /// Both parts.
    public init(identity: String, isAvailable: Bool) {
        self.identity = identity
        self.isAvailable = isAvailable
    }
}

/// Takes reports from shards. Called on a shard's thread: it must return at once.
public protocol HealthReporting: Sendable {
    /// Takes what one shard has to tell.
    func passiveReports(_ reports: [EndpointReport])
}

/// Fetches the keys that tokens are checked with. Called on a shard's thread: it must return at once.
public protocol KeyFetching: Sendable {
    /// A token names a key that is not known, or no key is.
    func keysWanted(source: String)
}

/// A configuration to take over: the table, and sockets for the listeners that are new.
public final class ShardInstallation {
    let table: ShardTable
    let sockets: [ListenerSocket]
    let installed: @Sendable (Retired) -> Void

    /// `installed` is called on the shard's thread once the table is in force.
    public init(table: ShardTable, sockets: [ListenerSocket], installed: @escaping @Sendable (Retired) -> Void) {
        self.table = table
        self.sockets = sockets
        self.installed = installed
    }
}

/// A listening socket under the name of its listener.
public final class ListenerSocket: Sendable {
    /// The listener's name.
    public let name: String
    /// The address really bound.
    public let address: SocketAddress
    let socket: ListeningSocket

    /// Takes the socket over.
    public init(name: String, socket: consuming ListeningSocket) {
        self.name = name
        address = socket.address
        self.socket = socket
    }
}

/// Where a shard's spans go.
public struct SpanDestination: Sendable {
    /// The exporter's queue of this shard.
    public var queue: ChunkQueue
    /// The shard's counters.
    public var metrics: TracingMetrics

    /// Both parts.
    public init(queue: ChunkQueue, metrics: TracingMetrics) {
        self.queue = queue
        self.metrics = metrics
    }
}

/// What a shard is made of, beside its configuration.
public struct ShardOptions: Sendable {
    /// Which shard, for metrics: 0..<shards.
    public var index: Int
    /// Shards that share the process's limit of connections.
    public var shards: Int
    /// Where its counters live.
    public var registry: MetricsRegistry
    /// The access log's queue of this shard; `nil` writes none.
    public var accessLog: ChunkQueue?
    /// Where spans go; `nil` makes none.
    public var spans: SpanDestination?
    /// Where its commands arrive.
    public var mailbox: Mailbox<ShardCommand>
    /// Who judges endpoints by how exchanges end; `nil`: nobody.
    public var health: (any HealthReporting)?
    /// Who fetches keys; `nil`: nobody.
    public var identity: (any KeyFetching)?

    /// All parts.
    public init(
        index: Int, shards: Int, registry: MetricsRegistry, accessLog: ChunkQueue?, spans: SpanDestination? = nil,
        mailbox: Mailbox<ShardCommand>, health: (any HealthReporting)? = nil,
        identity: (any KeyFetching)? = nil
    ) {
        self.index = index
        self.shards = shards
        self.registry = registry
        self.accessLog = accessLog
        self.spans = spans
        self.mailbox = mailbox
        self.health = health
        self.identity = identity
    }
}
