internal import Declarations
internal import Kernel
internal import Shard

/// Turns endpoints' names into addresses: each address of a name becomes an endpoint of its own, with the name's weight.
struct EndpointResolution {
    /// All addresses of a host, with this port.
    typealias Resolver = (String, UInt16) -> Result<[SocketAddress], ResolveError>

    let file: String
    let resolver: Resolver

    /// All upstreams, or all names that lead nowhere. A name is looked up once, however often it is written.
    func resolve(_ upstreams: [UpstreamDeclaration]) throws(Refusal) -> [UpstreamPlan] {
        var known: [String: Result<[SocketAddress], ResolveError>] = [:]
        var problems: [String] = []
        var plans: [UpstreamPlan] = []
        for upstream in upstreams {
            var endpoints: [UpstreamPlan.Endpoint] = []
            for endpoint in upstream.endpoints {
                let key = "\(endpoint.host) \(endpoint.port)"
                let result = known[key] ?? resolver(endpoint.host, endpoint.port)
                known[key] = result
                switch result {
                case .success(let addresses):
                    for address in addresses where !endpoints.contains(where: { $0.address == address }) {
                        endpoints.append(
                            UpstreamPlan.Endpoint(address: address, weight: endpoint.weight, host: endpoint.host))
                    }
                case .failure(let error):
                    problems.append(
                        "\(file): upstream '\(upstream.id)': cannot resolve '\(error.host)': \(error.reason)")
                }
            }
            plans.append(UpstreamPlan(declaration: upstream, endpoints: endpoints))
        }
        guard let first = problems.first else { return plans }
        var refusal = Refusal(.configuration, first)
        refusal.lines = problems
        refusal.text = problems.joined(separator: "\n") + "\n"
        if problems.count > 1 { refusal.summary = "\(first) (and \(problems.count - 1) more)" }
        throw refusal
    }
}
