internal import Declarations
internal import EventLoop
internal import Kernel
internal import Telemetry
internal import Upstreams

// Clusters: how they come, take over from each other, and go.
extension ShardLoop {
    func makeCluster(_ plan: UpstreamPlan) -> Cluster {
        Cluster(
            plan: plan, tls: table.upstreamTLS[plan.declaration.id],
            metrics: options.registry.upstream(plan.declaration.id, shard: options.index),
            firstTurn: options.index, isTraced: spans != nil)
    }

    /// An upstream's names lead elsewhere now: what is known of the addresses that stay, and the connections to them, live on.
    func replaceEndpoints(_ plan: UpstreamPlan) {
        guard let index = clusters.firstIndex(where: { $0.plan.declaration == plan.declaration }) else { return }
        let old = clusters[index]
        guard old.plan != plan else { return }
        let cluster = Cluster(
            plan: plan, tls: old.tlsContext, metrics: old.metrics, firstTurn: options.index, isTraced: spans != nil)
        inherit(cluster, from: old)
        clusters[index] = cluster
        retire(old)
    }

    /// Takes over health, and idle connections that lead to the same place in the same way.
    func inherit(_ cluster: Cluster, from old: Cluster) {
        cluster.balancer.inherit(from: old.balancer, now: now)
        guard cluster.speaksLike(old) else { return }
        for index in cluster.endpoints.indices {
            guard let before = old.endpoint(cluster.endpoints[index].identity) else { continue }
            for bits in old.endpoints[before].pool.takeAllIdle() {
                guard let connection = upstreams[SlotToken(bits: bits)] else { continue }
                old.endpoints[before].pool.closed()
                // It counts for the new one from now on, also where there is room for fewer and it is closed at once.
                connection.cluster = cluster
                connection.endpoint = index
                guard cluster.endpoints[index].pool.adopt(bits) == .close else { continue }
                cluster.metrics.idleConnectionsChanged(by: -1)
                release(connection)
            }
        }
    }

    /// So the control plane thinks of endpoints from now on.
    func setHealth(_ upstream: String, _ changes: [EndpointAvailability]) {
        guard let cluster = clusters.first(where: { $0.plan.declaration.id == upstream }) else { return }
        for change in changes {
            guard let index = cluster.endpoint(change.identity) else { continue }
            cluster.balancer.setAvailable(change.isAvailable, endpoint: index, now: now)
            if change.isAvailable, index < cluster.tallies.count { cluster.tallies[index].clear() }
        }
    }

    /// Closes what is idle; connections that carry an exchange close when it ends. Exchanges that wait for a connection of the old
    /// cluster still get one.
    func retire(_ cluster: Cluster) {
        cluster.isRetired = true
        for index in cluster.endpoints.indices {
            for bits in cluster.endpoints[index].pool.takeAllIdle() {
                cluster.metrics.idleConnectionsChanged(by: -1)
                if let connection = upstreams[SlotToken(bits: bits)] { release(connection) }
            }
        }
    }
}
