public import Kernel

/// Decides when each name is to be resolved, and keeps what it led to. Pure: time and dice are arguments, and asking is the caller's
/// part: `takeDue` names what to ask, `succeeded` and `failed` take what came of it.
///
/// A failure never takes addresses away: an upstream whose name server is down is better reached at its last known addresses than
/// not at all. Times are nanoseconds of a clock that does not go back.
public struct ResolutionSchedule: Sendable {
    /// The limits of a schedule.
    public struct Limits: Sendable, Equatable {
        /// A shorter time to live counts as this; at least 1.
        public var timeToLiveSecondsMin = 1
        /// A longer one counts as this: addresses that move are found in bounded time.
        public var timeToLiveSecondsMax = 300
        /// From a first failure to the next try; doubles with each further failure.
        public var retryMillisecondsMin = 1_000
        public var retryMillisecondsMax = 30_000
        /// How much earlier than due a name may be asked for, in percent, 0...100, so that names that came together drift apart.
        public var jitterPercent = 10
        /// Names that are kept.
        public var namesMax = 10_000

        public init() {}
    }

    /// What an answer changed.
    public enum Change: Sendable, Equatable {
        /// The addresses are what they were, in whatever order.
        case unchanged
        /// These are in force from now on.
        case changed([SocketAddress])
        /// The name is none of ours, or has not been asked for: it was forgotten meanwhile.
        case unknown
    }

    /// What became of the names that are wanted.
    public enum KeepOutcome: Sendable, Equatable {
        case kept
        /// So many of them are beyond the limit and will not be asked for.
        case tooMany(Int)
    }

    private struct Entry: Sendable {
        var addresses: [SocketAddress] = []
        /// In a row, up to now.
        var failures = 0
        /// When to ask; `nil` while an answer is awaited.
        var due: UInt64?
    }

    private let limits: Limits
    private var entries: [NamedAddress: Entry] = [:]

    /// A schedule without names.
    public init(_ limits: Limits = Limits()) {
        precondition(limits.timeToLiveSecondsMin >= 1 && limits.timeToLiveSecondsMin <= limits.timeToLiveSecondsMax)
        precondition(limits.retryMillisecondsMin >= 1 && limits.retryMillisecondsMin <= limits.retryMillisecondsMax)
        precondition((0...100).contains(limits.jitterPercent) && limits.namesMax >= 0)
        self.limits = limits
    }

    /// Names that are kept.
    public var count: Int { entries.count }

    /// Makes the names those that are kept: forgets others, leaves known ones as they are, and asks for new ones at once.
    public mutating func keepOnly(_ names: [NamedAddress], at now: UInt64) -> KeepOutcome {
        let wanted = Set(names)
        entries = entries.filter { wanted.contains($0.key) }
        var left = 0
        for name in wanted.sorted() where entries[name] == nil {
            if entries.count < limits.namesMax { entries[name] = Entry(due: now) } else { left += 1 }
        }
        return left == 0 ? .kept : .tooMany(left)
    }

    /// The names to ask for now, in order, at most `limit`. Each is not named again until its answer is in.
    public mutating func takeDue(at now: UInt64, atMost limit: Int = .max) -> [NamedAddress] {
        let due = entries.filter { entry in entry.value.due.map { $0 <= now } ?? false }
            .sorted { ($0.value.due ?? 0, $0.key) < ($1.value.due ?? 0, $1.key) }
            .prefix(limit).map(\.key)
        for name in due { entries[name]?.due = nil }
        return due
    }

    /// When the next name is due; `nil` when none is, until an answer comes.
    public var nextDue: UInt64? { entries.values.lazy.compactMap(\.due).min() }

    /// Asks for a name again at once, whatever its time to live: for when its addresses turn out dead. No effect while an answer is
    /// awaited, nor while the name fails: the back-off protects the name server.
    public mutating func refresh(_ name: NamedAddress, at now: UInt64) {
        guard let entry = entries[name], entry.failures == 0, let due = entry.due, due > now else { return }
        entries[name]?.due = now
    }

    /// The name leads to these addresses, at least one.
    public mutating func succeeded(
        _ name: NamedAddress, _ addresses: [SocketAddress], timeToLiveSeconds: Int, at now: UInt64,
        random: inout FastRandom
    ) -> Change {
        precondition(!addresses.isEmpty)
        guard var entry = entries[name], entry.due == nil else { return .unknown }
        let seconds = min(max(timeToLiveSeconds, limits.timeToLiveSecondsMin), limits.timeToLiveSecondsMax)
        entry.due = after(milliseconds: seconds * 1_000, now, &random)
        entry.failures = 0
        let isSame = Self.isSame(entry.addresses, addresses)
        if !isSame { entry.addresses = addresses }
        entries[name] = entry
        return isSame ? .unchanged : .changed(addresses)
    }

    /// The name led nowhere; what it led to before stays in force. Returns how long to wait for the next try, in milliseconds before
    /// jitter; `nil` for a name that is none of ours or has not been asked for.
    @discardableResult
    public mutating func failed(_ name: NamedAddress, at now: UInt64, random: inout FastRandom) -> Int? {
        guard var entry = entries[name], entry.due == nil else { return nil }
        var wait = limits.retryMillisecondsMin
        for _ in 0..<entry.failures where wait < limits.retryMillisecondsMax { wait *= 2 }
        wait = min(wait, limits.retryMillisecondsMax)
        // More failures than this change nothing, so the count needs no larger numbers.
        entry.failures = min(entry.failures + 1, 64)
        entry.due = after(milliseconds: wait, now, &random)
        entries[name] = entry
        return wait
    }

    /// What the name last led to; empty before its first answer.
    public func addresses(of name: NamedAddress) -> [SocketAddress] { entries[name]?.addresses ?? [] }

    /// Failures in a row since the last answer, counted up to 64.
    public func failures(of name: NamedAddress) -> Int { entries[name]?.failures ?? 0 }

    /// The end of an interval of which the dice have taken a part away.
    private func after(milliseconds: Int, _ now: UInt64, _ random: inout FastRandom) -> UInt64 {
        let whole = UInt64(milliseconds) * 1_000_000
        let mostTaken = milliseconds * limits.jitterPercent / 100
        return now + whole - UInt64(random.below(mostTaken + 1)) * 1_000_000
    }

    private static func isSame(_ left: [SocketAddress], _ right: [SocketAddress]) -> Bool {
        if left == right { return true }
        return left.count == right.count && left.allSatisfy { right.contains($0) }
            && right.allSatisfy { left.contains($0) }
    }
}
