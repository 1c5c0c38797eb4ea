public import Declarations
public import Health
public import Shard

/// A configuration made of local services: what the admin shard and the control shard serve.
public struct LocalSite: Sendable {
    /// Listeners and routes; without upstreams.
    public var declaration: GatewayDeclaration
    /// The services by route id.
    public var services: [String: any LocalService] = [:]

    /// Connections at one time; a scraper and a few people need less.
    public static let connectionsMax = 256

    private init(_ listener: ListenerDeclaration?) {
        declaration = GatewayDeclaration()
        declaration.listeners = listener.map { [$0] } ?? []
        declaration.limits.connections = Self.connectionsMax
        declaration.limits.requestBodyBytes = 65_536
    }

    /// The read-only pages. Without a listener nobody can ask for them, until a reload brings one.
    public static func admin(
        _ listener: ListenerDeclaration?, state: AdminState, metrics: MetricsService, health: HealthKeeper? = nil
    ) -> LocalSite {
        var site = LocalSite(listener)
        site.add("metrics", "GET", metrics)
        site.add("livez", "GET", LivenessService())
        site.add("readyz", "GET", ReadinessService(state: state))
        site.add("routes", "GET", RoutesService(state: state))
        if let health { site.add("upstreams", "GET", UpstreamsService(health: health)) }
        return site
    }

    /// The commands, for the control socket.
    public static func control(
        _ listener: ListenerDeclaration, reload: CommandService, drain: CommandService
    ) -> LocalSite {
        var site = LocalSite(listener)
        site.add("reload", "POST", reload)
        site.add("drain", "POST", drain)
        return site
    }

    private mutating func add(_ name: String, _ method: String, _ service: any LocalService) {
        // The shard leads the route to the service and never uses this action.
        var route = RouteDeclaration(id: name, action: .respond(RespondDeclaration()))
        route.match.paths = [.segments([.literal(name)], tail: false, source: "/" + name)]
        route.match.methods = [method]
        declaration.routes.append(route)
        services[name] = service
    }
}
