internal import Declarations
internal import EventLoop
internal import Forwarding
internal import HTTPModel
internal import Kernel
internal import TLS
internal import Telemetry

// Handshake: what comes before the first byte of HTTP, on both sides. A step of a handshake may cost a signature, so there is at
// most one in a tick: in a storm of handshakes those who are in the middle of an exchange still get their turn.
extension ShardLoop {
    /// Begins TLS on an accepted connection, if its listener wants it.
    func startSession(_ downstream: Downstream) {
        guard let context = downstream.listener.tls else {
            downstream.state = .idle
            return setDeadline(downstream, after: table.timeouts.requestHeadMilliseconds)
        }
        downstream.transport.encrypt { socket in context.makeSession(socket) }
        downstream.state = .handshaking
        setDeadline(downstream, after: table.timeouts.tlsHandshakeMilliseconds)
        if downstream.mayRead { awaitTurn(downstream) }
    }

    /// Begins TLS on a connection to an origin, once TCP has connected.
    func startSession(_ upstream: UpstreamConnection, _ context: TLSClientContext) {
        let cluster = upstream.cluster
        let name = cluster.endpoints[upstream.endpoint].serverName
        upstream.transport.encrypt { socket in context.makeSession(socket, serverName: name) }
        upstream.state = .handshaking
        awaitTurn(upstream)
    }

    /// Puts a connection on the list of those whose handshake may go on.
    func awaitTurn(_ downstream: Downstream) {
        guard !downstream.awaitsTurn else { return }
        downstream.awaitsTurn = true
        handshakes.append(downstream.token)
    }

    func awaitTurn(_ upstream: UpstreamConnection) {
        guard !upstream.awaitsTurn else { return }
        upstream.awaitsTurn = true
        handshakes.append(upstream.token)
    }

    /// Lets the first of the list go on, as far as it gets.
    func serveHandshakes() {
        let token = handshakes[nextHandshake]
        nextHandshake += 1
        if nextHandshake == handshakes.count || nextHandshake >= 1_024 {
            handshakes.removeFirst(nextHandshake)
            nextHandshake = 0
        }
        if token.kind == Kind.downstream, let downstream = downstreams[token] {
            downstream.awaitsTurn = false
            if downstream.state == .handshaking { goOn(downstream) }
        } else if token.kind == Kind.upstream, let upstream = upstreams[token] {
            upstream.awaitsTurn = false
            if upstream.state == .handshaking { goOn(upstream) }
        }
    }

    /// Connections whose handshake waits for a tick.
    var hasHandshakes: Bool { nextHandshake < handshakes.count }

    // MARK: - Downstream

    private func goOn(_ downstream: Downstream) {
        downstream.mayRead = false
        switch downstream.transport.handshake() {
        case .wouldBlock:
            if downstream.sawHangup { close(downstream) }
        case .failed(let failure):
            downstream.listener.metrics.handshakeFailed(Self.kind(failure.kind))
            close(downstream)
        case .done:
            agreed(downstream)
        }
    }

    private func agreed(_ downstream: Downstream) {
        now = SystemClock.monotonicNanoseconds()
        let metrics = downstream.listener.metrics
        var lines: [UInt8] = []
        downstream.transport.withSession { session in
            metrics.handshakeDone(isResumed: session.isResumed, isTLS13: session.version == .tls13)
            if session.hasVerifiedPeer, let certificate = session.peerCertificate() {
                lines = ClientCertificateFields.lines(
                    subject: certificate.subject, fingerprint: certificate.fingerprint,
                    serialNumber: certificate.serialNumber, hostNames: certificate.hostNames, uris: certificate.uris)
            }
        }
        if !lines.isEmpty { downstream.identity = downstream.identity.with(certificateLines: lines) }
        downstream.state = .idle
        downstream.mayRead = true
        setDeadline(downstream, after: table.timeouts.requestHeadMilliseconds)
        serve(downstream)
    }

    private static func kind(_ kind: TLSFailure.Kind) -> HandshakeFailure {
        switch kind {
        case .closed, .system: .closed
        case .alert: .alert
        case .notTLS: .notTLS
        case .version: .version
        case .cipher: .cipher
        case .applicationProtocol: .applicationProtocol
        case .certificateMissing: .certificateMissing
        case .certificateRefused: .certificateRefused
        case .flooded, .violation: .violation
        }
    }

    // MARK: - Upstream

    private func goOn(_ upstream: UpstreamConnection) {
        switch upstream.transport.handshake() {
        case .wouldBlock:
            if upstream.sawHangup { upstreamBroke(upstream, .upstreamTLSFailed) }
        case .failed(let failure):
            if failure.kind != .closed, failure.kind != .system { upstream.cluster.metrics.handshakeFailed() }
            upstreamBroke(upstream, .upstreamTLSFailed)
        case .done:
            upstream.mayRead = true
            ready(upstream)
        }
    }
}
