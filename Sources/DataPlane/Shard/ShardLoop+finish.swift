internal import Declarations
internal import EventLoop
internal import Forwarding
internal import HTTP1
internal import HTTPModel
internal import Kernel
internal import Telemetry

// Finish: every exchange ends here, exactly once, whatever became of it.
extension ShardLoop {
    /// The answer is complete; the exchange ends once the client has taken all of it.
    func finish(_ exchange: Exchange, _ ending: ExchangeMachine.DownstreamEnding) {
        guard let downstream = exchange.downstream else { return }
        guard downstream.output.isEmpty, exchange.fixedBody.isEmpty else {
            exchange.ending = ending
            return continueFixedBody(downstream, exchange)
        }
        now = SystemClock.monotonicNanoseconds()
        let keptReader = exchange.requestReader
        conclude(exchange)
        switch ending {
        case .keep: becomeIdle(downstream)
        case .close: linger(downstream)
        case .discardRestThenKeep:
            downstream.state = .discarding
            downstream.discardReader = keptReader
            downstream.discardBudget = Self.discardBytesMax
            setDeadline(downstream, afterNanoseconds: Self.lingerNanoseconds)
            schedule(downstream)
        }
    }

    /// Writes the record, counts, and puts the exchange back for the next.
    private func conclude(_ exchange: Exchange) {
        guard let downstream = exchange.downstream else { return }
        let duration = now &- exchange.started
        if let plan = exchange.plan {
            routeMetric(plan).exchangeEnded(status: exchange.status, durationNanoseconds: duration)
        } else {
            noRouteMetrics.exchangeEnded(status: exchange.status, durationNanoseconds: duration)
        }
        if let log { writeRecord(exchange, log, duration: duration) }
        if let upstream = exchange.upstream { drop(upstream) }
        endAttempts(exchange)
        if exchange.trace != nil { concludeTrace(exchange, downstream, duration: duration) }
        if !exchange.places.isEmpty { leavePlaces(exchange) }
        buffers.give(exchange.request.take())
        buffers.give(exchange.record.take())
        if exchange.answerLines.hasStorage { buffers.give(exchange.answerLines.take()) }
        downstream.exchange = nil
        exchange.reset()
        if exchanges.count < Self.exchangesKept { exchanges.append(exchange) }
    }

    /// Exchanges that are kept for the next requests.
    static let exchangesKept = 1_024

    /// After a reload a plan's index may mean another route: then its counters are asked for by name.
    private func routeMetric(_ plan: RoutePlan) -> RouteMetrics {
        if plan.index < table.plans.count, table.plans[plan.index] === plan {
            return routeMetrics.metrics(plan.index, id: plan.id)
        }
        return options.registry.route(plan.id, shard: options.index)
    }

    private func writeRecord(_ exchange: Exchange, _ log: AccessLogChannel, duration: UInt64) {
        let outcome = AccessOutcome(
            status: exchange.status, attempts: exchange.machine.attempts, requestBytes: exchange.requestBytes,
            responseBytes: exchange.responseBytes, durationNanoseconds: Int64(duration),
            connectNanoseconds: exchange.connectNanoseconds, upstreamNanoseconds: exchange.upstreamNanoseconds,
            error: exchange.error)
        let route = exchange.plan?.quotedID ?? []
        let upstream = exchange.cluster?.quotedID ?? []
        var endpoint: [UInt8] = []
        if let cluster = exchange.cluster, exchange.endpoint >= 0 {
            endpoint = cluster.endpoints[exchange.endpoint].quoted
        }
        log.append(
            prefix: exchange.record, route: route.span, upstream: upstream.span, endpoint: endpoint.span,
            outcome: outcome)
    }

    // MARK: - Downstream afterwards

    /// Ready for the next request.
    func becomeIdle(_ downstream: Downstream) {
        downstream.state = .idle
        forgetKeyWait(downstream)
        downstream.windowKind = .none
        if isDraining || downstream.readEnded { return linger(downstream) }
        setDeadline(downstream, after: table.timeouts.idleMilliseconds)
        downstream.inputIsPartial = false
        if downstream.hasInputToServe { schedule(downstream) }
    }

    /// Closes politely: tells the client that nothing follows, and waits a little for it to close, so that what it still sends
    /// does not turn the close into a reset that destroys the answer on its way (RFC 9112 §9.6).
    func linger(_ downstream: Downstream) {
        buffers.give(downstream.input.take())
        if downstream.readEnded { return close(downstream) }
        downstream.state = .lingering
        downstream.transport.finishSending()
        downstream.discardBudget = Self.discardBytesMax
        setDeadline(downstream, afterNanoseconds: Self.lingerNanoseconds)
        if downstream.mayRead { schedule(downstream) }
    }

    /// Forgets the connection; the socket closes with it.
    func close(_ downstream: Downstream) {
        guard !downstream.isClosed else { return }
        if let exchange = downstream.exchange { return abandon(exchange, downstream) }
        downstream.isClosed = true
        forgetKeyWait(downstream)
        buffers.give(downstream.input.take())
        buffers.give(downstream.output.take())
        downstreams.remove(downstream.token)
        clients.left(downstream.client)
        downstream.listener.metrics.connectionClosed()
        if acceptsPaused { resumeAccepting() }
    }

    /// The client is gone in the middle of its exchange.
    func abandoned(_ downstream: Downstream) {
        if let exchange = downstream.exchange {
            failed(exchange, .downstreamClosed)
            if exchange.status == 0 { exchange.status = GatewayError.downstreamClosed.status }
        }
        close(downstream)
    }

    private func abandon(_ exchange: Exchange, _ downstream: Downstream) {
        now = SystemClock.monotonicNanoseconds()
        conclude(exchange)
        close(downstream)
    }

    /// The client has part of an answer that will not become whole: breaks the connection, so that it notices.
    func cut(_ exchange: Exchange, _ error: GatewayError) {
        guard let downstream = exchange.downstream else { return }
        failed(exchange, error)
        downstream.transport.socket.resetOnClose()
        close(downstream)
    }

    // MARK: - Before there is an exchange

    /// Refuses a head: answers as far as it can be told to whom, then closes.
    func refuseHead(_ downstream: Downstream, _ error: GatewayError, _ bytes: borrowing ByteBuffer) {
        let input = bytes.readable
        // What was parsed before the fault is good enough for the log.
        refuse(
            downstream, error, method: input.extracting(requestHead.methodToken.indices),
            target: input.extracting(requestHead.target.indices))
    }

    /// Refuses what came on a connection without an exchange.
    func refuse(_ downstream: Downstream, _ error: GatewayError) {
        let nothing = ByteBuffer()
        refuse(downstream, error, method: nothing.readable, target: nothing.readable)
    }

    private func refuse(_ downstream: Downstream, _ error: GatewayError, method: Span<UInt8>, target: Span<UInt8>) {
        let exchange = exchanges.popLast() ?? Exchange()
        exchange.machine = ExchangeMachine(isIdempotent: false, requestIsComplete: true, closesDownstream: true)
        exchange.downstream = downstream
        // A head that got as far as its method is answered by it: no body to HEAD.
        exchange.method = method.isEmpty ? .get : requestHead.method
        exchange.version = .http11
        exchange.started = downstream.requestStarted
        downstream.exchange = exchange
        downstream.state = .exchanging
        downstream.requests += 1
        newRequestID(exchange)
        let nothing = ByteBuffer()
        record(
            exchange, downstream, method: method, host: nothing.readable, target: target, version: nil)
        answer(exchange, error)
    }

    /// The request body broke its framing, grew too large or stopped: answers when that is still possible, else breaks off.
    func requestBodyFailed(_ exchange: Exchange, _ error: GatewayError) {
        exchange.machine.closesDownstream = true
        if let upstream = exchange.upstream { drop(upstream) }
        if exchange.machine.answer == .awaited { answer(exchange, error) } else { cut(exchange, error) }
    }

    // MARK: - Output

    /// Sends what waits for the client; when all of it is out, whatever waited for that goes on.
    func flush(_ downstream: Downstream) {
        let output = downstream.output.take()
        let outcome = downstream.transport.send(output)
        downstream.output = output
        switch outcome {
        case .failed: return abandoned(downstream)
        case .sent(let count):
            noteSent(downstream, count)
            downstream.output.consume(count)
        }
        guard downstream.output.isEmpty else { return }
        buffers.give(downstream.output.take())
        if downstream.state == .tunnelling { return schedule(downstream) }
        guard let exchange = downstream.exchange else {
            if downstream.state == .idle { schedule(downstream) }
            return
        }
        updateWindow(exchange)
        if let ending = exchange.ending {
            finish(exchange, ending)
        } else if let upstream = exchange.upstream {
            setDeadline(upstream, after: upstreamLimit(exchange, upstream))
            if upstream.hasInputToServe { schedule(upstream) }
        }
    }

    /// The next piece of a body that the gateway holds as a whole.
    private func continueFixedBody(_ downstream: Downstream, _ exchange: Exchange) {
        guard downstream.output.isEmpty, !exchange.fixedBody.isEmpty else { return updateWindow(exchange) }
        let body = exchange.fixedBody
        let end = min(body.count, exchange.fixedBodySent + Self.receiveBytes)
        downstream.output = buffers.take(room: BufferStore.largeBytes)
        downstream.output.append(body.span.extracting(exchange.fixedBodySent..<end))
        exchange.fixedBodySent = end
        if end == body.count { exchange.fixedBody = [] }
        flush(downstream)
    }
}
