internal import Declarations
internal import Filters
internal import Kernel
internal import Limits
internal import Routing
internal import Shard
internal import TLS

/// What all shards of a group are to serve. Each gets a table of its own, built from this: nothing reference-counted is shared
/// between their threads (law 1).
struct InstallationPlan {
    let declaration: GatewayDeclaration
    let upstreams: [UpstreamPlan]
    var listenerTLS: [String: TLSServerOptions] = [:]
    var services: [String: any LocalService] = [:]
    var register = LimitRegister(seed: LimitSeed(low: 0, high: 0))

    /// One shard's installation, not yet on its way.
    struct Built: Sendable {
        let installation: HandOver<ShardInstallation>
        /// The routes' indices, best first.
        let rankedOrder: [Int]
    }

    /// Compiles a table; `installed` is called on the shard's thread when it is in force.
    func build(
        shard: Int = 0, sockets: sending [ListenerSocket], installed: @escaping @Sendable (Retired) -> Void
    ) throws(Refusal) -> Built {
        let table: ShardTable
        do throws(ShardTableError) {
            table = try ShardTable(
                declaration, upstreams: upstreams, listenerTLS: listenerTLS, shard: shard, services: services,
                now: SystemClock.wallMilliseconds() / 1_000, register: register)
        } catch {
            throw Refusal(.configuration, error.message)
        }
        let rankedOrder = table.routes.rankedOrder
        return Built(
            installation: HandOver(ShardInstallation(table: table, sockets: sockets, installed: installed)),
            rankedOrder: rankedOrder)
    }
}
