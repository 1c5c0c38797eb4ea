internal import Declarations
internal import EventLoop
internal import HTTPModel
internal import Kernel
internal import Telemetry
internal import Upstreams

// Queue: exchanges that wait for a connection, or for the time of their next attempt.
extension ShardLoop {
    /// All connections that there may be are busy: the exchange waits its turn, for a bounded time.
    func enqueue(_ exchange: Exchange, _ cluster: Cluster) {
        guard let downstream = exchange.downstream else { return }
        let limit = cluster.plan.declaration.queue.timeoutMilliseconds
        var deadline = limit > 0 ? now &+ UInt64(limit) &* 1_000_000 : UInt64.max
        if exchange.deadline > 0 { deadline = min(deadline, exchange.deadline) }
        switch cluster.queue.enqueue(downstream.token.bits, deadline: deadline) {
        case .full:
            answer(exchange, .poolExhausted)
        case .waits(let place):
            cluster.metrics.queuedChanged(by: 1)
            exchange.attempt.waiting = .queued(place)
            if deadline != .max { setAlarm(exchange, deadline) }
        }
    }

    /// A connection has become free, or there is room for another.
    func freed(_ cluster: Cluster) {
        guard cluster.queue.count > 0, !cluster.mayServeQueue else { return }
        cluster.mayServeQueue = true
        readyQueues.append(cluster)
    }

    /// Gives what has become free to those who have waited longest.
    func serveQueues() {
        let ready = readyQueues
        readyQueues.removeAll(keepingCapacity: true)
        for cluster in ready {
            cluster.mayServeQueue = false
            // One that finds no room after all goes back to the end of the queue, so the queue's length is work enough.
            for _ in 0..<cluster.queue.count {
                guard hasRoom(cluster), let bits = cluster.queue.next(now) else { break }
                cluster.metrics.queuedChanged(by: -1)
                guard let exchange = downstreams[SlotToken(bits: bits)]?.exchange, exchange.cluster === cluster,
                    case .queued = exchange.attempt.waiting
                else { continue }
                exchange.attempt.waiting = .none
                exchange.attempt.alarm = 0
                // Its turn has come: those behind it do not make it wait once more.
                exchange.attempt.isNext = true
                startAttempt(exchange)
                exchange.attempt.isNext = false
            }
        }
    }

    private func hasRoom(_ cluster: Cluster) -> Bool {
        let most = cluster.plan.declaration.pool.connectionsMax
        for index in cluster.endpoints.indices where cluster.balancer.mayUse(index) {
            if cluster.endpoints[index].pool.idleCount > 0 || cluster.endpoints[index].pool.openCount < most {
                return true
            }
        }
        return false
    }

    /// The exchange no longer waits for anything.
    func stopWaiting(_ exchange: Exchange, _ cluster: Cluster) {
        if case .queued(let place) = exchange.attempt.waiting, cluster.queue.remove(place) == .removed {
            cluster.metrics.queuedChanged(by: -1)
        }
        exchange.attempt.waiting = .none
        exchange.attempt.alarm = 0
    }

    // MARK: - Alarms

    /// Foresees that something is to be done for an exchange at this time.
    func setAlarm(_ exchange: Exchange, _ time: UInt64) {
        guard let downstream = exchange.downstream else { return }
        exchange.attempt.alarm = max(1, time)
        armAlarm(downstream, time)
    }

    private func armAlarm(_ downstream: Downstream, _ time: UInt64) {
        let token = SlotToken(
            kind: Kind.attempt, generation: downstream.token.generation, index: downstream.token.index)
        _ = timers.arm(token.bits, tick: TimerWheel.tick(of: time))
    }

    /// An alarm went off; one that was moved, or meant for an exchange that is over, is nothing.
    func alarmDue(_ token: SlotToken) {
        let own = SlotToken(kind: Kind.downstream, generation: token.generation, index: token.index)
        guard let downstream = downstreams[own], let exchange = downstream.exchange, exchange.attempt.alarm > 0,
            let cluster = exchange.cluster
        else { return }
        guard exchange.attempt.alarm <= now else { return armAlarm(downstream, exchange.attempt.alarm) }
        exchange.attempt.alarm = 0
        switch exchange.attempt.waiting {
        case .backOff:
            exchange.attempt.waiting = .none
            startAttempt(exchange)
        case .queued:
            stopWaiting(exchange, cluster)
            answer(exchange, exchange.deadline > 0 && exchange.deadline <= now ? .requestDeadline : .queueTimeout)
        case .none:
            startRival(exchange, cluster)
        }
    }
}
