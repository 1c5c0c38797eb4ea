public import Kernel

/// What a parser of the PROXY protocol found in the bytes so far.
public enum ProxyHeaderOutcome: Sendable, Equatable {
    /// Nothing wrong yet, but no end either.
    case incomplete
    /// A whole header of `consumed` bytes: the connection was made by `source` and reached the sender at `destination`.
    case complete(consumed: Int, source: SocketAddress, destination: SocketAddress)
    /// A whole header of `consumed` bytes that tells no addresses to be used: the connection's own are the right ones.
    case local(consumed: Int)
    /// No header of either version can begin like this. The connection is to be closed without an answer.
    case failed
}

/// Why reading stopped before the end of a header.
enum HeaderStop: Error {
    case incomplete, failed
}
