internal import Upstreams

/// What an exchange remembers of its attempts at an upstream: those made, the one that waits, and what they hold of budgets.
struct AttemptState {
    /// What an exchange without a connection waits for.
    enum Waiting {
        case none
        /// The next attempt's time.
        case backOff
        /// A connection.
        case queued(PendingQueue.Place)
    }

    var waiting = Waiting.none
    /// When the wait is over, or when a rival attempt begins; 0: not foreseen.
    var alarm: UInt64 = 0
    /// It was first in the queue and need not queue again.
    var isNext = false
    /// Attempts that the policy knows of: a pooled connection that died unused is not one.
    var count = 0
    /// When the current one began.
    var started: UInt64 = 0
    /// Endpoints that were tried.
    var tried = EndpointSet()
    /// Extra attempts taken from the budget and not given back.
    var extra = 0
    /// The exchange counts in the budget of its upstream.
    var isBudgeted = false
    /// The exchange counts in the upstream's adaptive limit.
    var isAdaptive = false
    /// From the upstream's breaker; good for one report.
    var ticket: CircuitBreaker.Ticket?
    /// What the balancer places it by.
    var hashKey: UInt64?
    /// The endpoint that the client's cookie names; -1 for none.
    var sticky = -1
    /// A second attempt that runs beside the first.
    var rival: UpstreamConnection?
}
