public import Declarations

/// Decides which endpoints of an upstream get exchanges, from checks and from what the shards report. One per upstream, in the
/// control plane.
///
/// It must never take more endpoints out for their exchanges than the declaration allows; checks have no such bound, because they
/// ask each endpoint by itself (the balancer's panic is the last resort then). The surprising part: an endpoint begins as available,
/// and the first word about it may be bad.
///
/// Endpoints are named by identity, not by index, so that a report that crosses a change of the list meets the right endpoint or none.
public struct HealthMachine: Sendable {
    private(set) var declaration: HealthDeclaration
    private(set) var records: [String: EndpointRecord] = [:]
    /// In the order given, each once.
    public private(set) var endpoints: [String] = []
    private(set) var ejectedCount = 0
    private var changes: [HealthChange] = []

    /// All available.
    public init(_ declaration: HealthDeclaration, endpoints: [String]) {
        self.declaration = declaration
        enlist(endpoints)
    }

    /// What is thought of an endpoint; `nil` for one that is not in the list.
    public func health(of endpoint: String) -> EndpointHealth? { records[endpoint]?.health }

    /// Endpoints that get exchanges.
    public var availableCount: Int { records.values.count { $0.health == .available } }

    /// The changes since the last time, oldest first.
    public mutating func takeChanges() -> [HealthChange] {
        defer { changes = [] }
        return changes
    }

    // MARK: - The list

    /// Another list, and perhaps another declaration. Endpoints that stay keep what is known of them; the others begin as available.
    /// No change is told of those that go.
    public mutating func replaceEndpoints(
        _ endpoints: [String], declaration: HealthDeclaration? = nil, now: UInt64
    ) {
        let old = self.declaration
        if let declaration { self.declaration = declaration }
        let isKnown = Set(endpoints)
        records = records.filter { isKnown.contains($0.key) }
        enlist(endpoints)
        recount()
        for endpoint in self.endpoints {
            if self.declaration.active == nil {
                update(endpoint, "no more checks") { $0.checks = ChecksRecord() }
            }
            if self.declaration.passive == nil {
                update(endpoint, "exchanges are no longer judged") { $0.endEjection(now) }
            } else if old.passive != self.declaration.passive {
                records[endpoint]?.resetWindow(self.declaration.passive)
            }
        }
        ejectFewerIfTooMany(now)
    }

    private mutating func enlist(_ list: [String]) {
        endpoints = []
        var isListed: Set<String> = []
        for endpoint in list where isListed.insert(endpoint).inserted {
            endpoints.append(endpoint)
            if records[endpoint] == nil { records[endpoint] = EndpointRecord(declaration.passive) }
        }
    }

    /// With a shorter list fewer may be ejected: those that would come back first do.
    private mutating func ejectFewerIfTooMany(_ now: UInt64) {
        while ejectedCount > ejectedMax {
            let soonest = endpoints.min { (records[$0]?.ejectedUntil ?? .max) < (records[$1]?.ejectedUntil ?? .max) }
            guard let soonest else { return }
            update(soonest, "too many of the remaining endpoints are ejected") { $0.endEjection(now) }
        }
    }

    /// So many may be ejected at a time.
    var ejectedMax: Int {
        guard let passive = declaration.passive else { return 0 }
        let share = endpoints.count * min(max(0, passive.ejectedPercentMax), 100) / 100
        return endpoints.count >= 2 ? max(1, share) : share
    }

    // MARK: - Checks

    /// How an active check ended; `reason` tells people why it failed. An endpoint that is not in the list is ignored.
    public mutating func activeResult(_ endpoint: String, passed: Bool, reason: String, now: UInt64) {
        guard let active = declaration.active, let record = records[endpoint] else { return }
        if passed {
            let inRow = record.checks.passedInRow + 1
            let isEnough = inRow >= max(1, active.healthyAfter)
            update(endpoint, "\(inRow) good checks in a row") {
                $0.checks.passedInRow = inRow
                $0.checks.failedInRow = 0
                guard isEnough else { return }
                $0.checks.failure = nil
                $0.endEjection(now)
            }
        } else {
            let inRow = record.checks.failedInRow + 1
            let isEnough = inRow >= max(1, active.unhealthyAfter)
            update(endpoint, "\(inRow) failed checks in a row, the last: \(reason)") {
                $0.checks.passedInRow = 0
                $0.checks.failedInRow = inRow
                if isEnough || $0.checks.failure != nil { $0.checks.failure = reason }
            }
        }
    }

    // MARK: - Exchanges

    /// What a shard has seen. An endpoint that is not in the list is ignored, and so are exchanges of one that is ejected: they began
    /// before.
    public mutating func passiveReport(_ endpoint: String, _ report: PassiveReport, now: UInt64) {
        guard let passive = declaration.passive, var record = records[endpoint], !record.isEjected else { return }
        record.note(report, now: now)
        records[endpoint] = record
        guard let reason = record.verdict(passive, report), ejectedCount < ejectedMax else { return }
        update(endpoint, reason) { $0.eject(passive, reason: reason, now: now) }
    }

    /// Ends the ejections whose time has come; returns when to call again at the latest, in monotonic nanoseconds, `nil` when there
    /// is nothing to wait for.
    public mutating func advance(_ now: UInt64) -> UInt64? {
        var next: UInt64?
        guard ejectedCount > 0 else { return nil }
        for endpoint in endpoints {
            guard let until = records[endpoint]?.ejectedUntil else { continue }
            if until <= now {
                update(endpoint, "the ejection is over") { $0.endEjection(now) }
            } else {
                next = min(next ?? until, until)
            }
        }
        return next
    }

    // MARK: - Telling

    /// Changes a record, counts, and notes the change of health there may be.
    private mutating func update(_ endpoint: String, _ reason: String, _ change: (inout EndpointRecord) -> Void) {
        guard var record = records[endpoint] else { return }
        let before = record.health
        let wasEjected = record.isEjected
        change(&record)
        records[endpoint] = record
        if record.isEjected != wasEjected { ejectedCount += record.isEjected ? 1 : -1 }
        let after = record.health
        // Another reason for the same state is no change that anybody must act upon.
        guard !Self.isSameKind(before, after) else { return }
        changes.append(HealthChange(endpoint: endpoint, from: before, to: after, reason: reason))
    }

    private static func isSameKind(_ one: EndpointHealth, _ other: EndpointHealth) -> Bool {
        switch (one, other) {
        case (.available, .available), (.unhealthy, .unhealthy), (.ejected, .ejected): true
        default: false
        }
    }

    private mutating func recount() {
        ejectedCount = records.values.count { $0.isEjected }
    }
}
