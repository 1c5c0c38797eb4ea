internal import Declarations
internal import Kernel
internal import Telemetry
internal import Upstreams

/// An upstream as it lives on one shard: endpoints, their pools, what is in progress. It outlives reloads that do not change it.
final class Cluster {
    /// One endpoint.
    struct Endpoint {
        let address: SocketAddress
        /// The address as a JSON string, for the access log.
        let quoted: [UInt8]
        var pool: ConnectionPool
    }

    let plan: UpstreamPlan
    let quotedID: [UInt8]
    let metrics: UpstreamMetrics
    var endpoints: [Endpoint]
    /// Exchanges in progress per endpoint.
    var active: [Int]
    var balancer: Balancer
    /// No longer configured: connections close when their exchange ends.
    var isRetired = false

    init(plan: UpstreamPlan, metrics: UpstreamMetrics) {
        self.plan = plan
        self.metrics = metrics
        quotedID = AccessLogFormat.quoted(plan.declaration.id)
        endpoints = plan.endpoints.map {
            Endpoint(
                address: $0.address, quoted: AccessLogFormat.quoted($0.address.text),
                pool: ConnectionPool(plan.declaration.pool))
        }
        active = Array(repeating: 0, count: plan.endpoints.count)
        balancer = Balancer(plan.declaration.balance, weights: plan.endpoints.map(\.weight))
    }

    var timeouts: UpstreamTimeoutsDeclaration { plan.declaration.timeouts }
}
