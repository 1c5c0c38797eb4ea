public import HTTPModel
public import Kernel
public import TraceContext

/// An exchange, from the request's first byte to its end. Moments are those of the clock that measures.
public struct ServerSpan: Sendable {
    public var context: SpanContext
    public var startNanoseconds: UInt64
    public var endNanoseconds: UInt64
    public var method: Method
    /// The status sent, or 0 when none was.
    public var status = 0
    public var error: GatewayError?
    /// Requests sent for it.
    public var attempts = 0
    /// Who asked; `nil` is not written.
    public var client: SocketAddress?
    /// Why it is kept.
    public var kept: KeepReason

    /// What every one has.
    public init(
        context: SpanContext, startNanoseconds: UInt64, endNanoseconds: UInt64, method: Method, kept: KeepReason
    ) {
        self.context = context
        self.startNanoseconds = startNanoseconds
        self.endNanoseconds = endNanoseconds
        self.method = method
        self.kept = kept
    }
}

/// An attempt at an endpoint. A plain value: a shard keeps those of an exchange until the tail has decided.
public struct ClientSpan: Sendable {
    /// What was sent upstream.
    public var context: SpanContext
    public var startNanoseconds: UInt64
    /// When a new connection was ready; 0 when one was used again, or none came about.
    public var connectedNanoseconds: UInt64 = 0
    /// When the head of the answer was there; 0 for never.
    public var headNanoseconds: UInt64 = 0
    public var endNanoseconds: UInt64 = 0
    public var method: Method
    /// The status received, or 0 when none was.
    public var status = 0
    public var error: GatewayError?
    /// Attempts before this one.
    public var number = 0
    /// It ran beside another one.
    public var isHedge = false
    /// The endpoint's place in its upstream, for whoever keeps these; it is not written.
    public var endpoint = -1

    /// What every one has at its start.
    public init(context: SpanContext, startNanoseconds: UInt64, method: Method, number: Int) {
        self.context = context
        self.startNanoseconds = startNanoseconds
        self.method = method
        self.number = number
    }
}
