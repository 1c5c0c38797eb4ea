/// Traces of exchanges: where they are reported to, and which of them.
public struct TracingDeclaration: Sendable, Equatable {
    /// The collector: the address that takes spans in Zipkin's format (version 2), or what stands before `/api/v2/spans`.
    public var collectorURL = ""
    /// What spans call the gateway.
    public var service = "martlet"
    public var sampling = SamplingDeclaration()

    public init() {}
}

/// Which traces are recorded.
public struct SamplingDeclaration: Sendable, Equatable {
    /// Share of the traces on which nobody has decided yet, in millionths.
    public var ratePerMillion = 10_000
    public var caller = CallerDeclaration.followIDs
    public var keep = KeepDeclaration()

    public init() {}
}

/// How far the trace headers of a caller are followed.
public enum CallerDeclaration: String, Sendable, Equatable, CaseIterable {
    /// Its ids and its decision count.
    case follow
    /// Its ids count, and its word that a trace is not recorded; its word that one is does not.
    case followIDs = "follow-ids"
    /// Each request begins a trace.
    case ignore
}

/// What is recorded at the end although nobody chose it at the start.
public struct KeepDeclaration: Sendable, Equatable {
    /// The answer was 5xx, or the gateway found an error that is not the client's.
    public var failed = true
    /// It took more than one attempt.
    public var retried = true
    /// A limit refused it.
    public var limited = true
    /// It took longer than this; 0: however long.
    public var slowerThanMilliseconds = 1_000

    public init() {}

    /// Nothing of it.
    public static let nothing: KeepDeclaration = {
        var keep = KeepDeclaration()
        keep.failed = false
        keep.retried = false
        keep.limited = false
        keep.slowerThanMilliseconds = 0
        return keep
    }()
}

/// What a route says of traces.
public enum RouteTracingDeclaration: Sendable, Equatable {
    /// Nothing: as the gateway does.
    case inherited
    /// No spans, and trace headers pass as they come.
    case off
    /// In place of what the gateway does, complete.
    case own(SamplingDeclaration)
}

/// A format in which a trace is handed on to an upstream.
public enum TraceHeaderDeclaration: String, Sendable, Equatable, CaseIterable {
    /// `X-B3-TraceId` and its companions.
    case b3Multi = "b3-multi"
    /// `b3`.
    case b3Single = "b3-single"
    /// `traceparent` and `tracestate`.
    case w3c
}
