internal import Declarations

/// What active checks have said about an endpoint.
struct ChecksRecord: Sendable {
    var passedInRow = 0
    var failedInRow = 0
    /// Why the checks count as failed; `nil` as long as they do not.
    var failure: String?
}

/// All that is known about one endpoint's health.
struct EndpointRecord: Sendable {
    /// An ejection that is not over.
    struct Ejection: Sendable {
        let until: UInt64
        let reason: String
    }

    var checks = ChecksRecord()
    private var ejection: Ejection?
    /// Ejections that count towards the length of the next one.
    private var timesEjected = 0
    /// When the last ejection ended.
    private var returnedAt: UInt64 = 0
    /// Gateway failures in a row, over all shards.
    private var failuresInRow = 0
    private var window: OutcomeWindow

    init(_ declaration: PassiveHealthDeclaration?) {
        window = OutcomeWindow(windowMilliseconds: declaration?.windowMilliseconds ?? 0)
    }

    var isEjected: Bool { ejection != nil }
    var ejectedUntil: UInt64? { ejection?.until }

    /// Checks weigh more: they end by themselves, while an ejection ends with time.
    var health: EndpointHealth {
        if let failure = checks.failure { return .unhealthy(reason: failure) }
        guard let ejection else { return .available }
        return .ejected(until: ejection.until, reason: ejection.reason, times: timesEjected)
    }

    /// Counts what a shard reports.
    mutating func note(_ report: PassiveReport, now: UInt64) {
        window.add(report.exchanges, marked: report.gatewayFailures, now: now)
        if report.gatewayFailures >= report.exchanges {
            failuresInRow += min(max(0, report.gatewayFailures), 1_000_000)
        } else {
            // A success lies within: only what came after it is in a row.
            failuresInRow = min(max(0, report.consecutiveFailures), max(0, report.gatewayFailures))
        }
        // More are not worth counting, and reports may go on for ever when no more may be ejected.
        failuresInRow = min(failuresInRow, 1_000_000)
    }

    /// Why the endpoint deserves to be ejected after this report, or `nil`.
    func verdict(_ declaration: PassiveHealthDeclaration, _ report: PassiveReport) -> String? {
        let inRow = max(failuresInRow, report.consecutiveFailures)
        if declaration.consecutiveFailures > 0, inRow >= declaration.consecutiveFailures {
            return "\(inRow) gateway failures in a row"
        }
        if declaration.failurePercent > 0,
            window.reaches(percent: declaration.failurePercent, minimum: declaration.minimumRequests)
        {
            return "\(window.marked) gateway failures in \(window.count) exchanges"
        }
        return nil
    }

    /// Ejects the endpoint: each time longer by the first length, up to the maximum. For each first length that it did well since the
    /// last time, one time is forgiven.
    mutating func eject(_ declaration: PassiveHealthDeclaration, reason: String, now: UInt64) {
        let length = UInt64(max(1, declaration.ejectMilliseconds)) * 1_000_000
        let wellFor = now > returnedAt ? now - returnedAt : 0
        timesEjected = max(0, timesEjected - Int(min(wellFor / length, 1_000_000))) + 1
        let most = max(length, UInt64(max(0, declaration.ejectMaxMilliseconds)) * 1_000_000)
        let (product, overflow) = length.multipliedReportingOverflow(by: UInt64(timesEjected))
        ejection = Ejection(until: now &+ (overflow ? most : min(product, most)), reason: reason)
        // Only checks that pass from now on can shorten it.
        checks.passedInRow = 0
        failuresInRow = 0
        window.clear()
    }

    /// The endpoint may have exchanges again, as far as these are concerned.
    mutating func endEjection(_ now: UInt64) {
        guard ejection != nil else { return }
        ejection = nil
        returnedAt = now
    }

    /// A window of another length counts from the start.
    mutating func resetWindow(_ declaration: PassiveHealthDeclaration?) {
        window = OutcomeWindow(windowMilliseconds: declaration?.windowMilliseconds ?? 0)
    }
}
