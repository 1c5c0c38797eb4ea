internal import Declarations
internal import HTTPModel
internal import Kernel
internal import Limits
internal import TLS
internal import Telemetry
internal import TraceContext
internal import Upstreams

/// An upstream as it lives on one shard: endpoints, their pools, what is in progress, what is known of their health. It outlives
/// reloads that do not change it.
final class Cluster {
    /// One endpoint.
    struct Endpoint {
        let address: SocketAddress
        /// What reports and health speak of: the address as text.
        let identity: String
        /// What its certificate must be for.
        let serverName: String
        /// The address as a JSON string, for the access log.
        let quoted: [UInt8]
        /// What spans of attempts say of it; `nil` where none are made.
        let span: SpanUpstreamText?
        var pool: ConnectionPool
    }

    /// What an exchange is placed by, for a consistent hash.
    enum Placement {
        case header([UInt8], KnownField)
        case cookie([UInt8])
        case clientAddress
        case capture(String)

        init(_ declaration: HashKeyDeclaration) {
            switch declaration {
            case .header(let name): self = .header(Array(name.utf8), KnownField(Array(name.utf8).span))
            case .cookie(let name): self = .cookie(Array(name.utf8))
            case .clientAddress: self = .clientAddress
            case .capture(let name): self = .capture(name)
            }
        }
    }

    let plan: UpstreamPlan
    let quotedID: [UInt8]
    let metrics: UpstreamMetrics
    var endpoints: [Endpoint]
    /// How exchanges end, per endpoint; empty when that is not judged.
    var tallies: [PassiveTally]
    /// Exchanges in progress per endpoint.
    var active: [Int]
    var balancer: Balancer
    let retries: RetryPolicy
    var budget: RetryBudget
    var hedge: HedgePolicy?
    var breaker: CircuitBreaker?
    var queue: PendingQueue
    var adaptive: AdaptiveLimit?
    let placement: Placement?
    let sticky: StickyTokens?
    /// How traces are handed on.
    let traceHeaders: TraceHeaderFormats
    let stickyName: [UInt8]
    /// Exchanges may be waiting for a connection that has become free.
    var mayServeQueue = false
    /// No longer configured: connections close when their exchange ends.
    var isRetired = false

    /// `nil` for clear text.
    let tlsContext: TLSClientContext?

    init(plan: UpstreamPlan, tls: TLSClientContext?, metrics: UpstreamMetrics, firstTurn: Int, isTraced: Bool) {
        tlsContext = tls
        let declaration = plan.declaration
        self.plan = plan
        self.metrics = metrics
        quotedID = AccessLogFormat.quoted(declaration.id)
        endpoints = plan.endpoints.map {
            Endpoint(
                address: $0.address, identity: $0.address.text,
                serverName: declaration.tls?.serverName ?? $0.host, quoted: AccessLogFormat.quoted($0.address.text),
                span: isTraced ? SpanUpstreamText(upstream: declaration.id, address: $0.address) : nil,
                pool: ConnectionPool(declaration.pool))
        }
        tallies =
            declaration.health.passive.map { Array(repeating: PassiveTally($0), count: plan.endpoints.count) } ?? []
        active = Array(repeating: 0, count: plan.endpoints.count)
        let balanced = plan.endpoints.map { BalancedEndpoint(identity: $0.address.text, weight: $0.weight) }
        balancer = Balancer(declaration, endpoints: balanced, firstTurn: firstTurn)
        retries = RetryPolicy(declaration.retries)
        budget = RetryBudget(declaration.retryBudget)
        hedge = declaration.hedge.map(HedgePolicy.init)
        breaker = declaration.breaker.map(CircuitBreaker.init)
        queue = PendingQueue(declaration.queue)
        adaptive = declaration.adaptive.map { AdaptiveLimit(AdaptiveLimitPolicy($0)) }
        placement = declaration.balance == .consistentHash ? declaration.hashKey.map(Placement.init) : nil
        traceHeaders = isTraced ? TraceHeaderFormats(declaration.traceHeaders) : []
        stickyName = Array((declaration.stickyCookie?.name ?? "").utf8)
        sticky =
            declaration.stickyCookie == nil
            ? nil : StickyTokens(identities: balanced.map(\.identity), key: .placement)
    }

    var timeouts: UpstreamTimeoutsDeclaration { plan.declaration.timeouts }

    /// The index of an endpoint by its identity.
    func endpoint(_ identity: String) -> Int? { endpoints.firstIndex { $0.identity == identity } }

    /// Connections of the other cluster can serve this one: they lead to the same place in the same way.
    func speaksLike(_ other: Cluster) -> Bool {
        plan.declaration.tls == other.plan.declaration.tls && plan.tls == other.plan.tls
            && plan.declaration.proxyProtocol == other.plan.declaration.proxyProtocol
    }
}

extension AdaptiveLimitPolicy {
    init(_ declaration: AdaptiveLimitDeclaration) {
        self.init()
        minimum = declaration.minimum
        maximum = declaration.maximum
        initial = declaration.initial
        tolerancePercent = declaration.tolerancePercent
    }
}
