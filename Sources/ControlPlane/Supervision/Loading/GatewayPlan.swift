internal import Configuration
internal import Declarations
internal import Shard

/// A configuration that is fit to be applied: read, checked, and its names resolved.
struct GatewayPlan: Sendable {
    var declaration: GatewayDeclaration
    /// In the declaration's order.
    var upstreams: [UpstreamPlan]
    /// What the files named by `tls` held.
    var tls = TLSMaterial()
    /// Warnings at most.
    var report: ConfigurationReport

    /// `3 routes, 2 upstreams, 1 listener`.
    var summary: String {
        ConfigurationSummary.text(declaration)
    }
}
