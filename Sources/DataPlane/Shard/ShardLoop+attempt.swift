internal import Declarations
internal import EventLoop
internal import Forwarding
internal import HTTP1
internal import HTTPModel
internal import Kernel
internal import Limits
internal import Telemetry
internal import Upstreams

// Attempt: an exchange's tries at its upstream, one after the other, all within one deadline and one budget.
extension ShardLoop {
    /// Asks the upstream's breaker, and counts the exchange; false when it was answered instead.
    func admit(_ exchange: Exchange, _ cluster: Cluster) -> Bool {
        if cluster.adaptive != nil {
            guard cluster.adaptive?.begin() == .admitted else {
                answerLater(exchange, .upstreamSaturated, milliseconds: 1_000)
                return false
            }
            exchange.attempt.isAdaptive = true
        }
        if let admission = cluster.breaker?.admit(now) {
            switch admission {
            case .admitted(let ticket), .probe(let ticket):
                exchange.attempt.ticket = ticket
            case .refused(let milliseconds):
                cluster.metrics.breakerRefused()
                answerLater(exchange, .circuitOpen, milliseconds: milliseconds)
                return false
            }
        }
        cluster.budget.exchangeStarted(now)
        exchange.attempt.isBudgeted = true
        return true
    }

    /// Begins the next attempt: an endpoint that was not tried yet if there is one, a connection, or a place in the queue.
    func startAttempt(_ exchange: Exchange) {
        guard let cluster = exchange.cluster else { return }
        // What comes too late is not worth an upstream's time.
        if exchange.deadline > 0, exchange.deadline <= now { return answer(exchange, .requestDeadline) }
        // Nobody overtakes those who wait already.
        if cluster.queue.count > 0, exchange.attempt.count == 0, !exchange.attempt.isNext {
            return enqueue(exchange, cluster)
        }
        var passedOver = exchange.attempt.tried
        for _ in 0..<Self.fullPoolsPassedOver {
            guard let endpoint = pick(exchange, cluster, avoiding: passedOver) else {
                return answer(exchange, .noEndpoint)
            }
            if begin(exchange, cluster, at: endpoint) { return }
            passedOver.insert(endpoint)
        }
        enqueue(exchange, cluster)
    }

    /// Full pools that are passed over in search of one with room.
    static let fullPoolsPassedOver = 3

    private func pick(_ exchange: Exchange, _ cluster: Cluster, avoiding: EndpointSet) -> Int? {
        let sticky = exchange.attempt.sticky
        if sticky >= 0, cluster.balancer.mayUse(sticky), !avoiding.contains(sticky) { return sticky }
        return cluster.balancer.pick(
            active: cluster.active, hashKey: exchange.attempt.hashKey, avoiding: avoiding, now: now, random: &random)
    }

    /// Tries an endpoint; false when its pool is full.
    private func begin(_ exchange: Exchange, _ cluster: Cluster, at endpoint: Int) -> Bool {
        setActive(exchange, false)
        exchange.endpoint = endpoint
        setActive(exchange, true)
        exchange.attempt.started = now
        exchange.attempt.count += 1
        guard connect(exchange, fresh: false) else {
            exchange.attempt.count -= 1
            setActive(exchange, false)
            return false
        }
        // The attempt may have failed on the spot, and another may have begun since.
        if exchange.endpoint == endpoint, exchange.isOpen { foreseeRival(exchange, cluster) }
        return true
    }

    private func setActive(_ exchange: Exchange, _ isActive: Bool) {
        guard exchange.isActive != isActive, let cluster = exchange.cluster, exchange.endpoint >= 0 else { return }
        exchange.isActive = isActive
        cluster.active[exchange.endpoint] += isActive ? 1 : -1
    }

    // MARK: - Failing

    /// An attempt came to nothing, and nothing of an answer has gone out: again, as far as that is safe, or an answer of our own.
    func attemptFailed(_ exchange: Exchange, _ error: GatewayError) {
        guard let cluster = exchange.cluster else { return answer(exchange, error) }
        noteFailure(exchange, cluster)
        // Part of an answer means that the request was worked on, whatever the method promises.
        guard let failure = Self.failure(error), !exchange.machine.hasReceivedBytes,
            case .again(let milliseconds) = decide(exchange, cluster, failure)
        else {
            report(exchange, .gatewayFailure)
            return answer(exchange, error)
        }
        // Another endpoint did nothing to be waited for.
        attemptAgain(exchange, cluster, milliseconds: hasUntried(exchange, cluster) ? 0 : milliseconds)
    }

    /// The next attempt was granted. It never begins here and now: whoever called may still have its hands on the last one.
    private func attemptAgain(_ exchange: Exchange, _ cluster: Cluster, milliseconds: Int) {
        cluster.metrics.requestRetried()
        exchange.attempt.extra += 1
        setActive(exchange, false)
        exchange.attempt.waiting = .backOff
        if milliseconds > 0 {
            setAlarm(exchange, now &+ UInt64(milliseconds) &* 1_000_000)
        } else if let downstream = exchange.downstream {
            exchange.attempt.alarm = now
            attemptsNow.append(downstream.token)
        }
    }

    private func hasUntried(_ exchange: Exchange, _ cluster: Cluster) -> Bool {
        for index in cluster.endpoints.indices
        where cluster.balancer.mayUse(index) && !exchange.attempt.tried.contains(index) { return true }
        return false
    }

    /// Begins the attempts that need not wait.
    func serveAttempts() {
        let tokens = attemptsNow
        attemptsNow.removeAll(keepingCapacity: true)
        for token in tokens {
            guard let exchange = downstreams[token]?.exchange, exchange.attempt.alarm > 0,
                case .backOff = exchange.attempt.waiting
            else { continue }
            exchange.attempt.waiting = .none
            exchange.attempt.alarm = 0
            startAttempt(exchange)
        }
    }

    private func decide(_ exchange: Exchange, _ cluster: Cluster, _ failure: AttemptFailure) -> RetryDecision {
        exchange.attempt.tried.insert(exchange.endpoint)
        return cluster.retries.afterFailure(
            failure,
            RetrySituation(
                attempts: exchange.attempt.count, isIdempotent: exchange.machine.isIdempotent,
                sentBytes: exchange.machine.hasSentBytes, holdsWholeRequest: exchange.machine.holdsWholeRequest,
                deadline: exchange.deadline),
            now: now, budget: &cluster.budget, random: &random)
    }

    /// What the policy calls it; `nil` for what no other endpoint would do better.
    private static func failure(_ error: GatewayError) -> AttemptFailure? {
        switch error {
        case .connectFailed, .connectTimeout, .upstreamTLSFailed: .connectFailed
        case .upstreamClosed: .reset
        case .responseTimeout: .timedOut
        default: nil
        }
    }

    /// A response head whose status is on the list of those that are not passed on, if another attempt is safe and there is room
    /// for it: the response is dropped, and the next attempt begins in its time.
    func isRepeated(_ exchange: Exchange, _ upstream: UpstreamConnection, _ head: Span<UInt8>) -> Bool {
        let cluster = upstream.cluster
        guard cluster.plan.declaration.retries.onStatuses.contains(responseHead.status), exchange.cluster === cluster
        else { return false }
        var retryAfter: Int?
        for entry in responseHead.fields.entries where entry.known == .retryAfter {
            retryAfter = RetryAfter.milliseconds(
                head.extracting(entry.value.indices), wallMilliseconds: wallMilliseconds)
        }
        let failure = AttemptFailure.status(responseHead.status, retryAfterMilliseconds: retryAfter)
        guard case .again(let milliseconds) = decide(exchange, cluster, failure) else { return false }
        cluster.metrics.headReceived(
            status: responseHead.status, durationNanoseconds: now &- exchange.attempt.started)
        noteStatus(exchange, cluster, responseHead.status)
        drop(upstream)
        // Whatever interim answers came, no final head has gone out.
        flushScratch(exchange)
        guard exchange.downstream != nil else { return true }
        let isFree = retryAfter == nil && hasUntried(exchange, cluster)
        attemptAgain(exchange, cluster, milliseconds: isFree ? 0 : milliseconds)
        return true
    }

    // MARK: - What is learnt

    /// The final head goes to the client: whatever the endpoint does now, it has answered.
    func headAnswered(_ exchange: Exchange, _ upstream: UpstreamConnection) {
        let cluster = upstream.cluster
        if cluster.hedge != nil {
            cluster.hedge?.headReceived(afterNanoseconds: now &- exchange.attempt.started, now: now)
        }
        noteStatus(exchange, cluster, responseHead.status)
        if exchange.attempt.ticket != nil {
            report(exchange, Self.isGatewayFailure(responseHead.status) ? .gatewayFailure : .success)
        }
    }

    private static func isGatewayFailure(_ status: Int) -> Bool { status >= 502 && status <= 504 }

    private func noteStatus(_ exchange: Exchange, _ cluster: Cluster, _ status: Int) {
        if Self.isGatewayFailure(status) { return noteFailure(exchange, cluster) }
        let endpoint = exchange.endpoint
        guard endpoint >= 0, endpoint < cluster.endpoints.count else { return }
        if cluster.plan.declaration.balance == .leastLatency {
            cluster.balancer.latencyMeasured(now &- exchange.attempt.started, endpoint: endpoint, now: now)
        }
        guard endpoint < cluster.tallies.count else { return }
        cluster.tallies[endpoint].succeeded(now)
        foreseeReport(cluster.tallies[endpoint].dueAt)
    }

    /// The endpoint did not do its part, be it before an answer or in the middle of one.
    func noteFailure(_ exchange: Exchange, _ cluster: Cluster) {
        let endpoint = exchange.endpoint
        guard endpoint >= 0, endpoint < cluster.endpoints.count else { return }
        if cluster.plan.declaration.balance == .leastLatency {
            cluster.balancer.latencyFailed(
                afterNanoseconds: now &- exchange.attempt.started, endpoint: endpoint, now: now)
        }
        guard endpoint < cluster.tallies.count else { return }
        _ = cluster.tallies[endpoint].failed(now)
        foreseeReport(cluster.tallies[endpoint].dueAt)
    }

    private func foreseeReport(_ due: UInt64) {
        if due < reportsDueAt { reportsDueAt = due }
    }

    /// Tells the breaker, once.
    private func report(_ exchange: Exchange, _ outcome: CircuitBreaker.Outcome) {
        guard let ticket = exchange.attempt.ticket else { return }
        exchange.attempt.ticket = nil
        exchange.cluster?.breaker?.record(outcome, ticket, now: now)
    }

    /// Tells the control plane how exchanges ended, as far as that is due.
    func reportHealth() {
        reportsDueAt = .max
        var reports: [EndpointReport] = []
        for cluster in clusters {
            for index in cluster.tallies.indices {
                let due = cluster.tallies[index].dueAt
                guard due != .max else { continue }
                guard due <= now else {
                    reportsDueAt = min(reportsDueAt, due)
                    continue
                }
                let report = cluster.tallies[index].takeReport()
                reports.append(
                    EndpointReport(
                        upstream: cluster.plan.declaration.id, endpoint: cluster.endpoints[index].identity,
                        report: report))
            }
        }
        if !reports.isEmpty { options.health?.passiveReports(reports) }
    }

    /// What an exchange tells of the upstream's load.
    private static func load(_ exchange: Exchange) -> AdaptiveLimit.Outcome {
        switch exchange.error {
        case .responseTimeout, .upstreamClosed, .queueTimeout, .poolExhausted, .connectTimeout, .requestDeadline:
            return .dropped
        case nil where exchange.upstreamNanoseconds >= 0:
            return exchange.status == 503
                ? .dropped : .responded(latencyNanoseconds: UInt64(exchange.upstreamNanoseconds))
        default: return .ignored
        }
    }

    // MARK: - The end of all attempts

    /// Gives back whatever the attempts held.
    func endAttempts(_ exchange: Exchange) {
        dropRival(exchange)
        setActive(exchange, false)
        guard let cluster = exchange.cluster else { return }
        stopWaiting(exchange, cluster)
        report(exchange, .abandoned)
        if exchange.attempt.isAdaptive {
            exchange.attempt.isAdaptive = false
            cluster.adaptive?.ended(Self.load(exchange), now: now)
        }
        while exchange.attempt.extra > 0 {
            exchange.attempt.extra -= 1
            cluster.budget.extraAttemptEnded()
        }
        if exchange.attempt.isBudgeted {
            exchange.attempt.isBudgeted = false
            cluster.budget.exchangeEnded()
        }
    }
}
