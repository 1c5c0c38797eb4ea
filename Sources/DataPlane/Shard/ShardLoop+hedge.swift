internal import Declarations
internal import EventLoop
internal import Forwarding
internal import HTTPModel
internal import Kernel
internal import Telemetry
internal import Upstreams

// Hedge: when the first attempt takes longer than most, a rival runs beside it. The first to speak wins; the other is cancelled.
extension ShardLoop {
    /// Foresees a rival for the attempt that has just begun.
    func foreseeRival(_ exchange: Exchange, _ cluster: Cluster) {
        guard cluster.hedge != nil, exchange.attempt.count == 1, exchange.upgrade < 0,
            exchange.machine.requestIsComplete,
            let delay = cluster.hedge?.delayNanoseconds(
                isIdempotent: exchange.machine.isIdempotent, holdsWholeRequest: exchange.machine.holdsWholeRequest,
                now: now)
        else { return }
        setAlarm(exchange, now &+ delay)
    }

    /// Starts the rival at another endpoint, if the first attempt is still silent and the budget has room.
    func startRival(_ exchange: Exchange, _ cluster: Cluster) {
        guard exchange.isOpen, exchange.machine.answer == .awaited, exchange.upstream != nil,
            exchange.attempt.rival == nil, cluster.balancer.availableCount > 1
        else { return }
        exchange.attempt.tried.insert(exchange.endpoint)
        guard
            let endpoint = cluster.balancer.pick(
                active: cluster.active, hashKey: exchange.attempt.hashKey, avoiding: exchange.attempt.tried, now: now,
                random: &random),
            !exchange.attempt.tried.contains(endpoint), cluster.budget.takeExtraAttempt(now) == .granted
        else { return }
        exchange.attempt.extra += 1
        exchange.attempt.tried.insert(endpoint)
        cluster.metrics.requestHedged()
        switch cluster.endpoints[endpoint].pool.acquire(fresh: false) {
        case .exhausted: break
        case .reuse(let bits):
            cluster.metrics.idleConnectionsChanged(by: -1)
            guard let upstream = upstreams[SlotToken(bits: bits)] else {
                preconditionFailure("an idle connection is in the table")
            }
            attach(upstream, to: exchange)
            upstream.state = .busy
            setDeadline(upstream, after: responseHeadLimit(cluster))
            sendRival(exchange, upstream)
        case .open:
            openRival(exchange, cluster, endpoint)
        }
    }

    private func attach(_ upstream: UpstreamConnection, to exchange: Exchange) {
        upstream.exchange = exchange
        upstream.isRival = true
        exchange.attempt.rival = upstream
        beginRivalSpan(exchange, upstream.endpoint)
        upstream.cluster.metrics.activeConnectionsChanged(by: 1)
    }

    private func openRival(_ exchange: Exchange, _ cluster: Cluster, _ endpoint: Int) {
        do {
            let upstream = try openConnection(cluster, endpoint)
            attach(upstream, to: exchange)
            setDeadline(upstream, after: cluster.timeouts.connectMilliseconds)
        } catch {
            cluster.endpoints[endpoint].pool.closed()
            cluster.metrics.connectFailed()
        }
    }

    /// Sends the whole request once more. One that the kernel does not take at once is not worth a race.
    func sendRival(_ exchange: Exchange, _ upstream: UpstreamConnection) {
        var request = exchange.request.take()
        // The rival is a span of its own; the first attempt may not have sent its own yet, and gets it back.
        exchange.trace?.writeRival(into: &request)
        let outcome = upstream.transport.send(request.readable)
        let wanted = request.count
        exchange.trace?.writeCurrent(into: &request)
        swap(&exchange.request, &request)
        guard case .sent(let count) = outcome, count == wanted else { return drop(upstream) }
        metrics.sentToUpstream(bytes: count)
    }

    /// The rival spoke first: the slower attempt is cancelled.
    func win(_ exchange: Exchange, _ upstream: UpstreamConnection) {
        if let slower = exchange.upstream { drop(slower) }
        takePlace(exchange, upstream)
    }

    /// The first attempt failed while a rival runs: nothing is lost yet. False when there is none.
    func promoteRival(_ exchange: Exchange) -> Bool {
        guard exchange.machine.answer == .awaited, let rival = exchange.attempt.rival, let cluster = exchange.cluster
        else { return false }
        noteFailure(exchange, cluster)
        takePlace(exchange, rival)
        return true
    }

    private func takePlace(_ exchange: Exchange, _ upstream: UpstreamConnection) {
        exchange.attempt.rival = nil
        upstream.isRival = false
        exchange.upstream = upstream
        if exchange.isActive, let cluster = exchange.cluster {
            cluster.active[exchange.endpoint] -= 1
            cluster.active[upstream.endpoint] += 1
        }
        exchange.endpoint = upstream.endpoint
        exchange.machine.attemptStarted(onPooledConnection: false)
        exchange.trace?.rivalTakesPlace(&exchange.request)
        // One that is still being connected sends when it is.
        let isOut = upstream.state == .busy
        exchange.requestSent = isOut ? exchange.request.count : 0
        if isOut { exchange.machine.requestBytesSent() }
    }

    /// Cancels the rival, if there is one.
    func dropRival(_ exchange: Exchange) {
        if let rival = exchange.attempt.rival { drop(rival) }
    }
}
