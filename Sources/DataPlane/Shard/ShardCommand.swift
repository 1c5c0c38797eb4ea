public import EventLoop
public import Kernel
public import Telemetry

/// What the control plane may ask of a shard.
public enum ShardCommand: Sendable {
    /// Take over this configuration between two exchanges.
    case install(HandOver<ShardInstallation>)
    /// Accept no more, finish what is in progress within this time, then end.
    case drain(graceMilliseconds: Int)
    /// End now.
    case stop
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
public final class ListenerSocket {
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
    /// Where its commands arrive.
    public var mailbox: Mailbox<ShardCommand>

    /// All parts.
    public init(
        index: Int, shards: Int, registry: MetricsRegistry, accessLog: ChunkQueue?, mailbox: Mailbox<ShardCommand>
    ) {
        self.index = index
        self.shards = shards
        self.registry = registry
        self.accessLog = accessLog
        self.mailbox = mailbox
    }
}
