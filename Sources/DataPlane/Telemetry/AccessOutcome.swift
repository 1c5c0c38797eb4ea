public import HTTPModel

/// How an exchange ended, as the access log tells it. A negative number means unknown and is written as `null`.
public struct AccessOutcome: Sendable, Equatable {
    /// The status sent, or 0 when none was.
    public var status: Int
    /// Requests sent to upstreams for this exchange.
    public var attempts: Int
    /// Octets of the request body received.
    public var requestBytes: Int
    /// Octets of the response body sent.
    public var responseBytes: Int
    /// From the request's first byte to the end.
    public var durationNanoseconds: Int64
    /// The time the connect took; negative when a pooled connection was used, or none.
    public var connectNanoseconds: Int64
    /// From handing the request to the upstream to its response head.
    public var upstreamNanoseconds: Int64
    /// What went wrong, if anything did.
    public var error: GatewayError?

    /// All parts.
    public init(
        status: Int, attempts: Int = 0, requestBytes: Int = 0, responseBytes: Int = 0, durationNanoseconds: Int64,
        connectNanoseconds: Int64 = -1, upstreamNanoseconds: Int64 = -1, error: GatewayError? = nil
    ) {
        self.status = status
        self.attempts = attempts
        self.requestBytes = requestBytes
        self.responseBytes = responseBytes
        self.durationNanoseconds = durationNanoseconds
        self.connectNanoseconds = connectNanoseconds
        self.upstreamNanoseconds = upstreamNanoseconds
        self.error = error
    }
}
