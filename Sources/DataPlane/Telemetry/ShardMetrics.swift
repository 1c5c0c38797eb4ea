public import HTTPModel
internal import Kernel

/// The counters of one listener on one shard. Only that shard writes them.
public struct ListenerMetrics: Sendable {
    let block: CounterBlock

    /// Layout of the block.
    enum Word {
        static let opened = 0
        static let closed = 1
        static let count = 2
    }

    /// A connection was accepted.
    public func connectionOpened() { block.add(Word.opened) }

    /// An accepted connection is gone.
    public func connectionClosed() { block.add(Word.closed) }
}

/// The counters of one shard that belong to no route, upstream or listener. Only that shard writes them.
public struct ShardMetrics: Sendable {
    let block: CounterBlock

    /// Layout of the block: one counter for each error comes last, so that all other places are constants.
    enum Word {
        static let shed = 0
        static let logLinesDropped = 1
        static let fieldsDropped = 2
        static let receivedDownstream = 3
        static let receivedUpstream = 4
        static let sentDownstream = 5
        static let sentUpstream = 6
        static let errors = 7
        static var count: Int { errors + GatewayError.allCases.count }
    }

    /// An exchange (or a connection before its first) ended other than well.
    public func failed(_ error: GatewayError) { block.add(Word.errors + Int(error.rawValue)) }

    /// A connection was refused because the gateway is full.
    public func connectionShed() { block.add(Word.shed) }

    /// A line of the access log found no room.
    public func logLineDropped() { block.add(Word.logLinesDropped) }

    /// A request field was left out because other software could mistake its name for another.
    public func fieldDropped() { block.add(Word.fieldsDropped) }

    /// Octets came from a client.
    public func receivedFromDownstream(bytes: Int) { block.add(Word.receivedDownstream, UInt64(bytes)) }

    /// Octets came from an upstream.
    public func receivedFromUpstream(bytes: Int) { block.add(Word.receivedUpstream, UInt64(bytes)) }

    /// Octets went to a client.
    public func sentToDownstream(bytes: Int) { block.add(Word.sentDownstream, UInt64(bytes)) }

    /// Octets went to an upstream.
    public func sentToUpstream(bytes: Int) { block.add(Word.sentUpstream, UInt64(bytes)) }
}

/// The counters of the thread that writes the access log. Only that thread writes them.
public struct ReportingMetrics: Sendable {
    let block: CounterBlock

    /// Layout of the block.
    enum Word {
        static let linesDropped = 0
        static let count = 1
    }

    /// Lines were lost because the sink took no more.
    public func linesDropped(_ count: Int) { block.add(Word.linesDropped, UInt64(count)) }
}
