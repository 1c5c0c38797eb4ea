public import Declarations

/// What retries and hedges together may add to the load of an upstream on one shard.
///
/// Two bounds hold at once. Of extra attempts in flight there may be a share of the exchanges in progress, or the minimum. And
/// within ten seconds there may begin the same share of the exchanges that began in them, or the minimum per second: in a total
/// outage attempts fail within microseconds, so that a bound on those in flight alone would let any number through.
public struct RetryBudget: Sendable {
    private static let windowMilliseconds = 10_000

    private let percent: Int
    private let minimum: Int
    /// Exchanges that began.
    private var begun = OutcomeWindow(windowMilliseconds: windowMilliseconds)
    /// Extra attempts that were granted.
    private var extra = OutcomeWindow(windowMilliseconds: windowMilliseconds)
    /// Exchanges in progress, each counted once however often it is attempted.
    public private(set) var exchanges = 0
    /// Extra attempts in flight, including those that wait for their turn.
    public private(set) var extraAttempts = 0

    /// With nothing in progress.
    public init(_ declaration: RetryBudgetDeclaration) {
        percent = max(0, declaration.percent)
        minimum = max(0, declaration.minimum)
    }

    /// An exchange begins; to be followed by one `exchangeEnded`.
    public mutating func exchangeStarted(_ now: UInt64) {
        exchanges += 1
        begun.add(1, marked: 0, now: now)
    }

    /// An exchange is over, however it ended.
    public mutating func exchangeEnded() {
        precondition(exchanges > 0)
        exchanges -= 1
    }

    /// Whether an extra attempt may be made.
    public enum Grant: Sendable, Equatable {
        /// It counts from now on; to be followed by one `extraAttemptEnded`.
        case granted
        case refused
    }

    /// Asks for one more attempt of an exchange in progress, a retry or a hedge.
    public mutating func takeExtraAttempt(_ now: UInt64) -> Grant {
        begun.advance(now)
        extra.advance(now)
        guard extraAttempts < max(minimum, exchanges * percent / 100) else { return .refused }
        let perWindow = max(minimum * Self.windowMilliseconds / 1_000, begun.count * percent / 100)
        guard extra.count < perWindow else { return .refused }
        extraAttempts += 1
        extra.add(1, marked: 0, now: now)
        return .granted
    }

    /// An attempt that was granted is over, however it ended.
    public mutating func extraAttemptEnded() {
        precondition(extraAttempts > 0)
        extraAttempts -= 1
    }
}
