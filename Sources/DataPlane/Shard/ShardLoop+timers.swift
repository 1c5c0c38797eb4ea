internal import Declarations
internal import EventLoop
internal import Forwarding
internal import HTTPModel
internal import Kernel
internal import Telemetry

// Time: each connection has one deadline. Moving it costs an assignment; the wheel is touched only when it comes nearer.
extension ShardLoop {
    /// Sets when the wait for the client ends; 0 means it may take for ever.
    func setDeadline(_ downstream: Downstream, after milliseconds: Int) {
        setDeadline(downstream, afterNanoseconds: UInt64(milliseconds) &* 1_000_000)
    }

    func setDeadline(_ downstream: Downstream, afterNanoseconds nanoseconds: UInt64) {
        var deadline = nanoseconds == 0 ? 0 : now &+ nanoseconds
        if let exchange = downstream.exchange, exchange.deadline > 0 {
            deadline = deadline == 0 ? exchange.deadline : min(deadline, exchange.deadline)
        }
        downstream.deadline = deadline
        guard deadline > 0 else { return }
        let tick = TimerWheel.tick(of: deadline)
        if downstream.armedTick == 0 || tick < downstream.armedTick {
            downstream.armedTick = timers.arm(downstream.token.bits, tick: tick)
        }
    }

    /// Sets when the wait for the origin ends; 0 means it may take for ever.
    func setDeadline(_ upstream: UpstreamConnection, after milliseconds: Int) {
        guard milliseconds > 0 else {
            upstream.deadline = 0
            return
        }
        upstream.deadline = now &+ UInt64(milliseconds) &* 1_000_000
        let tick = TimerWheel.tick(of: upstream.deadline)
        if upstream.armedTick == 0 || tick < upstream.armedTick {
            upstream.armedTick = timers.arm(upstream.token.bits, tick: tick)
        }
    }

    /// What the origin is given now, by how far its answer has come.
    func upstreamLimit(_ exchange: Exchange, _ upstream: UpstreamConnection) -> Int {
        exchange.machine.answer == .awaited
            ? responseHeadLimit(upstream.cluster) : upstream.cluster.timeouts.stallMilliseconds
    }

    /// Times the client while the exchange waits for it: for its body, or for it to take the answer.
    func updateWindow(_ exchange: Exchange) {
        guard let downstream = exchange.downstream, downstream.state == .exchanging else { return }
        var kind = Downstream.Window.none
        if !downstream.output.isEmpty {
            kind = .takingAnswer
            // The origin is not to blame for a client that does not read.
            exchange.upstream?.deadline = 0
        } else if !exchange.machine.requestIsComplete, !exchange.awaitsContinue, exchange.ending == nil,
            let upstream = exchange.upstream, upstream.takesRequest,
            exchange.requestSent == exchange.request.count
        {
            kind = .sendingBody
        }
        guard kind != downstream.windowKind else { return }
        downstream.windowKind = kind
        downstream.windowStart = now
        downstream.windowBytes = 0
        setDeadline(downstream, after: kind == .none ? 0 : table.timeouts.stallMilliseconds)
    }

    /// Looks after all entries that came due. An entry that is not its owner's latest is ignored.
    func expireTimers() {
        timers.collect(nowNanoseconds: now, into: &dueTimers)
        guard !dueTimers.isEmpty else { return }
        let entries = dueTimers
        for entry in entries {
            let token = SlotToken(bits: entry.token)
            switch token.kind {
            case Kind.downstream:
                if let downstream = downstreams[token], downstream.armedTick == entry.tick { due(downstream) }
            case Kind.upstream:
                if let upstream = upstreams[token], upstream.armedTick == entry.tick { due(upstream) }
            case Kind.attempt:
                alarmDue(token)
            default:
                resumeAccepting()
            }
        }
    }

    private func due(_ downstream: Downstream) {
        downstream.armedTick = 0
        guard downstream.deadline > 0 else { return }
        if downstream.deadline > now {
            downstream.armedTick = timers.arm(downstream.token.bits, tick: TimerWheel.tick(of: downstream.deadline))
            return
        }
        switch downstream.state {
        case .idle, .discarding, .lingering: close(downstream)
        case .readingProxyHeader: close(downstream)
        case .handshaking:
            downstream.listener.metrics.handshakeFailed(.timeout)
            close(downstream)
        case .readingHead:
            if downstream.delay == .running {
                delayOver(downstream)
            } else if downstream.isParked {
                keysOverdue(downstream)
            } else {
                refuse(downstream, .requestTimeout)
            }
        case .exchanging: exchangeDue(downstream)
        case .tunnelling: tunnelDue(downstream)
        }
    }

    /// The whole exchange took too long, or the client has not moved enough in this stall period.
    private func exchangeDue(_ downstream: Downstream) {
        guard let exchange = downstream.exchange else { return close(downstream) }
        if exchange.deadline > 0, exchange.deadline <= now {
            if let upstream = exchange.upstream { drop(upstream) }
            return exchange.machine.answer == .awaited
                ? answer(exchange, .requestDeadline) : cut(exchange, .requestDeadline)
        }
        let elapsed = Int((now &- downstream.windowStart) / 1_000_000)
        let needed = max(1, table.limits.minimumRateBytesPerSecond &* elapsed / 1_000)
        if downstream.windowBytes >= needed || downstream.windowKind == .none {
            downstream.windowStart = now
            downstream.windowBytes = 0
            return setDeadline(
                downstream, after: downstream.windowKind == .none ? 0 : table.timeouts.stallMilliseconds)
        }
        switch downstream.windowKind {
        case .sendingBody: requestBodyFailed(exchange, .requestBodyTimeout)
        case .takingAnswer:
            if exchange.machine.answer != .complete { return cut(exchange, .downstreamTooSlow) }
            failed(exchange, .downstreamTooSlow)
            downstream.transport.socket.resetOnClose()
            close(downstream)
        case .none: break
        }
    }

    private func due(_ upstream: UpstreamConnection) {
        upstream.armedTick = 0
        guard upstream.deadline > 0 else { return }
        if upstream.deadline > now {
            upstream.armedTick = timers.arm(upstream.token.bits, tick: TimerWheel.tick(of: upstream.deadline))
            return
        }
        switch upstream.state {
        case .idle: discardIdle(upstream)
        case .connecting, .handshaking:
            upstream.cluster.metrics.connectFailed()
            upstreamBroke(upstream, .connectTimeout)
        case .tunnelling: break
        case .busy:
            let isBody = upstream.exchange?.machine.answer == .flowing
            upstreamBroke(upstream, isBody ? .upstreamBodyTimeout : .responseTimeout)
        }
    }
}
