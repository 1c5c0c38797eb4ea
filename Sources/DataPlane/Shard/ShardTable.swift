public import Declarations
public import Filters
internal import Forwarding
internal import HTTPModel
internal import Kernel
public import Limits
public import Routing
public import TLS
internal import Telemetry

/// All that a configuration means to one shard: compiled, immutable, owned by that shard alone.
///
/// Each shard gets a table of its own (law 1: nothing reference-counted is shared). The control plane builds it, then hands it
/// over.
public final class ShardTable {
    /// Finds routes; the same object that `martlet explain` asks.
    public let routes: RouteTable
    let plans: [RoutePlan]
    /// Checks tokens; nothing is known of the issuers' keys until the shard has told it.
    let tokens: TokenDesk
    /// Names of query parameters whose values belong into no log.
    let secretParameters: [[UInt8]]
    /// Some route answers preflights.
    let answersPreflights: Bool
    let upstreams: [UpstreamPlan]
    let listeners: [ListenerPlan]
    /// Which traces are recorded; `nil` for none.
    let tracing: TracingTable?
    /// TLS of the listeners that have it, by name.
    let listenerTLS: [String: TLSServerContext]
    /// TLS towards upstreams that have it, by id.
    let upstreamTLS: [String: TLSClientContext]
    let timeouts: DownstreamTimeoutsDeclaration
    let limits: LimitsDeclaration
    let services: [any LocalService]

    /// Compiles a declaration whose names were resolved. `upstreams` are in the declaration's order.
    ///
    /// - Parameters:
    ///   - listenerTLS: by the name of each listener that has TLS. The files were read and inspected.
    ///   - shard: the index of the shard that the table is for.
    ///   - services: local services by route id; such a route's own action is not used.
    ///   - register: the tables of all limits.
    ///   - now: seconds since 1970, for what expires.
    public init(
        _ declaration: GatewayDeclaration, upstreams: [UpstreamPlan], listenerTLS: [String: TLSServerOptions] = [:],
        shard: Int = 0, services: [String: any LocalService] = [:], now: Int64 = 0,
        register: LimitRegister = LimitRegister(seed: LimitSeed(low: 0, high: 0))
    ) throws(ShardTableError) {
        (self.listenerTLS, upstreamTLS) = try Self.contexts(listenerTLS, upstreams, shard: shard, now: now)
        do {
            routes = try RouteTable(declaration.routes)
        } catch {
            throw ShardTableError(message: "\(error)")
        }
        var indices: [String: Int] = [:]
        for (index, upstream) in upstreams.enumerated() { indices[upstream.declaration.id] = index }
        let tokens = TokenDesk(declaration.issuers)
        self.tokens = tokens
        secretParameters = Self.secretParameters(declaration)
        var plans: [RoutePlan] = []
        var ordered: [any LocalService] = []
        plans.reserveCapacity(declaration.routes.count)
        for (index, route) in declaration.routes.enumerated() {
            if let service = services[route.id] {
                plans.append(RoutePlan(route, index: index, service: ordered.count))
                ordered.append(service)
            } else {
                plans.append(
                    try RoutePlan(
                        route, index: index, upstreams: indices, limits: declaration.limits, tokens: tokens,
                        register: register))
            }
        }
        self.plans = plans
        answersPreflights = plans.contains { $0.chain.crossOrigin != nil }
        self.upstreams = upstreams
        listeners = declaration.listeners.map(ListenerPlan.init)
        tracing = declaration.tracing.map { TracingTable($0, routes: declaration.routes) }
        timeouts = declaration.timeouts
        limits = declaration.limits
        self.services = ordered
    }

    private static func secretParameters(_ declaration: GatewayDeclaration) -> [[UInt8]] {
        var names: Set<String> = []
        for filter in declaration.routes.lazy.flatMap(\.filters) {
            if case .token(let token) = filter, case .query(let name) = token.source { names.insert(name) }
            if case .apiKey(let key) = filter, !key.query.isEmpty { names.insert(key.query) }
        }
        return names.sorted().map { Array($0.utf8) }
    }

    /// Contexts of this table alone; the library behind them is shared with no other shard.
    private static func contexts(
        _ listeners: [String: TLSServerOptions], _ upstreams: [UpstreamPlan], shard: Int, now: Int64
    ) throws(ShardTableError) -> ([String: TLSServerContext], [String: TLSClientContext]) {
        var servers: [String: TLSServerContext] = [:]
        var clients: [String: TLSClientContext] = [:]
        guard !listeners.isEmpty || upstreams.contains(where: { $0.tls != nil }) else { return (servers, clients) }
        let library = TLSLibrary.of(shard: shard)
        for (name, options) in listeners {
            do {
                servers[name] = try TLSServerContext(options, library: library, now: now)
            } catch {
                throw ShardTableError(message: "listener '\(name)': tls: \(error)")
            }
        }
        for upstream in upstreams {
            guard let tls = upstream.tls else { continue }
            do {
                clients[upstream.declaration.id] = try TLSClientContext(tls.options, library: library)
            } catch {
                throw ShardTableError(message: "upstream '\(upstream.declaration.id)': tls: \(error)")
            }
        }
        return (servers, clients)
    }
}

/// A configuration that passed the checks and still does not compile: names the route.
public struct ShardTableError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong, and where.
    public let message: String
    public var description: String { message }
}

/// A listener, compiled.
struct ListenerPlan {
    let name: String
    /// The name as a JSON string, for the access log.
    let quotedName: [UInt8]
    let trusted: [TrustedNetwork]
    let acceptsProxyProtocol: Bool

    init(_ declaration: ListenerDeclaration) {
        name = declaration.name
        quotedName = AccessLogFormat.quoted(declaration.name)
        acceptsProxyProtocol = declaration.acceptsProxyProtocol
        trusted = declaration.trustedProxies.map { TrustedNetwork(bytes: $0.bytes, prefixBits: $0.prefixBits) }
    }

    func trusts(_ address: SocketAddress) -> Bool {
        for network in trusted where network.contains(address) { return true }
        return false
    }
}
