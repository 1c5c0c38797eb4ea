/// A host name that led to no address.
public struct NameResolutionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Why it did not.
    public enum Cause: Error, Sendable, Hashable {
        /// No such name (NXDOMAIN).
        case notFound
        /// The name exists, but not with an address of a family that this machine has.
        case noAddress
        /// A server answered that it cannot or will not (`SERVFAIL`, `REFUSED`, `NOTIMP`, `FORMERR`), or answered nonsense.
        case serverFailure(String)
        /// Nobody listens where the servers should be.
        case unreachable
        /// No answer in this time.
        case timedOut(milliseconds: Int)
        /// No host can have such a name.
        case invalidName
        /// The resolver itself cannot work; its word.
        case system(String)
    }

    /// The name that was asked for.
    public let host: String
    public let cause: Cause
    /// Whom it was asked, for people.
    public let servers: String

    /// Whether the same question may have another answer soon: everything but what the name itself is to blame for.
    public var isTransient: Bool {
        switch cause {
        case .notFound, .noAddress, .invalidName: false
        case .serverFailure, .unreachable, .timedOut, .system: true
        }
    }

    /// Host, cause and remedy in one line.
    public var description: String { "cannot resolve '\(host)': \(reason); \(remedy)" }

    /// The cause, for people.
    public var reason: String {
        switch cause {
        case .notFound: "no such name (NXDOMAIN from \(servers))"
        case .noAddress: "the name has no address of a family that this machine has (said \(servers))"
        case .serverFailure(let word): "\(word) from \(servers)"
        case .unreachable: "nobody listens at \(servers)"
        case .timedOut(let milliseconds): "no answer within \(milliseconds) ms from \(servers)"
        case .invalidName: "this is no host name"
        case .system(let word): "the resolver does not work: \(word)"
        }
    }

    /// What to do about it.
    public var remedy: String {
        switch cause {
        case .notFound: "correct the name, or add it to DNS or to /etc/hosts"
        case .noAddress: "add an A or AAAA record for it"
        case .serverFailure: "ask whoever runs the server, or name another one"
        case .unreachable: "start the server, or name another one"
        case .timedOut: "check the network and the server, or name another one"
        case .invalidName: "use letters, digits, hyphens and dots, at most 63 characters between dots and 253 in all"
        case .system: "see that there is memory and that /etc/resolv.conf can be read"
        }
    }
}
