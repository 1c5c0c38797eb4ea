public import Declarations
public import HTTPModel
public import Routing

/// Which route a request takes and why, and what becomes of it there.
public struct RequestExplanation: Sendable, Equatable {
    /// What the gateway does.
    public enum Verdict: Sendable, Equatable {
        /// The request takes this route.
        case route(Winner)
        /// 404, or 405 with the methods there are.
        case notFound(RouteExplanation.NotFound)
        /// The request is refused before routes are looked at.
        case refused(GatewayError, reason: String)
    }

    /// The route and its consequences.
    public struct Winner: Sendable, Equatable {
        /// The declaration.
        public var route: RouteDeclaration
        /// The path that an upstream sees; `nil` when the route leads to none, or its filters refuse the path.
        public var forwardedPath: String?
        /// The filters make a path that is not forwarded: the answer is 400.
        public var pathRefused = false
        /// The value of `Location` of a redirect, without the request's query.
        public var location: String?
        /// Where the request may go, with its share of the requests in this route.
        public var destinations: [Destination] = []
    }

    /// An upstream that the route leads to.
    public struct Destination: Sendable, Equatable {
        /// As declared.
        public var upstream: UpstreamDeclaration
        /// Out of `weightSum`.
        public var weight: Int
        /// Of all destinations.
        public var weightSum: Int
    }

    /// A route and what became of it.
    public struct Row: Sendable, Equatable {
        /// The declaration.
        public var route: RouteDeclaration
        /// What became of it.
        public var outcome: RouteExplanation.Outcome
        /// Host and path led to it.
        public var isCandidate: Bool
    }

    /// The method's token.
    public var method = ""
    /// Without port.
    public var host = ""
    /// As received.
    public var receivedPath = ""
    /// Normalised: what is routed and forwarded.
    public var path = ""
    /// Without `?`; `nil` when there is none.
    public var query: String?
    /// All routes in the order of rank; empty when the request was refused.
    public var rows: [Row] = []
    /// What happens.
    public var verdict: Verdict

    /// A route takes the request.
    public var isRouted: Bool {
        if case .route = verdict { true } else { false }
    }

    init(verdict: Verdict) {
        self.verdict = verdict
    }
}
