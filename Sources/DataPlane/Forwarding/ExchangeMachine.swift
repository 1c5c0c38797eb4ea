public import HTTPModel

/// Decides the course of one exchange: events in, actions out. It holds no bytes, no socket and no clock.
///
/// It must never let a request that may have had an effect be sent twice, and never let a client take a cut answer for a whole
/// one. The surprising part: an answer may end before its request does, and then neither connection is simply "done".
public struct ExchangeMachine: Sendable {
    /// How far the answer has come.
    public enum Answer: Sendable, Equatable {
        /// No final head has been received.
        case awaited
        /// The head went to the client; the body flows.
        case flowing
        /// The last octet was received.
        case complete
    }

    /// What to do after something went wrong.
    public enum Remedy: Sendable, Equatable {
        /// Send the same request again, on a connection opened for it.
        case sendAgain
        /// Tell the client.
        case answer(GatewayError)
        /// The client has part of an answer: break its connection so that it notices.
        case cut(GatewayError)
    }

    /// What becomes of the two connections after the answer.
    public struct Ending: Sendable, Equatable {
        /// The upstream connection may serve another exchange.
        public var keepsUpstream: Bool
        /// What becomes of the downstream connection.
        public var downstream: DownstreamEnding
    }

    /// What becomes of the downstream connection.
    public enum DownstreamEnding: Sendable, Equatable {
        case keep
        /// The rest of the request body must be read and thrown away before another request can be read.
        case discardRestThenKeep
        case close
    }

    /// The request's method allows sending it twice.
    public let isIdempotent: Bool
    /// The last octet of the request was received from the client.
    public private(set) var requestIsComplete: Bool
    /// How far the answer has come.
    public private(set) var answer = Answer.awaited
    /// Times the request was given to a connection.
    public private(set) var attempts = 0
    /// All octets of the request that went upstream are still held, so they can be sent once more.
    public var holdsWholeRequest = true
    /// The downstream connection ends with this exchange.
    public var closesDownstream: Bool

    private var attemptUsedPooled = false
    private var attemptSentBytes = false
    private var attemptReceivedBytes = false

    /// Attempts after which a dying connection is no longer blamed on the pool.
    public static let attemptsMax = 3

    /// For a request whose head was received.
    public init(isIdempotent: Bool, requestIsComplete: Bool, closesDownstream: Bool) {
        self.isIdempotent = isIdempotent
        self.requestIsComplete = requestIsComplete
        self.closesDownstream = closesDownstream
    }

    /// The request was given to a connection, from the pool or new.
    public mutating func attemptStarted(onPooledConnection: Bool) {
        attempts += 1
        attemptUsedPooled = onPooledConnection
        attemptSentBytes = false
        attemptReceivedBytes = false
    }

    /// Octets of the request went out on the current connection.
    public var hasSentBytes: Bool { attemptSentBytes }
    /// The origin has said something on the current connection.
    public var hasReceivedBytes: Bool { attemptReceivedBytes }
    /// The kernel took octets of the request.
    public mutating func requestBytesSent() { attemptSentBytes = true }
    /// The last octet of the request was received from the client.
    public mutating func requestCompleted() { requestIsComplete = true }
    /// The origin said something, be it an interim answer.
    public mutating func responseBytesReceived() { attemptReceivedBytes = true }
    /// The final head went to the client.
    public mutating func responseHeadForwarded() { answer = .flowing }

    /// The upstream connection cannot go on: refused, reset, closed, silent, or incomprehensible.
    ///
    /// RFC 9110 §9.2.2 allows to repeat what is idempotent; RFC 9112 §9.3.1 warns that a pooled connection may have been closed
    /// just as the request left. So only a pooled connection that died without a word is forgiven.
    public func upstreamFailed(_ error: GatewayError) -> Remedy {
        if answer != .awaited { return .cut(error) }
        let diedUnasked = attemptUsedPooled && !attemptReceivedBytes && error == .upstreamClosed
        let isSafe = !attemptSentBytes || isIdempotent
        if diedUnasked, isSafe, holdsWholeRequest, attempts < Self.attemptsMax { return .sendAgain }
        return .answer(error)
    }

    /// The last octet of the answer was received. `upstreamKeepsAlive`: head and framing allow another exchange, and nothing
    /// unasked followed.
    public mutating func responseCompleted(upstreamKeepsAlive: Bool) -> Ending {
        answer = .complete
        let downstream: DownstreamEnding =
            closesDownstream ? .close : requestIsComplete ? .keep : .discardRestThenKeep
        return Ending(keepsUpstream: upstreamKeepsAlive && requestIsComplete, downstream: downstream)
    }

    /// The gateway itself has answered; the same question for the client's side alone.
    public mutating func answeredLocally() -> DownstreamEnding {
        answer = .complete
        return closesDownstream ? .close : requestIsComplete ? .keep : .discardRestThenKeep
    }
}
