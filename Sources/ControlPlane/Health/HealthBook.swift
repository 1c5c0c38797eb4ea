internal import Declarations
internal import Fetch
internal import Kernel
internal import Upstreams

/// All that the keeper knows: events in, checks and changes out. Pure; time and dice are arguments.
struct HealthBook: Sendable {
    /// A check to make. Its end is told by `checkEnded` or `checkNotMade`.
    struct DueCheck: Sendable, Equatable {
        let tag: UInt64
        let request: FetchRequest
    }

    private struct RunningCheck: Sendable {
        let upstream: String
        let endpoint: String
        let request: FetchRequest
    }

    private var upstreams: [String: WatchedUpstream] = [:]
    /// Names of `upstreams` in the order of the configuration.
    private var order: [String] = []
    private var running: [UInt64: RunningCheck] = [:]
    private var lastTag: UInt64 = 0
    private var changes: [UpstreamHealthChange] = []
    private var checksSkipped: UInt64 = 0

    /// Nothing to watch.
    init() {}

    // MARK: - The list

    /// Another configuration. Upstreams and endpoints that stay keep what is known of them; those that go leave no word. Returns the
    /// tags of checks that are to be broken off, because they ask for what nobody asks any more.
    mutating func configure(
        _ targets: [HealthTarget], at moment: Moment, random: inout FastRandom
    ) -> [UInt64] {
        var kept: [String: WatchedUpstream] = [:]
        order = []
        for target in targets where kept[target.upstream] == nil {
            if var known = upstreams[target.upstream] {
                // One that is watched no more is told to take everything back before it is forgotten.
                note(known.update(target, at: moment, random: &random), of: target.upstream)
                kept[target.upstream] = known
            } else if target.isWatched {
                kept[target.upstream] = WatchedUpstream(target, at: moment, random: &random)
            }
            guard target.isWatched else {
                kept[target.upstream] = nil
                continue
            }
            order.append(target.upstream)
        }
        upstreams = kept
        return dropStaleChecks()
    }

    private mutating func dropStaleChecks() -> [UInt64] {
        let stale = running.filter { _, check in
            upstreams[check.upstream]?.request(for: check.endpoint) != check.request
        }
        for (tag, check) in stale {
            running[tag] = nil
            upstreams[check.upstream]?.checkNotMade(check.endpoint)
        }
        return Array(stale.keys)
    }

    // MARK: - Exchanges and time

    /// What a shard has seen. Unknown names are ignored: a report may cross a change of the list.
    mutating func report(_ report: EndpointReport, at moment: Moment) {
        note(
            upstreams[report.upstream]?.report(report.endpoint, report.report, at: moment) ?? [], of: report.upstream)
    }

    /// Ends the ejections whose time has come.
    mutating func advance(at moment: Moment) {
        for name in order { note(upstreams[name]?.advance(at: moment) ?? [], of: name) }
    }

    /// When something is due again, in monotonic nanoseconds; `nil`: there is nothing to wait for. Call it after `advance`.
    var nextAt: UInt64? {
        var next: UInt64?
        for name in order {
            if let at = upstreams[name]?.nextAt { next = min(next ?? .max, at) }
        }
        return next
    }

    // MARK: - Checks

    /// The checks that are to begin now.
    mutating func takeDueChecks(at moment: Moment, random: inout FastRandom) -> [DueCheck] {
        var due: [DueCheck] = []
        for name in order {
            for endpoint in upstreams[name]?.takeDue(at: moment, random: &random) ?? [] {
                guard let request = upstreams[name]?.request(for: endpoint) else { continue }
                lastTag += 1
                running[lastTag] = RunningCheck(upstream: name, endpoint: endpoint, request: request)
                due.append(DueCheck(tag: lastTag, request: request))
            }
        }
        return due
    }

    /// A check did not come about.
    mutating func checkNotMade(_ tag: UInt64) {
        guard let check = running.removeValue(forKey: tag) else { return }
        checksSkipped += 1
        upstreams[check.upstream]?.checkNotMade(check.endpoint)
    }

    /// How a check ended. A tag that is not known is ignored.
    mutating func checkEnded(_ outcome: FetchOutcome, at moment: Moment) {
        guard let check = running[outcome.tag], let active = upstreams[check.upstream]?.target.health.active else {
            return
        }
        let passed: Bool
        let text: String
        switch HealthCheck.verdict(outcome, active) {
        case .notMade: return checkNotMade(outcome.tag)
        case .passed(let words): (passed, text) = (true, words)
        case .failed(let words): (passed, text) = (false, words)
        }
        running[outcome.tag] = nil
        let record = CheckRecord(
            passed: passed, text: text, durationMicroseconds: outcome.times.wholeMicroseconds,
            endedWallMilliseconds: moment.wallMilliseconds)
        note(upstreams[check.upstream]?.checkEnded(check.endpoint, record, at: moment) ?? [], of: check.upstream)
    }

    // MARK: - Telling

    private mutating func note(_ list: [HealthChange], of upstream: String) {
        for change in list { changes.append(UpstreamHealthChange(upstream: upstream, change: change)) }
    }

    /// The changes since the last time, oldest first within an upstream.
    mutating func takeChanges() -> [UpstreamHealthChange] {
        defer { changes = [] }
        return changes
    }

    /// What is known now.
    func snapshot(at moment: Moment) -> HealthSnapshot {
        var snapshot = HealthSnapshot()
        snapshot.upstreams = order.compactMap { upstreams[$0]?.snapshot(at: moment) }
        snapshot.checksSkipped = checksSkipped
        return snapshot
    }
}
