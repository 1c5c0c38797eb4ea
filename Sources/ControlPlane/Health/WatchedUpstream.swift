internal import Declarations
internal import Fetch
internal import Kernel
internal import Upstreams

/// One upstream in the keeper's book: the machine that decides, when checks are due, and what is told about its endpoints. Pure.
struct WatchedUpstream: Sendable {
    private(set) var target: HealthTarget
    private var machine: HealthMachine
    private var schedule: ActiveCheckSchedule?
    private var endpoints: [String: WatchedEndpoint] = [:]

    /// All endpoints are available; the first checks lie within one interval from now.
    init(_ target: HealthTarget, at moment: Moment, random: inout FastRandom) {
        self.target = target
        machine = HealthMachine(target.health, endpoints: target.endpoints.map(\.identity))
        enlist(at: moment)
        updateSchedule(at: moment, random: &random)
    }

    /// Another declaration or list of endpoints; those that stay keep what is known of them. Returns the changes that follow.
    mutating func update(
        _ target: HealthTarget, at moment: Moment, random: inout FastRandom
    ) -> [HealthChange] {
        self.target = target
        machine.replaceEndpoints(
            target.endpoints.map(\.identity), declaration: target.health, now: moment.monotonicNanoseconds)
        enlist(at: moment)
        updateSchedule(at: moment, random: &random)
        return noteChanges(at: moment)
    }

    private mutating func enlist(at moment: Moment) {
        var listed: [String: WatchedEndpoint] = [:]
        for endpoint in target.endpoints where listed[endpoint.identity] == nil {
            var record = endpoints[endpoint.identity] ?? WatchedEndpoint(endpoint, at: moment)
            record.endpoint = endpoint
            listed[endpoint.identity] = record
        }
        endpoints = listed
    }

    private mutating func updateSchedule(at moment: Moment, random: inout FastRandom) {
        guard let active = target.health.active else {
            schedule = nil
            return
        }
        if schedule == nil {
            schedule = ActiveCheckSchedule(
                active, endpoints: machine.endpoints, now: moment.monotonicNanoseconds, random: &random)
        } else {
            schedule?.replaceEndpoints(
                machine.endpoints, declaration: active, now: moment.monotonicNanoseconds, random: &random)
        }
    }

    // MARK: - Exchanges and time

    /// What a shard has seen. Returns the changes that follow.
    mutating func report(_ endpoint: String, _ report: PassiveReport, at moment: Moment) -> [HealthChange] {
        machine.passiveReport(endpoint, report, now: moment.monotonicNanoseconds)
        return noteChanges(at: moment)
    }

    /// Ends the ejections whose time has come. Returns the changes that follow.
    mutating func advance(at moment: Moment) -> [HealthChange] {
        wakeAt = machine.advance(moment.monotonicNanoseconds)
        return noteChanges(at: moment)
    }

    /// When an ejection ends, as of the last `advance`.
    private var wakeAt: UInt64?

    /// When to call `advance` or `takeDue` again, in monotonic nanoseconds; `nil`: there is nothing to wait for.
    var nextAt: UInt64? {
        guard let check = schedule?.nextDueAt else { return wakeAt }
        return min(check, wakeAt ?? .max)
    }

    // MARK: - Checks

    /// The endpoints whose check is to begin now.
    mutating func takeDue(at moment: Moment, random: inout FastRandom) -> [String] {
        schedule?.takeDue(moment.monotonicNanoseconds, random: &random) ?? []
    }

    /// The check of an endpoint; `nil` for one that is not in the list, or when there are no checks.
    func request(for endpoint: String) -> FetchRequest? {
        guard let active = target.health.active, let record = endpoints[endpoint] else { return nil }
        return HealthCheck.request(active, of: target, record.endpoint)
    }

    /// A check did not come about; the next is made when it is due.
    mutating func checkNotMade(_ endpoint: String) {
        schedule?.checkEnded(endpoint)
    }

    /// How a check ended. Returns the changes that follow.
    mutating func checkEnded(_ endpoint: String, _ record: CheckRecord, at moment: Moment) -> [HealthChange] {
        schedule?.checkEnded(endpoint)
        endpoints[endpoint]?.note(record)
        machine.activeResult(
            endpoint, passed: record.passed, reason: record.text, now: moment.monotonicNanoseconds)
        return noteChanges(at: moment)
    }

    private mutating func noteChanges(at moment: Moment) -> [HealthChange] {
        let changes = machine.takeChanges()
        for change in changes { endpoints[change.endpoint]?.note(change, at: moment) }
        return changes
    }

    // MARK: - Telling

    /// What is known now.
    func snapshot(at moment: Moment) -> UpstreamHealthSnapshot {
        let list = machine.endpoints.compactMap { identity -> EndpointHealthSnapshot? in
            guard let record = endpoints[identity], let health = machine.health(of: identity) else { return nil }
            return record.snapshot(health, at: moment)
        }
        return UpstreamHealthSnapshot(
            upstream: target.upstream, isChecked: target.health.active != nil, isJudged: target.health.passive != nil,
            endpoints: list)
    }
}
