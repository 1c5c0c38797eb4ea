internal import Declarations
internal import EventLoop
internal import Filters
internal import Forwarding
internal import HTTP1
internal import HTTPModel
internal import Kernel
internal import Telemetry
internal import TraceContext
internal import Upstreams

// Forward: choose an endpoint, get a connection to it, and send the request, its body as it comes.
extension ShardLoop {
    /// Writes the upstream head and as much body as is here, and starts the first attempt; returns the bytes used up.
    func forward(
        _ exchange: Exchange, _ plan: RoutePlan, to cluster: Cluster, _ bytes: borrowing ByteBuffer,
        path: Span<UInt8>, headEnd: Int
    ) -> Int {
        let input = bytes.readable
        exchange.cluster = cluster
        exchange.upstreamStarted = now
        if cluster.timeouts.requestMilliseconds > 0 {
            exchange.deadline = exchange.started &+ UInt64(cluster.timeouts.requestMilliseconds) &* 1_000_000
            if let downstream = exchange.downstream { setDeadline(downstream, after: 0) }
        }
        guard admit(exchange, cluster) else { return headEnd }
        place(exchange, plan, cluster, input, path: path)
        let bodyHere = input.count - headEnd
        if plan.chain.pathEdits.isEmpty {
            writeHead(exchange, plan, input, path: path, headEnd: headEnd, bodyHere: bodyHere)
        } else {
            let outcome = plan.chain.pathEdits.apply(
                to: path, captures: captures, host: input.extracting(requestHead.host.indices), result: &editedPath,
                spare: &sparePath, normalized: &normalizedPath)
            guard outcome == .edited else {
                answer(exchange, .badRequest)
                return headEnd
            }
            var edited = editedPath.take()
            writeHead(exchange, plan, input, path: edited.readable, headEnd: headEnd, bodyHere: bodyHere)
            swap(&editedPath, &edited)
        }
        guard exchange.isOpen else { return headEnd }
        let consumed = takeBody(exchange, input, from: headEnd)
        guard exchange.isOpen else { return headEnd + consumed }
        startAttempt(exchange)
        return headEnd + consumed
    }

    private func writeHead(
        _ exchange: Exchange, _ plan: RoutePlan, _ input: Span<UInt8>, path: Span<UInt8>, headEnd: Int, bodyHere: Int
    ) {
        guard let downstream = exchange.downstream else { return }
        let writer = RequestHeadWriter(edits: plan.chain.requestEdits, identity: downstream.identity)
        let headMax =
            writer.bytesMax(requestHead, headBytes: headEnd, path: path) + exchange.requestLines.count
            + (exchange.trace == nil ? 0 : TraceHeaders.bytesMax)
        guard headMax <= BufferStore.largeBytes else { return answer(exchange, .headTooLarge) }
        // With a body to come a large buffer lets it start in the same packet, and be held for a second try.
        let isSmall = exchange.machine.requestIsComplete || (bodyHere == 0 && headMax <= BufferStore.smallBytes)
        exchange.request = buffers.take(room: isSmall ? headMax : BufferStore.largeBytes)
        exchange.upgrade = upgradeAsked(plan, input)
        let upgrade = exchange.upgrade >= 0 ? requestHead.upgrade : ByteRange()
        let trace = tracePassage(exchange)
        var id = exchange.requestID.take()
        let places = writer.write(
            requestHead, in: input, path: path, requestID: id.readable, upgrade: input.extracting(upgrade.indices),
            furtherLines: exchange.requestLines, trace: trace, into: &exchange.request)
        exchange.trace?.places = places
        swap(&exchange.requestID, &id)
    }

    /// Appends body bytes that came with the head; returns how many were used up.
    private func takeBody(_ exchange: Exchange, _ input: Span<UInt8>, from start: Int) -> Int {
        guard !exchange.machine.requestIsComplete, start < input.count else { return 0 }
        exchange.awaitsContinue = false
        let outcome = BodyRelay.relay(
            &exchange.requestReader, input, from: start, as: exchange.requestPackaging, into: &exchange.request,
            trailers: &trailers, takesTrailers: true, edits: exchange.plan?.chain.requestEdits)
        noteRequestBody(exchange, outcome.contentBytes, outcome.status)
        return outcome.consumed
    }

    /// Counts a piece of request body; answers when it is broken or too much.
    func noteRequestBody(_ exchange: Exchange, _ contentBytes: Int, _ status: RelayOutcome.Status) {
        exchange.requestBytes += contentBytes
        if status == .failed { return requestBodyFailed(exchange, .badRequestBody) }
        if exchange.requestBodyBytesMax > 0, exchange.requestBytes > exchange.requestBodyBytesMax {
            return requestBodyFailed(exchange, .requestBodyTooLarge)
        }
        if status == .finished { exchange.machine.requestCompleted() }
    }

    // MARK: - Connecting

    /// Gets a connection to the chosen endpoint, idle or new, and sends what there is; false when all that there may be are busy.
    func connect(_ exchange: Exchange, fresh: Bool) -> Bool {
        guard let cluster = exchange.cluster else { return true }
        switch cluster.endpoints[exchange.endpoint].pool.acquire(fresh: fresh) {
        case .exhausted:
            return false
        case .reuse(let bits):
            cluster.metrics.idleConnectionsChanged(by: -1)
            guard let upstream = upstreams[SlotToken(bits: bits)] else {
                preconditionFailure("an idle connection is in the table")
            }
            assign(exchange, upstream, pooled: true)
            upstream.state = .busy
            setDeadline(upstream, after: responseHeadLimit(cluster))
            sendRequest(exchange, upstream)
        case .open:
            open(exchange, cluster)
        }
        return true
    }

    /// What an attempt is given until its response head is there.
    func responseHeadLimit(_ cluster: Cluster) -> Int {
        let perTry = cluster.plan.declaration.retries.perTryMilliseconds
        let limit = cluster.timeouts.responseHeadMilliseconds
        return perTry > 0 && (limit == 0 || perTry < limit) ? perTry : limit
    }

    private func assign(_ exchange: Exchange, _ upstream: UpstreamConnection, pooled: Bool) {
        exchange.upstream = upstream
        upstream.exchange = exchange
        exchange.requestSent = 0
        exchange.machine.attemptStarted(onPooledConnection: pooled)
        beginSpan(exchange, upstream.endpoint)
        upstream.cluster.metrics.activeConnectionsChanged(by: 1)
    }

    private func open(_ exchange: Exchange, _ cluster: Cluster) {
        let endpoint = exchange.endpoint
        do {
            let upstream = try openConnection(cluster, endpoint)
            assign(exchange, upstream, pooled: false)
            setDeadline(upstream, after: cluster.timeouts.connectMilliseconds)
        } catch {
            cluster.endpoints[endpoint].pool.closed()
            cluster.metrics.connectFailed()
            exchange.machine.attemptStarted(onPooledConnection: false)
            beginSpan(exchange, endpoint)
            endSpan(exchange, .connectFailed)
            upstreamFailed(exchange, error.isOutOfDescriptors ? .overloaded : .connectFailed)
        }
    }

    /// A connection that is being opened, registered and in the table; it counts in its pool already.
    func openConnection(_ cluster: Cluster, _ endpoint: Int) throws(SystemError) -> UpstreamConnection {
        var socket: TCPSocket? = try TCPSocket.connect(to: cluster.endpoints[endpoint].address)
        let upstream = upstreams.insert { token in
            UpstreamConnection(transport: Transport(socket.take()!), token: token, cluster: cluster, endpoint: endpoint)
        }
        upstream.connectStarted = now
        do {
            try poller.add(upstream.transport.socket, value: upstream.token.bits)
        } catch {
            upstreams.remove(upstream.token)
            throw error
        }
        return upstream
    }

    // MARK: - Sending

    /// Sends what is written and not yet sent.
    func sendRequest(_ exchange: Exchange, _ upstream: UpstreamConnection) {
        let waiting = exchange.request.count - exchange.requestSent
        if waiting > 0 {
            var request = exchange.request.take()
            let outcome = upstream.transport.send(request.readable.extracting(exchange.requestSent...))
            swap(&exchange.request, &request)
            switch outcome {
            case .failed: return sendFailed(exchange, upstream)
            case .sent(let count):
                if count > 0 { exchange.machine.requestBytesSent() }
                metrics.sentToUpstream(bytes: count)
                exchange.requestSent += count
                upstream.mayWrite = count == waiting
                if count < waiting { return }
            }
        }
        requestSent(exchange, upstream)
    }

    /// The origin takes no more. It may have answered before it closed, so what it said is read before it is called broken.
    func sendFailed(_ exchange: Exchange, _ upstream: UpstreamConnection) {
        guard exchange.machine.hasSentBytes else { return upstreamBroke(upstream) }
        upstream.refusesRequest = true
        upstream.mayRead = true
        upstream.sawHangup = true
        schedule(upstream)
    }

    /// All that is here of the request is out.
    private func requestSent(_ exchange: Exchange, _ upstream: UpstreamConnection) {
        guard !exchange.machine.requestIsComplete else { return }
        if let downstream = exchange.downstream, downstream.hasInputToServe {
            schedule(downstream)
        }
        updateWindow(exchange)
    }
}
