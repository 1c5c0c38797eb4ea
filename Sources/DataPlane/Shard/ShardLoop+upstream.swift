internal import Declarations
internal import EventLoop
internal import Forwarding
internal import HTTP1
internal import HTTPModel
internal import Kernel
internal import Telemetry
internal import Upstreams

// Upstream: what happens on a connection to an origin, and how it comes and goes.
extension ShardLoop {
    /// Notes what epoll says, then serves the connection as its state wants.
    func upstreamEvent(_ upstream: UpstreamConnection, _ event: PollEvent) {
        if event.isReadable || event.isReadHangup || event.isHangup { upstream.mayRead = true }
        if event.isReadHangup || event.isHangup { upstream.sawHangup = true }
        if event.isWritable { upstream.mayWrite = true }
        switch upstream.state {
        case .connecting:
            if event.isWritable || event.isHangup { connected(upstream) }
        case .handshaking:
            awaitTurn(upstream)
        case .idle:
            // An idle origin has nothing to say: this is its end, or an answer that nobody asked for.
            if upstream.mayRead, !isSilent(upstream) { discardIdle(upstream) }
        case .tunnelling:
            if let exchange = upstream.exchange { relay(exchange) }
        case .busy:
            if event.isWritable, !upstream.refusesRequest, !upstream.isRival, let exchange = upstream.exchange,
                exchange.requestSent < exchange.request.count
            {
                sendRequest(exchange, upstream)
            }
            if !upstream.isClosed { serve(upstream) }
        }
    }

    /// Nothing more has come on a connection between two exchanges, or TLS's own, such as a ticket, and no content.
    private func isSilent(_ upstream: UpstreamConnection) -> Bool {
        guard upstream.transport.isEncrypted, !upstream.sawHangup else { return false }
        // The shard's receive buffer may be in use by the exchange that has just ended.
        var probe = buffers.take(room: BufferStore.tinyBytes)
        let outcome = upstream.transport.receive(into: &probe, atMost: BufferStore.tinyBytes)
        buffers.give(probe)
        guard outcome == .wouldBlock else { return false }
        upstream.mayRead = false
        return true
    }

    private func connected(_ upstream: UpstreamConnection) {
        guard let exchange = upstream.exchange else { return release(upstream) }
        now = SystemClock.monotonicNanoseconds()
        if let failure = upstream.transport.socket.connectFailure() {
            upstream.cluster.metrics.connectFailed()
            return upstreamBroke(upstream, failure.isOutOfDescriptors ? .overloaded : .connectFailed)
        }
        upstream.cluster.metrics.connectSucceeded()
        exchange.connectNanoseconds = Int64(now &- upstream.connectStarted)
        guard sendProxyHeader(exchange, upstream) else { return }
        if let context = upstream.cluster.tlsContext { return startSession(upstream, context) }
        ready(upstream)
    }

    /// The connection can carry its exchange.
    func ready(_ upstream: UpstreamConnection) {
        guard let exchange = upstream.exchange else { return release(upstream) }
        now = SystemClock.monotonicNanoseconds()
        upstream.state = .busy
        setDeadline(upstream, after: responseHeadLimit(upstream.cluster))
        noteConnected(exchange, upstream)
        if upstream.isRival { sendRival(exchange, upstream) } else { sendRequest(exchange, upstream) }
        if !upstream.isClosed, upstream.mayRead { serve(upstream) }
    }

    /// Reads one piece of the response, when the client can take it.
    func serve(_ upstream: UpstreamConnection) {
        if upstream.state == .tunnelling, !upstream.isClosed, let exchange = upstream.exchange {
            return relay(exchange)
        }
        guard !upstream.isClosed, upstream.hasInputToServe, upstream.state == .busy else { return }
        guard let exchange = upstream.exchange, let downstream = exchange.downstream else { return }
        if upstream.isRival {
            guard upstream.mayRead else { return }
            // Whoever speaks first has won; when it turns out to be an end, the other one is gone too soon, but not for nothing:
            // a rival only runs where the exchange may be repeated.
            win(exchange, upstream)
        }
        // Back-pressure: as long as the client has not taken what there is, no more is read (law 6).
        guard downstream.output.isEmpty else { return updateWindow(exchange) }
        if upstream.input.hasStorage {
            receiveMore(upstream, exchange)
        } else {
            receiveBuffer.clear()
            let outcome = upstream.transport.receive(into: &receiveBuffer, atMost: Self.receiveBytes)
            guard note(outcome, upstream, asked: Self.receiveBytes) else { return }
            var bytes = receiveBuffer.take()
            let consumed = responseReceived(exchange, upstream, bytes)
            if consumed < bytes.count, upstream.exchange === exchange {
                upstream.input = buffers.take(room: BufferStore.largeBytes)
                upstream.input.append(bytes.readable.extracting(consumed...))
            }
            swap(&receiveBuffer, &bytes)
        }
        if upstream.hasInputToServe, upstream.state == .busy || upstream.state == .tunnelling { schedule(upstream) }
    }

    /// Goes on with what is already here: reads behind it when it is only part of a head or of a trailer section.
    private func receiveMore(_ upstream: UpstreamConnection, _ exchange: Exchange) {
        if upstream.inputIsPartial {
            upstream.input.compact()
            guard upstream.input.writableCount > 0 else { return upstreamBroke(upstream, .badResponse) }
            let asked = min(Self.receiveBytes, upstream.input.writableCount)
            let outcome = upstream.transport.receive(into: &upstream.input, atMost: asked)
            guard note(outcome, upstream, asked: asked) else { return }
        }
        var bytes = upstream.input.take()
        let consumed = responseReceived(exchange, upstream, bytes)
        bytes.consume(consumed)
        if bytes.isEmpty || upstream.exchange !== exchange { buffers.give(bytes) } else { upstream.input = bytes }
    }

    /// Takes note of a receive; false when there is nothing to work on.
    private func note(_ outcome: ReceiveOutcome, _ upstream: UpstreamConnection, asked: Int) -> Bool {
        switch outcome {
        case .received(let count):
            metrics.receivedFromUpstream(bytes: count)
            if !upstream.sawHangup, !upstream.transport.mayReceiveMore(count, asked: asked) { upstream.mayRead = false }
            return true
        case .wouldBlock:
            upstream.mayRead = false
        case .ended:
            upstream.mayRead = false
            originEnded(upstream)
        case .failed:
            upstream.mayRead = false
            upstreamBroke(upstream)
        }
        return false
    }

    /// The origin closed: the end of a body that ends so, otherwise a failure.
    private func originEnded(_ upstream: UpstreamConnection) {
        guard let exchange = upstream.exchange else { return release(upstream) }
        // What ends with the connection must not be cut by whoever stands between (RFC 9112 §9.8).
        if exchange.machine.answer == .flowing, exchange.responseReader.endsWithConnection,
            !upstream.transport.endedWithoutNotice
        {
            return responseEndedByClose(exchange, upstream)
        }
        upstreamBroke(upstream)
    }

    // MARK: - Going

    /// The connection broke under its exchange.
    func upstreamBroke(_ upstream: UpstreamConnection, _ error: GatewayError? = nil) {
        guard let exchange = upstream.exchange else { return release(upstream) }
        let isBody = exchange.machine.answer == .flowing
        let failure = error ?? (isBody ? .upstreamBodyBroken : .upstreamClosed)
        noteSpanError(exchange, upstream, failure)
        if upstream.isRival { return drop(upstream) }
        drop(upstream)
        if promoteRival(exchange) { return }
        upstreamFailed(exchange, failure)
    }

    /// Decides by the exchange's machine and the upstream's policy: again, an answer of our own, or a cut.
    func upstreamFailed(_ exchange: Exchange, _ error: GatewayError) {
        now = SystemClock.monotonicNanoseconds()
        switch exchange.machine.upstreamFailed(error) {
        case .sendAgain:
            exchange.cluster?.metrics.requestRetried()
            if !connect(exchange, fresh: true) { answer(exchange, .poolExhausted) }
        case .answer(let error):
            exchange.cluster?.metrics.attemptFailed()
            attemptFailed(exchange, error)
        case .cut(let error):
            if let cluster = exchange.cluster { noteFailure(exchange, cluster) }
            cut(exchange, error)
        }
    }

    /// An exchange no longer needs its connection and it cannot serve another: closes it.
    func drop(_ upstream: UpstreamConnection) {
        if let exchange = upstream.exchange {
            endSpan(exchange, upstream)
            if upstream.isRival { exchange.attempt.rival = nil } else { exchange.upstream = nil }
            upstream.exchange = nil
            upstream.cluster.metrics.activeConnectionsChanged(by: -1)
        }
        release(upstream)
    }

    /// Forgets a connection that no exchange has; the socket closes with it.
    func release(_ upstream: UpstreamConnection) {
        guard !upstream.isClosed else { return }
        upstream.isClosed = true
        buffers.give(upstream.input.take())
        upstream.cluster.endpoints[upstream.endpoint].pool.closed()
        upstreams.remove(upstream.token)
        freed(upstream.cluster)
        // A descriptor is free again.
        if acceptsPaused { resumeAccepting() }
    }

    /// An idle connection ended or spoke: it leaves its pool.
    func discardIdle(_ upstream: UpstreamConnection) {
        if upstream.cluster.endpoints[upstream.endpoint].pool.removeIdle(upstream.token.bits) {
            upstream.cluster.metrics.idleConnectionsChanged(by: -1)
        }
        release(upstream)
    }

    /// Back to the pool, for the next exchange.
    func giveBack(_ upstream: UpstreamConnection) {
        guard let exchange = upstream.exchange else { return }
        endSpan(exchange, upstream)
        exchange.upstream = nil
        upstream.exchange = nil
        let cluster = upstream.cluster
        cluster.metrics.activeConnectionsChanged(by: -1)
        // A connection that began with one client's address is that client's alone.
        guard !cluster.isRetired, !isDraining, cluster.plan.declaration.proxyProtocol == nil, !upstream.sawHangup,
            !upstream.mayRead || isSilent(upstream),
            cluster.endpoints[upstream.endpoint].pool.giveBack(upstream.token.bits) == .kept
        else { return release(upstream) }
        cluster.metrics.idleConnectionsChanged(by: 1)
        upstream.state = .idle
        freed(cluster)
        buffers.give(upstream.input.take())
        setDeadline(upstream, after: cluster.plan.declaration.pool.idleMilliseconds)
    }
}
