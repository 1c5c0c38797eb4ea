public import Declarations

/// What a shard has seen of an endpoint since its last report.
public struct PassiveReport: Sendable, Equatable {
    /// Exchanges that ended, those that failed included.
    public var exchanges: Int
    /// Connects that failed, resets, timeouts, and 502, 503, 504.
    public var gatewayFailures: Int
    /// Failures in a row up to the last exchange, on this shard, also those of earlier reports.
    public var consecutiveFailures: Int

    /// All parts.
    public init(exchanges: Int, gatewayFailures: Int, consecutiveFailures: Int) {
        self.exchanges = exchanges
        self.gatewayFailures = gatewayFailures
        self.consecutiveFailures = consecutiveFailures
    }
}

/// Counts the outcomes of one endpoint's exchanges on one shard, and tells when the control plane must hear of them. A few plain
/// words per endpoint; an outcome costs a few additions.
public struct PassiveTally: Sendable {
    /// Failures are reported within this time.
    public static let failureIntervalNanoseconds: UInt64 = 100_000_000
    /// Nothing but successes can wait longer.
    public static let successIntervalNanoseconds: UInt64 = 1_000_000_000

    /// When to report.
    public enum Urgency: Sendable, Equatable {
        /// When `dueAt` has come.
        case later
        /// Without waiting for anything: enough failures in a row for an ejection.
        case atOnce
    }

    /// 0: failures in a row are not judged.
    private let consecutiveMax: Int
    private var exchanges = 0
    private var failures = 0
    private var streak = 0
    /// When a report is due, in monotonic nanoseconds; `UInt64.max` while there is nothing to report.
    public private(set) var dueAt = UInt64.max

    /// With nothing to report.
    public init(_ declaration: PassiveHealthDeclaration) {
        consecutiveMax = declaration.consecutiveFailures
    }

    /// An exchange ended well, as far as the endpoint is to blame. Exchanges that the client broke off are not to be counted.
    public mutating func succeeded(_ now: UInt64) {
        exchanges &+= 1
        streak = 0
        if dueAt == .max { dueAt = now &+ Self.successIntervalNanoseconds }
    }

    /// An exchange ended in a gateway failure.
    public mutating func failed(_ now: UInt64) -> Urgency {
        exchanges &+= 1
        failures &+= 1
        streak &+= 1
        if consecutiveMax > 0, streak >= consecutiveMax {
            dueAt = now
            return .atOnce
        }
        dueAt = min(dueAt, now &+ Self.failureIntervalNanoseconds)
        return .later
    }

    /// What has been counted since the last time. A row of failures that is long enough is told of once and then begins anew, so that
    /// the next ejection takes as many again.
    public mutating func takeReport() -> PassiveReport {
        let report = PassiveReport(exchanges: exchanges, gatewayFailures: failures, consecutiveFailures: streak)
        if consecutiveMax > 0, streak >= consecutiveMax { streak = 0 }
        exchanges = 0
        failures = 0
        dueAt = .max
        return report
    }

    /// Forgets everything: the endpoint came back, and what it did before was paid for.
    public mutating func clear() {
        exchanges = 0
        failures = 0
        streak = 0
        dueAt = .max
    }
}
