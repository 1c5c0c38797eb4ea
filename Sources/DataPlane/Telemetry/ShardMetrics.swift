public import HTTPModel
internal import Kernel

/// Why a TLS handshake with a client came to nothing.
public enum HandshakeFailure: UInt8, Sendable, CaseIterable {
    case closed, timeout, alert, notTLS, version, cipher, applicationProtocol, certificateMissing, certificateRefused,
        violation

    /// The word in metrics.
    public var word: StaticString {
        switch self {
        case .closed: "closed"
        case .timeout: "timeout"
        case .alert: "alert"
        case .notTLS: "not-tls"
        case .version: "version"
        case .cipher: "cipher"
        case .applicationProtocol: "application-protocol"
        case .certificateMissing: "certificate-missing"
        case .certificateRefused: "certificate-refused"
        case .violation: "violation"
        }
    }
}

/// The counters of one listener on one shard. Only that shard writes them.
public struct ListenerMetrics: Sendable {
    let block: CounterBlock

    /// Layout of the block.
    enum Word {
        static let opened = 0
        static let closed = 1
        static let handshakesFull12 = 2
        static let handshakesFull13 = 3
        static let handshakesResumed12 = 4
        static let handshakesResumed13 = 5
        static let handshakesFailed = 6
        static var count: Int { handshakesFailed + HandshakeFailure.allCases.count }
    }

    /// A TLS session came about.
    public func handshakeDone(isResumed: Bool, isTLS13: Bool) {
        if isResumed {
            block.add(isTLS13 ? Word.handshakesResumed13 : Word.handshakesResumed12)
        } else {
            block.add(isTLS13 ? Word.handshakesFull13 : Word.handshakesFull12)
        }
    }

    /// No TLS session came about.
    public func handshakeFailed(_ failure: HandshakeFailure) {
        block.add(Word.handshakesFailed + Int(failure.rawValue))
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
