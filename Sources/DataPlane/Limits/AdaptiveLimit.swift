/// Bounds of an `AdaptiveLimit`.
public struct AdaptiveLimitPolicy: Sendable, Equatable {
    /// The limit never falls below this, so something always gets through to be measured.
    public var minimum = 4
    /// Nor rises above this.
    public var maximum = 1_000
    /// Where it begins.
    public var initial = 20
    /// By how much latency may exceed its long average before the limit falls, in percent of that average: 150
    /// tolerates half as much again.
    public var tolerancePercent = 150
    /// What may queue although latency stays, so that the limit can grow.
    public var queue = 4
    /// Latencies are judged by the average of such a window.
    public var windowNanoseconds: UInt64 = 100_000_000
    /// With fewer exchanges a window goes on.
    public var windowSamples = 10

    /// The defaults.
    public init() {}
}

/// How many exchanges a shard keeps in progress with an upstream, found out from their latencies: Gradient2 of
/// Netflix's concurrency-limits. Pure and owned by one shard.
///
/// While latency is near its long average the limit grows by the queue it tolerates; when latency rises the limit falls
/// in proportion, by at most half per window and smoothed. Dropped exchanges let it fall by a tenth per window. It must
/// never shut off: `minimum` always gets through. A window in which less than half the limit was used says nothing
/// about the limit and does not raise it.
public struct AdaptiveLimit: Sendable {
    /// How an exchange ended.
    public enum Outcome: Sendable, Equatable {
        /// With a response, after so many nanoseconds to its head.
        case responded(latencyNanoseconds: UInt64)
        /// The upstream was overloaded: a timeout, a reset, 503.
        case dropped
        /// It says nothing about load: the client went away.
        case ignored
    }

    /// Whether one more exchange may begin.
    public enum Admission: Sendable, Equatable {
        /// It counts from now on, until one `ended`.
        case admitted
        case refused
    }

    /// The say of a window's average in the long one: about 1 in 60 windows once it has seen that many.
    private static let longWindows = 60.0
    /// What a new limit has to say against the old.
    private static let smoothing = 0.2
    private static let dropFactor = 0.9

    private let policy: AdaptiveLimitPolicy
    private var estimate: Double
    /// The long average of latency in nanoseconds, and the number of windows in it, as far as that matters.
    private var longLatency = 0.0
    private var windows = 0.0
    private var window = Window()
    /// Exchanges in progress.
    public private(set) var inProgress = 0

    private struct Window {
        var startedAt: UInt64?
        var samples = 0
        var latencies = 0.0
        var drops = 0
        var mostInProgress = 0
    }

    /// Bounds that contradict each other are brought into order.
    public init(_ policy: AdaptiveLimitPolicy) {
        var policy = policy
        policy.minimum = max(1, policy.minimum)
        policy.maximum = max(policy.minimum, policy.maximum)
        policy.initial = min(max(policy.initial, policy.minimum), policy.maximum)
        policy.tolerancePercent = max(100, policy.tolerancePercent)
        policy.queue = max(0, policy.queue)
        policy.windowSamples = max(1, policy.windowSamples)
        self.policy = policy
        estimate = Double(policy.initial)
    }

    /// The limit now.
    public var limit: Int { Int(estimate) }

    /// Asks for one more exchange.
    public mutating func begin() -> Admission {
        guard inProgress < limit else { return .refused }
        inProgress += 1
        window.mostInProgress = max(window.mostInProgress, inProgress)
        return .admitted
    }

    /// An exchange that was admitted is over.
    public mutating func ended(_ outcome: Outcome, now: UInt64) {
        precondition(inProgress > 0)
        inProgress -= 1
        switch outcome {
        case .ignored: return
        case .responded(let latency):
            window.samples += 1
            window.latencies += Double(max(1, latency))
        case .dropped: window.drops += 1
        }
        guard let startedAt = window.startedAt else {
            window.startedAt = now
            return
        }
        let isOver = Int64(bitPattern: now &- startedAt) >= Int64(clamping: policy.windowNanoseconds)
        guard isOver, window.samples + window.drops >= policy.windowSamples else { return }
        judge()
        window = Window()
        window.startedAt = now
        window.mostInProgress = inProgress
    }

    private mutating func judge() {
        var proposed = estimate
        if window.samples > 0 { proposed = self.proposed(latency: window.latencies / Double(window.samples)) }
        if window.drops > 0 { proposed = min(proposed, estimate * Self.dropFactor) }
        estimate = min(Double(policy.maximum), max(Double(policy.minimum), proposed))
    }

    /// The next limit by latency alone.
    private mutating func proposed(latency: Double) -> Double {
        windows = min(windows + 1, Self.longWindows)
        longLatency += (latency - longLatency) / windows
        // After a long overload the average must find its way back, or the limit would grow without need.
        if longLatency > 2 * latency { longLatency *= 0.95 }
        let gradient = max(0.5, min(1, Double(policy.tolerancePercent) / 100 * longLatency / latency))
        let next = estimate * gradient + Double(policy.queue)
        let smoothed = estimate * (1 - Self.smoothing) + next * Self.smoothing
        guard Double(window.mostInProgress) * 2 >= estimate else { return min(estimate, smoothed) }
        return smoothed
    }
}
