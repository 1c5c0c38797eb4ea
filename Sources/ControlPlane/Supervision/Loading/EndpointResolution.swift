internal import Declarations
internal import Kernel
internal import Shard

/// Turns endpoints' names into addresses: each address of a name becomes an endpoint of its own, with the name's weight.
struct EndpointResolution {
    /// All addresses of a host, with this port.
    typealias Resolver = ([NamedAddress]) -> [NamedAddress: Result<[SocketAddress], NameFailure>]

    let file: String
    let resolver: Resolver

    /// The names that are no literal addresses, each once.
    static func names(of upstreams: [UpstreamDeclaration]) -> [NamedAddress] {
        var names: Set<NamedAddress> = []
        for endpoint in upstreams.flatMap(\.endpoints)
        where SocketAddress(literal: endpoint.host, port: endpoint.port) == nil {
            names.insert(NamedAddress(host: endpoint.host, port: endpoint.port))
        }
        return names.sorted()
    }

    /// All upstreams, or all names that lead nowhere. A name is looked up once, however often it is written.
    func resolve(_ upstreams: [UpstreamDeclaration]) throws(Refusal) -> [UpstreamPlan] {
        var known = resolver(Self.names(of: upstreams))
        var problems: [String] = []
        var plans: [UpstreamPlan] = []
        for upstream in upstreams {
            var endpoints: [UpstreamPlan.Endpoint] = []
            for endpoint in upstream.endpoints {
                let name = NamedAddress(host: endpoint.host, port: endpoint.port)
                if let literal = SocketAddress(literal: endpoint.host, port: endpoint.port) {
                    known[name] = .success([literal])
                }
                switch known[name] ?? .failure(NameFailure(reason: "it was not looked up")) {
                case .success(let addresses):
                    for address in addresses where !endpoints.contains(where: { $0.address == address }) {
                        endpoints.append(
                            UpstreamPlan.Endpoint(address: address, weight: endpoint.weight, host: endpoint.host))
                    }
                case .failure(let error):
                    problems.append(
                        "\(file): upstream '\(upstream.id)': cannot resolve '\(endpoint.host)': \(error.reason)")
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

/// Why a name leads nowhere.
struct NameFailure: Error, Sendable, Equatable {
    var reason: String
}
