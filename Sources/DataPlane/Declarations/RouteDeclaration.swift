/// A route as written: what it matches, the filters in order, and what happens to a request that takes it.
public struct RouteDeclaration: Sendable, Equatable {
    /// Unique among the routes; a label in metrics and logs.
    public var id: String
    /// Routes of higher priority win before specificity is looked at; 0 when not written.
    public var priority = 0
    public var match = MatchDeclaration()
    /// In order: those of `defaults.filters`, then the route's own, with named sets in the places where they are used.
    public var filters: [FilterDeclaration] = []
    public var action: ActionDeclaration
    /// Protocols that a request may change to (RFC 9110 §7.8), in lower case, such as `websocket`. Any other request for a change is
    /// forwarded without it. It concerns `forward` and `split` alone; empty: no change at all.
    public var upgrades = ["websocket"]
    public var tracing = RouteTracingDeclaration.inherited
    /// The line in the file where the route begins, from 1; 0 when it did not come from a file.
    public var line = 0

    public init(id: String, action: ActionDeclaration) {
        self.id = id
        self.action = action
    }

    /// Equal but for the place in the file: moving a route does not change it.
    public static func == (left: RouteDeclaration, right: RouteDeclaration) -> Bool {
        left.id == right.id && left.priority == right.priority && left.match == right.match
            && left.filters == right.filters && left.action == right.action && left.upgrades == right.upgrades
            && left.tracing == right.tracing
    }
}

/// The predicates of a route; all must hold. An empty list holds always.
public struct MatchDeclaration: Sendable, Equatable {
    /// Exact names (`api.example.com`) or suffix wildcards (`*.example.com`), lower case, without port. One must match.
    public var hosts: [String] = []
    /// One must match. Empty: every path.
    public var paths: [PathPatternDeclaration] = []
    /// Upper-case method tokens. One must match.
    public var methods: [String] = []
    public var headers: [FieldPredicateDeclaration] = []
    public var query: [FieldPredicateDeclaration] = []

    public init() {}
}

/// A pattern over the normalised path.
public enum PathPatternDeclaration: Sendable, Equatable {
    /// Segments from the root. `/a/b` is two literals; `/` is one empty literal; `/a/` is `a` and an empty literal.
    /// With `tail`, any number of further segments may follow (`/a/**` matches `/a`, `/a/` and `/a/b/c`).
    case segments([PathSegmentDeclaration], tail: Bool, source: String)
    /// A regular expression that must match the whole path (written `~expression`).
    case regex(String)

    /// As written in the file.
    public var source: String {
        switch self {
        case .segments(_, _, let source): source
        case .regex(let expression): "~" + expression
        }
    }
}

/// One segment of a path pattern.
public enum PathSegmentDeclaration: Sendable, Equatable {
    /// This very text, in normalised form.
    case literal(String)
    /// `*`: one segment that is not empty.
    case any
    /// `{name}`: one segment that is not empty, under a name that filters and redirects may use.
    case capture(String)
}

/// A predicate over a header field or a query parameter.
public struct FieldPredicateDeclaration: Sendable, Equatable {
    /// A header's name in lower case; a query parameter's name as it is, percent-decoded.
    public var name: String
    public var condition: FieldConditionDeclaration

    public init(name: String, condition: FieldConditionDeclaration) {
        self.name = name
        self.condition = condition
    }
}

/// What is asked of the field. A field that occurs several times holds when one of its values does.
public enum FieldConditionDeclaration: Sendable, Equatable {
    case equal(String)
    case present
    case absent
    /// The expression must match the whole value.
    case regex(String)
}

/// What happens to a request that takes the route.
public enum ActionDeclaration: Sendable, Equatable {
    /// To the upstream of this id.
    case forward(upstream: String)
    /// To one of several upstreams, drawn by weight.
    case split([SplitTargetDeclaration])
    case redirect(RedirectDeclaration)
    case respond(RespondDeclaration)
}

/// One upstream of a split.
public struct SplitTargetDeclaration: Sendable, Equatable {
    public var upstream: String
    /// Relative share, 0...1000000; the sum is at least 1.
    public var weight: Int

    public init(upstream: String, weight: Int) {
        self.upstream = upstream
        self.weight = weight
    }
}

/// A redirect.
public struct RedirectDeclaration: Sendable, Equatable {
    /// The `Location`: text with `{path}`, `{host}` and the captures of the match.
    public var location: String
    /// 301, 302, 303, 307 or 308.
    public var status = 308
    /// Appends the request's query string.
    public var keepQuery = true

    public init(location: String) {
        self.location = location
    }
}

/// An answer that needs no upstream.
public struct RespondDeclaration: Sendable, Equatable {
    /// 200...599.
    public var status = 200
    public var body = ""
    /// `text/plain; charset=utf-8` when not written; not sent with an empty body.
    public var contentType = "text/plain; charset=utf-8"
    /// Further fields, in order.
    public var headers: [HeaderDeclaration] = []

    public init() {}
}

/// A header field, as written.
public struct HeaderDeclaration: Sendable, Equatable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}
