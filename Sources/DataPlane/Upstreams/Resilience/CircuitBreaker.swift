public import Declarations

/// Gives an upstream that mostly fails a rest, then lets single exchanges find out whether it is well again. One per upstream and
/// shard; its counts are that shard's.
///
/// It must never stay open for good: an exchange that probes and never reports only costs one more rest. Outcomes of exchanges
/// that began in another state say nothing about this one and are ignored.
public struct CircuitBreaker: Sendable {
    /// What the breaker does with exchanges.
    public enum State: Sendable, Equatable {
        /// All go through.
        case closed
        /// None goes through until then, in monotonic nanoseconds.
        case open(until: UInt64)
        /// One at a time goes through; so many went well.
        case halfOpen(wellProbed: Int)
    }

    /// What an admitted exchange keeps, to report with.
    public struct Ticket: Sendable, Equatable {
        fileprivate let era: UInt32
        /// The exchange is one of those that decide whether the breaker closes.
        public let isProbe: Bool
    }

    /// Whether an exchange may go to the upstream.
    public enum Admission: Sendable, Equatable {
        case admitted(Ticket)
        /// Like `admitted`; by its outcome the breaker closes or opens again.
        case probe(Ticket)
        /// At least 1.
        case refused(retryAfterMilliseconds: Int)
    }

    /// How an exchange ended, as far as the upstream is to blame.
    public enum Outcome: Sendable, Equatable {
        case success
        /// A connect that failed, a reset, a timeout, or 502, 503, 504.
        case gatewayFailure
        /// The client went away, or the exchange ended before the upstream had its chance.
        case abandoned
    }

    /// What it does now. `open` turns into `halfOpen` by the first exchange after its time.
    public private(set) var state = State.closed
    /// Times it opened, for a counter in metrics; wraps.
    public private(set) var openings: UInt64 = 0

    private let failurePercent: Int
    private let minimumRequests: Int
    private let openNanoseconds: UInt64
    private let probesNeeded: Int
    private var window: OutcomeWindow
    /// Counts changes of state, so that a late report is recognised.
    private var era: UInt32 = 0
    /// When the probe that is out has been out too long; `nil` when none is.
    private var probeLostAt: UInt64?

    /// A closed breaker.
    public init(_ declaration: BreakerDeclaration) {
        failurePercent = declaration.failurePercent
        minimumRequests = declaration.minimumRequests
        openNanoseconds = UInt64(max(1, declaration.openMilliseconds)) * 1_000_000
        probesNeeded = max(1, declaration.probes)
        window = OutcomeWindow(windowMilliseconds: declaration.windowMilliseconds)
    }

    /// Asks for one exchange at this monotonic time.
    public mutating func admit(_ now: UInt64) -> Admission {
        switch state {
        case .closed:
            return .admitted(Ticket(era: era, isProbe: false))
        case .open(let until):
            guard now >= until else { return .refused(retryAfterMilliseconds: Self.milliseconds(until &- now)) }
            enter(.halfOpen(wellProbed: 0))
            return probe(now)
        case .halfOpen:
            if let lostAt = probeLostAt, now < lostAt {
                return .refused(retryAfterMilliseconds: Self.milliseconds(lostAt &- now))
            }
            return probe(now)
        }
    }

    /// Takes note of how an exchange ended. Each ticket is good for one report; to be given by the time the response head is
    /// known, since a body may flow for hours.
    public mutating func record(_ outcome: Outcome, _ ticket: Ticket, now: UInt64) {
        guard ticket.era == era else { return }
        switch state {
        case .closed:
            guard outcome != .abandoned else { return }
            window.add(1, marked: outcome == .gatewayFailure ? 1 : 0, now: now)
            if outcome == .gatewayFailure, window.reaches(percent: failurePercent, minimum: minimumRequests) {
                open(now)
            }
        case .halfOpen(let wellProbed):
            switch outcome {
            case .abandoned: probeLostAt = nil
            case .gatewayFailure: open(now)
            case .success:
                probeLostAt = nil
                if wellProbed + 1 < probesNeeded {
                    state = .halfOpen(wellProbed: wellProbed + 1)
                } else {
                    enter(.closed)
                }
            }
        case .open:
            return
        }
    }

    private mutating func probe(_ now: UInt64) -> Admission {
        // A probe that never reports must not keep the breaker half open for ever: after a rest another may go.
        probeLostAt = now &+ openNanoseconds
        return .probe(Ticket(era: era, isProbe: true))
    }

    private mutating func open(_ now: UInt64) {
        openings &+= 1
        enter(.open(until: now &+ openNanoseconds))
    }

    private mutating func enter(_ next: State) {
        state = next
        era &+= 1
        probeLostAt = nil
        window.clear()
    }

    /// Rounded up: who comes back a moment early is refused again.
    private static func milliseconds(_ nanoseconds: UInt64) -> Int {
        max(1, Int((nanoseconds &+ 999_999) / 1_000_000))
    }
}
