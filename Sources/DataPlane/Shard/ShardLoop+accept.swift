internal import Declarations
internal import EventLoop
internal import Forwarding
internal import Kernel
internal import TLS
internal import Telemetry

/// A listener as it lives on one shard. Connections refer to its `context` alone, so that the socket closes with the listener and
/// not with the last of them.
struct ListenerState {
    let socket: ListenerSocket
    let context: ListenerContext
}

/// What connections need of the listener they came by.
final class ListenerContext {
    let metrics: ListenerMetrics
    let plan: ListenerPlan
    let portText: [UInt8]
    let address: SocketAddress
    let tls: TLSServerContext?
    /// What spans say of the gateway; `nil` where none are made.
    let span: SpanServiceText?

    init(
        address: SocketAddress, plan: ListenerPlan, tls: TLSServerContext?, metrics: ListenerMetrics,
        span: SpanServiceText?
    ) {
        self.span = span
        self.plan = plan
        self.tls = tls
        self.address = address
        self.metrics = metrics
        portText = Array(String(address.port).utf8)
    }
}

// Accept: what waits at a listener becomes a downstream connection, as long as there is room.
extension ShardLoop {
    /// Accepts a bounded number; the listener is level-triggered, so the rest is reported again.
    func acceptTurn(_ index: Int) {
        guard index < listeners.count, !acceptsPaused else { return }
        let listener = listeners[index]
        for _ in 0..<Self.acceptsPerTurn {
            switch listener.socket.socket.accept() {
            case .wouldBlock: return
            case .failed(let error):
                if error.isOutOfDescriptors { shed(listener) } else { metrics.connectionShed() }
                return
            case .accepted(let socket, let peer):
                admit(socket, from: peer, listener: listener.context)
            }
        }
    }

    private func admit(
        _ socket: consuming TCPSocket, from peer: SocketAddress, listener: ListenerContext
    ) {
        guard downstreams.count < connectionsMax, bufferBytesMax == 0 || buffers.heldBytes < bufferBytesMax else {
            // Dropping the socket closes it. The count tells the operator; an answer would cost more than it tells the client.
            metrics.connectionShed()
            return
        }
        let isTrusted = listener.plan.trusts(peer)
        guard let client = clients.admit(peer) else { return metrics.connectionShed() }
        let identity = ForwardingIdentity(
            peer: peer, isTrusted: isTrusted, listenerPort: listener.portText, isSecure: listener.tls != nil)
        var given: TCPSocket? = consume socket
        let downstream = downstreams.insert { token in
            Downstream(
                transport: Transport(given.take()!), token: token, listener: listener, identity: identity)
        }
        do {
            try poller.add(downstream.transport.socket, value: downstream.token.bits)
        } catch {
            downstreams.remove(downstream.token)
            clients.left(client)
            metrics.connectionShed()
            return
        }
        listener.metrics.connectionOpened()
        now = SystemClock.monotonicNanoseconds()
        downstream.client = client
        if listener.plan.acceptsProxyProtocol, isTrusted {
            downstream.state = .readingProxyHeader
            setDeadline(downstream, after: table.timeouts.requestHeadMilliseconds)
        } else {
            startSession(downstream)
        }
    }

    /// Out of descriptors: clients learn at once that there is no room, and accepting rests until some have closed.
    private func shed(_ listener: ListenerState) {
        spare.renew()
        let count = listener.socket.socket.shed(atMost: Self.acceptsPerTurn, using: &spare)
        for _ in 0..<max(1, count) { metrics.connectionShed() }
        if count < Self.acceptsPerTurn { pauseAccepting() }
    }

    /// Out of descriptors: a level-triggered listener would spin, so it is taken out until connections have had time to close.
    private func pauseAccepting() {
        acceptsPaused = true
        for listener in listeners { poller.remove(listener.socket.socket) }
        _ = timers.arm(
            SlotToken(kind: Kind.acceptAgain, generation: 0, index: 0).bits,
            tick: TimerWheel.tick(of: now + Self.acceptPauseNanoseconds))
    }

    /// Accepting goes on.
    func resumeAccepting() {
        guard acceptsPaused else { return }
        acceptsPaused = false
        for (index, listener) in listeners.enumerated() {
            try? poller.add(
                listener.socket.socket,
                value: SlotToken(kind: Kind.listener, generation: 0, index: index).bits)
        }
    }
}
