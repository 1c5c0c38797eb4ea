public import HTTPModel

/// What the end of an exchange is judged by.
public struct ExchangeFacts: Sendable, Equatable {
    /// It went wrong, and not by the client's doing.
    public var isFailed: Bool
    /// Requests sent for it.
    public var attempts: Int
    /// A limit (rate, load, queue, breaker) refused it.
    public var isLimited: Bool
    public var durationNanoseconds: UInt64

    /// All parts.
    public init(isFailed: Bool, attempts: Int, isLimited: Bool, durationNanoseconds: UInt64) {
        self.isFailed = isFailed
        self.attempts = attempts
        self.isLimited = isLimited
        self.durationNanoseconds = durationNanoseconds
    }

    /// From how it ended; `status` is 0 when no answer was sent.
    ///
    /// A failure is an answer of 5xx, or an error that is the gateway's or the origin's: what scanners ask for, and
    /// clients that hang up, would fill the store of traces. An answer of 429 is a limit, whoever gave it.
    public init(status: Int, error: GatewayError?, attempts: Int, durationNanoseconds: UInt64) {
        self.init(
            isFailed: status >= 500 || (error.map { $0.side != .downstream } ?? false), attempts: attempts,
            isLimited: status == 429 || (error.map(Self.isLimit) ?? false), durationNanoseconds: durationNanoseconds)
    }

    private static func isLimit(_ error: GatewayError) -> Bool {
        switch error {
        case .rateLimited, .concurrencyLimited, .upstreamSaturated, .overloaded, .poolExhausted, .queueTimeout,
            .circuitOpen:
            true
        default: false
        }
    }
}
