internal import Declarations

/// The checks of one upstream, or of `defaults.upstream`, that need more than one of its keys.
///
/// A problem is reported where one of the keys that cause it is written. What an upstream has from `defaults` alone was looked at
/// there, and is no problem of the upstream.
struct UpstreamChecks {
    /// The mapping.
    let node: Int
    let reading: FileReading

    /// Everything of an upstream.
    func run(_ upstream: inout UpstreamDeclaration) {
        endpoints(upstream.endpoints)
        hash(upstream)
        settings(&upstream)
    }

    /// What `defaults.upstream` has as well.
    func settings(_ upstream: inout UpstreamDeclaration) {
        pool(&upstream.pool)
        if let tls = upstream.tls, let place = written("tls"), reading.document.nodes[place].kind == .mapping {
            let checks = TLSChecks(node: place, reading: reading)
            checks.pair()
            checks.verification(tls)
        }
        if let active = upstream.health.active { self.active(active) }
        passive(&upstream.health)
        retries(&upstream)
        hedge(&upstream.hedge)
    }

    private func endpoints(_ endpoints: [EndpointDeclaration]) {
        var seen: Set<String> = []
        for endpoint in endpoints where !seen.insert("\(endpoint.host) \(endpoint.port)").inserted {
            reading.error(
                "duplicate-address", at: reading.node(of: ["endpoints"], in: node),
                "the endpoint \(endpoint.host):\(endpoint.port) is written twice",
                expected: "each endpoint once; `weight` gives it a larger share")
        }
    }

    /// A key and a consistent hash belong together.
    private func hash(_ upstream: UpstreamDeclaration) {
        guard upstream.balance != .consistentHash else {
            if written("hash") == nil {
                reading.error(
                    "missing-key", at: written("balance") ?? node,
                    "`hash` is missing: `consistent-hash` has nothing to compute it from",
                    expected: ValueShape<HashKeyDeclaration>.hashKey.expected)
            }
            return
        }
        // A choice that could not be read may have been meant to be this one.
        if let place = written("balance"), reading.document.string(place) != upstream.balance.rawValue { return }
        for key in ["hash", "hash-load-max"] {
            guard let place = written(key) else { continue }
            reading.error(
                "conflicting-keys", at: place,
                "`\(key)` has no effect with `balance: \(upstream.balance.rawValue)`",
                expected: "`balance: consistent-hash`, or no `\(key)`")
        }
    }

    private func pool(_ pool: inout PoolDeclaration) {
        guard pool.idleMax > pool.connectionsMax else { return }
        if let place = written("pool", "idle-max") {
            reading.error(
                "out-of-range", at: place,
                "`idle-max` is \(pool.idleMax), more than the \(pool.connectionsMax) of `connections-max`",
                expected: "idle-max of at most \(pool.connectionsMax)")
        }
        pool.idleMax = pool.connectionsMax
    }

    private func active(_ active: ActiveHealthDeclaration) {
        guard active.timeoutMilliseconds > active.intervalMilliseconds,
            let place = written("health", "active", "timeout") ?? written("health", "active", "interval")
        else { return }
        reading.warning(
            "overlapping-checks", at: place, "a check may take longer than `interval`, so the next one begins late",
            expected: "a `timeout` of at most `interval`")
    }

    private func passive(_ health: inout HealthDeclaration) {
        guard var passive = health.passive else { return }
        if passive.ejectMaxMilliseconds < passive.ejectMilliseconds {
            reportOrder("health", "passive", low: "eject", high: "eject-max")
            passive.ejectMaxMilliseconds = passive.ejectMilliseconds
        }
        health.passive = passive
        if passive.consecutiveFailures == 0, passive.failurePercent == 0, let place = written("health", "passive") {
            reading.warning(
                "no-effect", at: place, "neither `consecutive-failures` nor `failure-rate` ever ejects an endpoint",
                expected: "`passive: off`, or one of them")
        }
        if passive.failurePercent == 0 {
            for key in ["window", "minimum-requests"] {
                guard let place = written("health", "passive", key) else { continue }
                reading.warning(
                    "no-effect", at: place, "`\(key)` has no effect without `failure-rate`",
                    expected: "`failure-rate` beside it")
            }
        }
    }

    private func retries(_ upstream: inout UpstreamDeclaration) {
        if upstream.retries.backOffMaxMilliseconds < upstream.retries.backOffMilliseconds {
            reportOrder("retries", low: "back-off", high: "back-off-max")
            upstream.retries.backOffMaxMilliseconds = upstream.retries.backOffMilliseconds
        }
        let retries = upstream.retries
        guard retries.attempts > 1, retries.perTryMilliseconds > 0 else { return }
        let perTry = written("retries", "per-try-timeout")
        let whole = upstream.timeouts.requestMilliseconds
        if whole > 0, retries.perTryMilliseconds >= whole, let place = perTry ?? written("timeouts", "request") {
            reading.warning(
                "no-effect", at: place,
                "one attempt may take as long as the whole exchange, so there is no time for another",
                expected: "a `per-try-timeout` shorter than the time limit `request`")
        }
        if !retries.onTimeout, let place = perTry ?? written("retries", "on") {
            reading.warning(
                "no-effect", at: place, "an attempt that reaches `per-try-timeout` is not followed by another",
                expected: "`timeout` among `on`")
        }
    }

    private func hedge(_ hedge: inout HedgeDeclaration?) {
        guard let value = hedge, value.delayMaxMilliseconds < value.delayMinMilliseconds else { return }
        reportOrder("hedge", low: "delay-min", high: "delay-max")
        hedge?.delayMaxMilliseconds = value.delayMinMilliseconds
    }

    /// The upper bound is below the lower one. An upper bound that nobody wrote follows without a word.
    private func reportOrder(_ keys: String..., low: String, high: String) {
        guard let place = reading.written(keys + [high], in: node) else { return }
        reading.error(
            "out-of-range", at: place, "`\(high)` is shorter than `\(low)`", expected: "`\(low)` or longer")
    }

    private func written(_ keys: String...) -> Int? {
        reading.written(keys, in: node)
    }
}
