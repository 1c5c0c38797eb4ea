internal import Declarations

/// A route as far as it could be read, with the places that the later checks point at.
struct RouteDraft: Sendable {
    var id: Located<String>?
    var priority = 0
    var match = MatchDraft()
    var filters: [Located<FilterDraft>] = []
    var forward: Located<String>?
    var split: [SplitTargetDeclaration]?
    var redirect: Located<RedirectDeclaration>?
    var respond: RespondDeclaration?
    var upgrades: Located<[String]>?
    var tracing: Located<RouteTracingDeclaration>?
    /// Nothing in the route was wrong, so it can be compared with others.
    var isSound = false

    var action: ActionDeclaration? {
        if let forward { return .forward(upstream: forward.value) }
        if let split { return .split(split) }
        if let redirect { return .redirect(redirect.value) }
        return respond.map { .respond($0) }
    }
}

/// The predicates of a route as far as they could be read.
struct MatchDraft: Sendable {
    var hosts: [Located<String>] = []
    var paths: [Located<PathPatternDeclaration>] = []
    var method: Located<[String]>?
    var methods: Located<[String]>?
    var headers: [FieldPredicateDeclaration] = []
    var query: [FieldPredicateDeclaration] = []

    var declaration: MatchDeclaration {
        var match = MatchDeclaration()
        match.hosts = hosts.map(\.value)
        match.paths = paths.map(\.value)
        match.methods = methods?.value ?? method?.value ?? []
        match.headers = headers
        match.query = query
        return match
    }
}

/// One element of `filters`: a filter, or a set of them by its name.
struct FilterDraft: Sendable {
    var filter: FilterDeclaration?
    var set: Located<String>?
}

/// Filters under a name.
struct FilterSetDraft: Sendable {
    var name: Located<String>
    var filters: [Located<FilterDraft>]
}

/// The long form of `rewrite-path`.
struct RewriteDraft: Sendable {
    var regex: String?
    var replacement: Located<String>?
}

/// The whole file before the checks across its parts.
struct FileDraft: Sendable {
    var version: Int?
    var listeners: [Located<ListenerDraft>] = []
    var admin = AdminDraft()
    var defaults = DefaultsDraft()
    var tracing: TracingDeclaration?
    var filterSets: [FilterSetDraft] = []
    var issuers: [Located<IssuerDeclaration>] = []
    var upstreams: [Located<UpstreamDeclaration>] = []
    var routes: [Located<RouteDraft>] = []
}

struct ListenerDraft: Sendable {
    var name: Located<String>?
    var address: Located<ListenAddress>?
    var trustedProxies: [NetworkDeclaration] = []
    var acceptsProxyProtocol = false
    var tls: ListenerTLSDeclaration?
}

struct AdminDraft: Sendable {
    /// `.some(nil)` is `off`.
    var address: Located<ListenAddress?>?
    var accessLog = AccessLogDeclaration.standardOutput
}

struct DefaultsDraft: Sendable {
    var timeouts = DefaultTimeouts()
    var limits = LimitsDeclaration()
    var nameServers: [String] = []
    /// Filters that apply to every route, before its own.
    var filters: [Located<FilterDraft>] = []
    /// What upstreams have that say nothing; its time limits stand under `timeouts`.
    var upstream = UpstreamDeclaration(id: "", endpoints: [])
}

/// `defaults.timeouts` holds both sides, under names that do not collide.
struct DefaultTimeouts: Sendable {
    var downstream = DownstreamTimeoutsDeclaration()
    var upstream = UpstreamTimeoutsDeclaration()
}
