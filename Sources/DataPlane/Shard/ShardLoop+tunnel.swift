internal import Declarations
internal import EventLoop
internal import Forwarding
internal import HTTPModel
internal import Kernel
internal import Routing
internal import Telemetry
internal import WebSocket

// Tunnel: a WebSocket, or another protocol that the origin has changed to at the client's request. Bytes pass as they are, each
// side at the pace of the other, and the end of one direction does not end the other.
extension ShardLoop {
    /// Which of the route's protocols the head in `requestHead` asks for; -1 for none. While draining nothing new is begun that
    /// would outlive the drain.
    func upgradeAsked(_ plan: RoutePlan, _ input: Span<UInt8>) -> Int {
        guard !requestHead.upgrade.isEmpty, !isDraining else { return -1 }
        let asked = input.extracting(requestHead.upgrade.indices)
        for index in plan.upgrades.indices {
            let name = plan.upgrades[index]
            if ByteSearch.equalIgnoringCase(asked, name.span) { return index }
        }
        return -1
    }

    /// The head in `responseHead` changes to what the client asked for.
    func isUpgradeGranted(_ exchange: Exchange, _ head: Span<UInt8>) -> Bool {
        guard exchange.upgrade >= 0, let plan = exchange.plan, !responseHead.upgrade.isEmpty else { return false }
        let name = plan.upgrades[exchange.upgrade]
        return ByteSearch.equalIgnoringCase(head.extracting(responseHead.upgrade.indices), name.span)
    }

    /// Writes the head of 101 into `scratch` and turns both connections over.
    func startTunnel(_ exchange: Exchange, _ upstream: UpstreamConnection, _ head: Span<UInt8>) {
        guard let plan = exchange.plan, let downstream = exchange.downstream else { return }
        now = SystemClock.monotonicNanoseconds()
        exchange.upstreamNanoseconds = Int64(now &- exchange.upstreamStarted)
        exchange.status = responseHead.status
        noteHead(exchange)
        upstream.cluster.metrics.headReceived(
            status: responseHead.status, durationNanoseconds: now &- exchange.upstreamStarted)
        let writer = ResponseHeadWriter(edits: plan.chain.responseEdits)
        let headMax = writer.bytesMax(headBytes: min(head.count, table.limits.responseHeadBytes))
        let cookieMax = Self.stickyCookieBytesMax + upstream.cluster.stickyName.count
        guard scratch.writableCount >= headMax + cookieMax + exchange.answerLines.count
        else { return upstreamBroke(upstream, .badResponse) }
        var id = exchange.requestID.take()
        writer.writeSwitch(responseHead, in: head, requestID: id.readable, into: &scratch) { out in
            appendStickyCookie(exchange, into: &out)
            if exchange.answerLines.hasStorage { out.append(exchange.answerLines) }
        }
        headAnswered(exchange, upstream)
        swap(&exchange.requestID, &id)
        exchange.machine.responseHeadForwarded()
        exchange.machine.closesDownstream = true
        let name = plan.upgrades[exchange.upgrade]
        let isWebSocket = ByteSearch.equalIgnoringCase(name.span, "websocket")
        exchange.tunnel = Tunnel(lastProgress: now, frames: isWebSocket ? FrameBoundary() : nil)
        // The time for the whole exchange was meant for an answer, and this one has been given.
        exchange.deadline = 0
        exchange.request.clear()
        exchange.requestSent = 0
        upstream.state = .tunnelling
        upstream.deadline = 0
        downstream.state = .tunnelling
        downstream.inputIsPartial = false
        setDeadline(downstream, after: table.timeouts.tunnelIdleMilliseconds)
        schedule(downstream)
    }

    /// Notes what epoll says of the client's side.
    func tunnelEvent(_ downstream: Downstream, _ event: PollEvent) {
        guard let exchange = downstream.exchange else { return close(downstream) }
        if event.isHangup { downstream.mayRead = true }
        if event.isWritable, !downstream.output.isEmpty { flush(downstream) }
        if !downstream.isClosed { relay(exchange) }
    }

    // MARK: - Relaying

    /// Moves at most one piece in each direction, then looks for ends.
    func relay(_ exchange: Exchange) {
        guard let downstream = exchange.downstream, let upstream = exchange.upstream, exchange.tunnel != nil else {
            return
        }
        relayDown(exchange, upstream, downstream)
        guard !downstream.isClosed, upstream.exchange === exchange else { return }
        relayUp(exchange, downstream, upstream)
        guard !downstream.isClosed, upstream.exchange === exchange else { return }
        passEnds(exchange, downstream, upstream)
        guard !downstream.isClosed else { return }
        if downstream.output.isEmpty && upstream.hasInputToServe
            || exchange.request.isEmpty && downstream.hasInputToServe
        {
            schedule(downstream)
        }
    }

    /// From the origin to the client.
    private func relayDown(_ exchange: Exchange, _ upstream: UpstreamConnection, _ downstream: Downstream) {
        guard downstream.output.isEmpty else { return }
        var bytes: ByteBuffer
        let isKept = !upstream.input.isEmpty
        if isKept {
            bytes = upstream.input.take()
        } else {
            guard upstream.mayRead else { return }
            receiveBuffer.clear()
            let outcome = upstream.transport.receive(into: &receiveBuffer, atMost: Self.receiveBytes)
            guard noteTunnel(outcome, upstream) else { return }
            bytes = receiveBuffer.take()
        }
        if exchange.tunnel?.isLeaving == true {
            bytes.clear()
        } else {
            sendDown(exchange, downstream, bytes.readable)
        }
        if isKept { buffers.give(bytes) } else { receiveBuffer = bytes }
    }

    private func sendDown(_ exchange: Exchange, _ downstream: Downstream, _ bytes: Span<UInt8>) {
        exchange.tunnel?.lastProgress = now
        exchange.tunnel?.frames?.passed(bytes)
        exchange.responseBytes += bytes.count
        switch downstream.transport.send(bytes) {
        case .failed: abandoned(downstream)
        case .sent(let count):
            noteSent(downstream, count)
            guard count < bytes.count else { return }
            downstream.output = buffers.take(room: BufferStore.largeBytes)
            downstream.output.append(bytes.extracting(count...))
        }
    }

    /// From the client to the origin. What the origin's kernel does not take waits in `exchange.request`.
    private func relayUp(_ exchange: Exchange, _ downstream: Downstream, _ upstream: UpstreamConnection) {
        if !exchange.request.isEmpty {
            guard upstream.mayWrite else { return }
            var waiting = exchange.request.take()
            sendUp(exchange, upstream, &waiting)
            guard upstream.exchange === exchange else { return buffers.give(waiting) }
            if waiting.isEmpty { buffers.give(waiting) } else { exchange.request = waiting }
            return
        }
        buffers.give(exchange.request.take())
        var bytes: ByteBuffer
        let isKept = !downstream.input.isEmpty
        if isKept {
            bytes = downstream.input.take()
        } else {
            guard downstream.mayRead else { return }
            receiveBuffer.clear()
            let outcome = downstream.transport.receive(into: &receiveBuffer, atMost: Self.receiveBytes)
            guard note(outcome, downstream, asked: Self.receiveBytes) else { return }
            bytes = receiveBuffer.take()
        }
        exchange.tunnel?.lastProgress = now
        exchange.requestBytes += bytes.count
        sendUp(exchange, upstream, &bytes)
        if !bytes.isEmpty, upstream.exchange === exchange {
            exchange.request = buffers.take(room: BufferStore.largeBytes)
            exchange.request.append(bytes)
        }
        if isKept {
            buffers.give(bytes)
        } else {
            bytes.clear()
            receiveBuffer = bytes
        }
    }

    private func sendUp(_ exchange: Exchange, _ upstream: UpstreamConnection, _ bytes: inout ByteBuffer) {
        let asked = bytes.count
        switch upstream.transport.send(bytes) {
        case .failed:
            failed(exchange, .upstreamBodyBroken)
            endTunnel(exchange, resetsClient: true)
        case .sent(let count):
            metrics.sentToUpstream(bytes: count)
            upstream.mayWrite = count == asked
            bytes.consume(count)
        }
    }

    /// Takes note of a receive; false when there is nothing to pass on.
    private func noteTunnel(_ outcome: ReceiveOutcome, _ upstream: UpstreamConnection) -> Bool {
        switch outcome {
        case .received(let count):
            metrics.receivedFromUpstream(bytes: count)
            if !upstream.sawHangup, !upstream.transport.mayReceiveMore(count, asked: Self.receiveBytes) {
                upstream.mayRead = false
            }
            return true
        case .wouldBlock:
            upstream.mayRead = false
        case .ended:
            upstream.mayRead = false
            upstream.readEnded = true
        case .failed:
            upstream.mayRead = false
            guard let exchange = upstream.exchange else { return false }
            failed(exchange, .upstreamBodyBroken)
            endTunnel(exchange, resetsClient: true)
        }
        return false
    }

    // MARK: - Ends

    /// Passes the end of a direction on once all before it is out; with both passed the tunnel is over.
    private func passEnds(_ exchange: Exchange, _ downstream: Downstream, _ upstream: UpstreamConnection) {
        guard var tunnel = exchange.tunnel else { return }
        if downstream.readEnded, downstream.input.isEmpty, exchange.request.isEmpty, !tunnel.upstreamWasEnded {
            upstream.transport.finishSending()
            tunnel.upstreamWasEnded = true
        }
        if upstream.readEnded, upstream.input.isEmpty, downstream.output.isEmpty, !tunnel.downstreamWasEnded {
            downstream.transport.finishSending()
            tunnel.downstreamWasEnded = true
        }
        exchange.tunnel = tunnel
        if tunnel.upstreamWasEnded, tunnel.downstreamWasEnded || tunnel.isLeaving {
            endTunnel(exchange, resetsClient: false)
        }
    }

    private func endTunnel(_ exchange: Exchange, resetsClient: Bool) {
        guard let downstream = exchange.downstream else { return }
        if resetsClient { downstream.transport.socket.resetOnClose() }
        close(downstream)
    }

    /// Nothing has passed for long enough, or it is time to leave.
    func tunnelDue(_ downstream: Downstream) {
        guard let exchange = downstream.exchange, let tunnel = exchange.tunnel else { return close(downstream) }
        if tunnel.leaveAt > 0, tunnel.leaveAt <= now { return leave(exchange, downstream) }
        let limit = UInt64(table.timeouts.tunnelIdleMilliseconds) &* 1_000_000
        if limit > 0, now &- tunnel.lastProgress >= limit {
            failed(exchange, .tunnelIdle)
            return endTunnel(exchange, resetsClient: false)
        }
        setTunnelDeadline(downstream, tunnel)
    }

    private func setTunnelDeadline(_ downstream: Downstream, _ tunnel: Tunnel) {
        let limit = UInt64(table.timeouts.tunnelIdleMilliseconds) &* 1_000_000
        var next = limit == 0 ? UInt64.max : tunnel.lastProgress &+ limit
        if tunnel.leaveAt > 0 { next = min(next, tunnel.leaveAt) }
        setDeadline(downstream, afterNanoseconds: next == .max ? 0 : max(1, next &- min(next, now)))
    }

    // MARK: - Leaving

    /// When the gateway drains, each tunnel gets a moment of its own to leave: clients that all reconnect at once would fall upon
    /// whoever comes next.
    func spreadTunnels(graceMilliseconds: Int) {
        // The last fifth is for closing handshakes.
        let span = max(1, graceMilliseconds * 4 / 5)
        for downstream in downstreams.all where downstream.state == .tunnelling {
            guard let exchange = downstream.exchange, exchange.tunnel != nil else { continue }
            exchange.tunnel?.leaveAt = max(1, now &+ UInt64(random.below(span)) &* 1_000_000)
            if let tunnel = exchange.tunnel { setTunnelDeadline(downstream, tunnel) }
        }
    }

    /// Tells a WebSocket client between two frames that the gateway goes away; its own close frame, which answers this one, then
    /// closes the origin's side. In the middle of a frame, or of another protocol, there is nothing one could say.
    private func leave(_ exchange: Exchange, _ downstream: Downstream) {
        guard var tunnel = exchange.tunnel else { return }
        if tunnel.isLeaving {
            return endTunnel(exchange, resetsClient: false)
        }
        guard let frames = tunnel.frames else {
            // Another protocol has the whole time of the drain.
            tunnel.leaveAt = 0
            exchange.tunnel = tunnel
            return
        }
        guard frames.isBetweenFrames, downstream.output.isEmpty else {
            tunnel.leaveAt = now &+ Self.leaveAgainNanoseconds
            exchange.tunnel = tunnel
            return setTunnelDeadline(downstream, tunnel)
        }
        tunnel.isLeaving = true
        tunnel.leaveAt = now &+ Self.leaveNanoseconds
        let saysGoodbye = !frames.hasClosed
        exchange.tunnel = tunnel
        if saysGoodbye {
            let goodbye = FrameBoundary.goingAway
            sendDown(exchange, downstream, goodbye.span)
        }
        guard !downstream.isClosed else { return }
        setTunnelDeadline(downstream, tunnel)
        schedule(downstream)
    }

    /// How long a closing handshake may take.
    static let leaveNanoseconds: UInt64 = 2_000_000_000
    /// When a frame was in the way: how soon the next try comes.
    static let leaveAgainNanoseconds: UInt64 = 50_000_000
}
