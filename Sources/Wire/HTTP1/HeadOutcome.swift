public import HTTPModel

/// What a head parser found in the bytes so far.
public enum HeadOutcome: Sendable, Equatable {
    /// A whole head; it ends before this index.
    case complete(headEnd: Int)
    /// Nothing wrong yet, but no end either.
    case incomplete
    /// Refused. Nothing that follows on the connection may be interpreted.
    case failed(GatewayError)
}
