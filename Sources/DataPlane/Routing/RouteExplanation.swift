/// Why a request takes the route it takes: what became of every route of the table.
public struct RouteExplanation: Sendable, Equatable {
    /// The first predicate of a route that a request failed.
    public enum Failure: Sendable, Equatable {
        case host
        case path
        /// The path's expression reached its limit of work.
        case pathGaveUp
        case method
        /// A header field, by its name in lower case.
        case header(name: String)
        case headerGaveUp(name: String)
        /// A query parameter, by its name.
        case query(name: String)
        case queryGaveUp(name: String)
    }

    public enum Outcome: Sendable, Equatable {
        case wins
        /// Everything fits, but a route of better rank wins.
        case yields
        case fails(Failure)
    }

    public struct Entry: Sendable, Equatable {
        /// Index of the declaration.
        public var routeIndex: Int
        public var outcome: Outcome
        /// True when host and path pattern led to the route, so that its other predicates were asked.
        public var isCandidate: Bool
    }

    public enum NotFound: Sendable, Equatable {
        /// No route of the table has the host.
        case host
        /// No route of the host has the path.
        case path
        /// Routes have the path, but other predicates failed.
        case predicates
        /// Routes fit but for the method; these methods would do.
        case method(allow: [String])
    }

    /// Every route, in the order of rank.
    public var entries: [Entry]
    /// Index of the declaration that wins.
    public var winner: Int?
    /// Why there is no winner.
    public var notFound: NotFound?
}
