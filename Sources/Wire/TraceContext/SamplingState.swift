/// What is known of whether a trace is recorded.
public enum SamplingState: UInt8, Sendable, CaseIterable {
    /// Nobody has decided; the receiver does.
    case deferred
    /// Recorded.
    case accept
    /// Not recorded. It goes on to all further hops.
    case deny
    /// Recorded whatever any sampler says (B3's `d`).
    case debug

    /// Spans of this trace are kept.
    public var isSampled: Bool { self == .accept || self == .debug }
}
