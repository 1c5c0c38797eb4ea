internal import Declarations
internal import EventLoop
internal import Forwarding
internal import HTTPModel
internal import Kernel
internal import ProxyProtocol
internal import Telemetry

// PROXY protocol: a proxy in front tells whose connection this is, and we tell the origin. The header is plain text before
// everything else, TLS included, and only a trusted peer is asked for it.
extension ShardLoop {
    /// Looks for a whole header at the start of the connection, and takes just that: what follows may belong to TLS.
    func readProxyHeader(_ downstream: Downstream) {
        receiveBuffer.clear()
        switch downstream.transport.socket.peek(into: &receiveBuffer) {
        case .wouldBlock: downstream.mayRead = false
        case .ended, .failed: close(downstream)
        case .received:
            let outcome = ProxyHeaderParser.parse(receiveBuffer.readable)
            switch outcome {
            case .incomplete:
                // The bytes stay in the socket, and the next event comes with more of them.
                downstream.mayRead = false
                if downstream.sawHangup { close(downstream) }
            case .failed:
                metrics.failed(.badProxyHeader)
                close(downstream)
            case .complete(let count, let source, _):
                takeProxyHeader(downstream, count: count, source: source)
            case .local(let count):
                takeProxyHeader(downstream, count: count, source: nil)
            }
        }
    }

    private func takeProxyHeader(_ downstream: Downstream, count: Int, source: SocketAddress?) {
        receiveBuffer.clear()
        guard case .received(count) = downstream.transport.receive(into: &receiveBuffer, atMost: count) else {
            return close(downstream)
        }
        if let source {
            clients.left(downstream.client)
            downstream.client = ClientTable.Ticket()
            guard let client = clients.admit(source) else {
                metrics.connectionShed()
                return close(downstream)
            }
            downstream.client = client
            // Whom the proxy names is a client like any other: what it says about itself is believed only if it is trusted too.
            downstream.identity = ForwardingIdentity(
                peer: source, isTrusted: downstream.listener.plan.trusts(source),
                listenerPort: downstream.listener.portText, isSecure: downstream.listener.tls != nil)
        }
        startSession(downstream)
        if !downstream.isClosed, downstream.state == .idle { serve(downstream) }
    }

    /// Sends the header that the origin expects before everything else; false when the connection is gone. A fresh socket takes so
    /// few bytes at once.
    func sendProxyHeader(_ exchange: Exchange, _ upstream: UpstreamConnection) -> Bool {
        guard let version = upstream.cluster.plan.declaration.proxyProtocol, let downstream = exchange.downstream else {
            return true
        }
        scratch.clear()
        let source = downstream.identity.address
        let destination = downstream.listener.address
        switch version {
        case .v1: ProxyHeaderWriter.writeText(source: source, destination: destination, into: &scratch)
        case .v2: ProxyHeaderWriter.writeBinary(source: source, destination: destination, into: &scratch)
        }
        let wanted = scratch.count
        let outcome = upstream.transport.send(scratch)
        scratch.clear()
        guard case .sent(let count) = outcome, count == wanted else {
            upstreamBroke(upstream, .connectFailed)
            return false
        }
        return true
    }
}
