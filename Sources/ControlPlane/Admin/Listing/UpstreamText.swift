public import Declarations

/// The settings of an upstream as they are in force, defaults included, in the words of `routes.yaml`.
public enum UpstreamText {
    /// One setting: the key, and its value as it would be written on one line.
    public struct Setting: Sendable, Equatable {
        public var key: String
        public var value: String
    }

    /// What the upstream has, in the order of the documentation; what is off by default is listed when it is on.
    public static func settings(_ upstream: UpstreamDeclaration) -> [Setting] {
        let rows: [(String, String?)] = [
            ("hash", upstream.hashKey.map(hash)),
            ("hash-load-max", upstream.hashKey == nil ? nil : percent(upstream.hashLoadPercentMax)),
            ("sticky-cookie", upstream.stickyCookie.map(cookie)),
            ("slow-start", upstream.slowStartMilliseconds == 0 ? nil : duration(upstream.slowStartMilliseconds)),
            ("tls", upstream.tls.map(tls)),
            ("proxy-protocol", upstream.proxyProtocol?.rawValue),
            ("pool", pool(upstream.pool)),
            ("timeouts", timeouts(upstream.timeouts)),
            ("health", health(upstream.health)),
            ("retries", retries(upstream.retries)),
            ("retry-budget", budget(upstream)),
            ("hedge", upstream.hedge.map(hedge)),
            ("breaker", upstream.breaker.map(breaker)),
            ("queue", queue(upstream.queue)),
            ("adaptive-concurrency", adaptive(upstream.adaptive)),
            ("trace-headers", traceHeaders(upstream)),
        ]
        return rows.compactMap { key, value in value.map { Setting(key: key, value: $0) } }
    }

    /// Listed where it was written: without `tracing` it has no effect.
    private static func traceHeaders(_ upstream: UpstreamDeclaration) -> String? {
        let formats = upstream.traceHeaders
        if formats == UpstreamDeclaration(id: "", endpoints: []).traceHeaders { return nil }
        return formats.isEmpty ? "off" : "[" + formats.map(\.rawValue).joined(separator: ", ") + "]"
    }

    /// Milliseconds in the largest unit that says them exactly; 0 is `off`.
    public static func duration(_ milliseconds: Int) -> String {
        guard milliseconds > 0 else { return "off" }
        for (unit, factor) in [("h", 3_600_000), ("m", 60_000), ("s", 1_000)]
        where milliseconds.isMultiple(of: factor) {
            return "\(milliseconds / factor)\(unit)"
        }
        return "\(milliseconds)ms"
    }

    private static func percent(_ value: Int) -> String {
        value == 0 ? "off" : "\(value)%"
    }

    private static func mapping(_ members: [(String, String?)]) -> String {
        let written = members.compactMap { key, value in value.map { "\(key): \($0)" } }
        return "{ " + written.joined(separator: ", ") + " }"
    }

    /// A text, in quotes where YAML wants them between brackets.
    private static func quoted(_ text: String) -> String {
        guard text.isEmpty || text.contains(where: { ",{}[]:#\"'\\ ".contains($0) }) else { return text }
        return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }

    private static func hash(_ key: HashKeyDeclaration) -> String {
        switch key {
        case .clientAddress: "client-address"
        case .header(let name): mapping([("header", name)])
        case .cookie(let name): mapping([("cookie", name)])
        case .capture(let name): mapping([("capture", name)])
        }
    }

    private static func cookie(_ cookie: StickyCookieDeclaration) -> String {
        mapping([
            ("name", cookie.name), ("max-age", duration(cookie.maxAgeSeconds * 1_000)), ("secure", "\(cookie.secure)"),
        ])
    }

    private static func tls(_ tls: UpstreamTLSDeclaration) -> String {
        mapping([
            ("server-name", tls.serverName), ("authorities", tls.authoritiesFile.map(quoted)),
            ("certificate", tls.certificate.map { quoted($0.chainFile) }),
            ("key", tls.certificate.map { quoted($0.keyFile) }), ("verify", "\(tls.verifies)"),
            ("minimum-version", tls.minimumVersion.rawValue),
        ])
    }

    private static func pool(_ pool: PoolDeclaration) -> String {
        mapping([
            ("connections-max", "\(pool.connectionsMax)"), ("idle-max", "\(pool.idleMax)"),
            ("idle-timeout", duration(pool.idleMilliseconds)),
        ])
    }

    private static func timeouts(_ timeouts: UpstreamTimeoutsDeclaration) -> String {
        mapping([
            ("connect", duration(timeouts.connectMilliseconds)),
            ("response-head", duration(timeouts.responseHeadMilliseconds)),
            ("stall", duration(timeouts.stallMilliseconds)), ("request", duration(timeouts.requestMilliseconds)),
        ])
    }

    private static func health(_ health: HealthDeclaration) -> String {
        mapping([
            ("panic", percent(health.panicPercent)), ("active", health.active.map(active) ?? "off"),
            ("passive", health.passive.map(passive) ?? "off"),
        ])
    }

    private static func active(_ active: ActiveHealthDeclaration) -> String {
        let statuses = active.statuses.map {
            $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
        }
        return mapping([
            ("path", quoted(active.path)), ("statuses", "[" + statuses.joined(separator: ", ") + "]"),
            ("interval", duration(active.intervalMilliseconds)), ("timeout", duration(active.timeoutMilliseconds)),
            ("healthy-after", "\(active.healthyAfter)"), ("unhealthy-after", "\(active.unhealthyAfter)"),
            ("port", active.port.map { "\($0)" }), ("host", active.host.map(quoted)),
        ])
    }

    private static func passive(_ passive: PassiveHealthDeclaration) -> String {
        let hasShare = passive.failurePercent > 0
        return mapping([
            ("consecutive-failures", "\(passive.consecutiveFailures)"),
            ("failure-rate", percent(passive.failurePercent)),
            ("window", hasShare ? duration(passive.windowMilliseconds) : nil),
            ("minimum-requests", hasShare ? "\(passive.minimumRequests)" : nil),
            ("eject", duration(passive.ejectMilliseconds)), ("eject-max", duration(passive.ejectMaxMilliseconds)),
            ("ejected-max", "\(passive.ejectedPercentMax)%"),
        ])
    }

    private static func retries(_ retries: RetryDeclaration) -> String {
        guard retries.attempts > 1 else { return "off" }
        let words = [
            (retries.onConnectFailure, "connect-failure"), (retries.onReset, "reset"), (retries.onTimeout, "timeout"),
        ]
        let reasons = words.filter(\.0).map(\.1) + retries.onStatuses.map { "\($0)" }
        return mapping([
            ("attempts", "\(retries.attempts)"), ("on", "[" + reasons.joined(separator: ", ") + "]"),
            ("per-try-timeout", duration(retries.perTryMilliseconds)),
            ("back-off", duration(retries.backOffMilliseconds)),
            ("back-off-max", duration(retries.backOffMaxMilliseconds)),
            ("retry-after-max", duration(retries.retryAfterMaxMilliseconds)),
        ])
    }

    /// Without retries and hedges there is nothing that it bounds.
    private static func budget(_ upstream: UpstreamDeclaration) -> String? {
        guard upstream.retries.attempts > 1 || upstream.hedge != nil else { return nil }
        return mapping([
            ("share", "\(upstream.retryBudget.percent)%"), ("minimum", "\(upstream.retryBudget.minimum)"),
        ])
    }

    private static func hedge(_ hedge: HedgeDeclaration) -> String {
        mapping([
            ("percentile", "\(hedge.percentile)"), ("delay-min", duration(hedge.delayMinMilliseconds)),
            ("delay-max", duration(hedge.delayMaxMilliseconds)),
        ])
    }

    private static func breaker(_ breaker: BreakerDeclaration) -> String {
        mapping([
            ("failure-rate", "\(breaker.failurePercent)%"), ("window", duration(breaker.windowMilliseconds)),
            ("minimum-requests", "\(breaker.minimumRequests)"), ("open", duration(breaker.openMilliseconds)),
            ("probes", "\(breaker.probes)"),
        ])
    }

    private static func adaptive(_ adaptive: AdaptiveLimitDeclaration?) -> String {
        guard let adaptive else { return "off" }
        return mapping([
            ("minimum", "\(adaptive.minimum)"), ("maximum", "\(adaptive.maximum)"), ("initial", "\(adaptive.initial)"),
            ("tolerance", "\(adaptive.tolerancePercent)%"),
        ])
    }

    private static func queue(_ queue: QueueDeclaration) -> String {
        guard queue.pendingMax > 0 else { return "off" }
        return mapping([("pending-max", "\(queue.pendingMax)"), ("timeout", duration(queue.timeoutMilliseconds))])
    }
}
