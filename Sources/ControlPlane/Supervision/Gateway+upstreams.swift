internal import Declarations
public import Health
internal import Identity
internal import Kernel
internal import Logging
internal import NameResolution
public import Shard
internal import Upstreams

extension HealthKeeper: HealthReporting {}

// What happens to upstreams between two configurations: endpoints become healthy or not, names lead elsewhere.
extension Gateway {
    /// Tells the keepers what the plan in force has.
    func configureKeepers() {
        health.configure(plan.upstreams.map(Self.target))
        keys.configure(plan.declaration.issuers.map { source($0) })
        names.configure(
            EndpointResolution.names(of: plan.declaration.upstreams), resolver: Self.resolver(plan.declaration))
    }

    private static func target(_ upstream: UpstreamPlan) -> HealthTarget {
        var target = HealthTarget(
            upstream: upstream.declaration.id, health: upstream.declaration.health,
            endpoints: upstream.endpoints.map { HealthEndpoint(address: $0.address, host: $0.host) })
        target.tls = upstream.declaration.tls
        target.proxyProtocol = upstream.declaration.proxyProtocol
        return target
    }

    static func resolver(_ declaration: GatewayDeclaration) -> NameResolver {
        NameResolver(servers: declaration.nameServers.compactMap(NameResolver.server))
    }

    /// Asks for names at a start or a reload. A name that cannot be resolved now, but could before, keeps the addresses it had.
    static func lookUp(
        _ declaration: GatewayDeclaration, lastKnown: @escaping (NamedAddress) -> [SocketAddress]
    ) -> EndpointResolution.Resolver {
        { names in
            let results = resolver(declaration).resolve(names, timeoutMilliseconds: NameKeeper.askMilliseconds)
            var found: [NamedAddress: Result<[SocketAddress], NameFailure>] = [:]
            for (name, result) in zip(names, results) {
                switch result {
                case .success(let resolution): found[name] = .success(resolution.addresses)
                case .failure(let error):
                    let before = lastKnown(name)
                    found[name] =
                        before.isEmpty
                        ? .failure(NameFailure(reason: "\(error.reason); \(error.remedy)")) : .success(before)
                }
            }
            return found
        }
    }

    /// A name leads elsewhere now, or nowhere: the addresses it had stay in force then.
    func nameChanged(_ name: NamedAddress, _ result: Result<[SocketAddress], NameFailure>) {
        switch result {
        case .failure(let failure):
            logger.warning(
                "a name cannot be resolved; the addresses known last stay in force",
                metadata: ["name": "\(name)", "reason": "\(failure.reason)"])
        case .success:
            var isChanged = false
            for index in plan.upstreams.indices { isChanged = renew(index, name) || isChanged }
            guard isChanged else { return }
            logger.notice(
                "a name leads elsewhere",
                metadata: [
                    "name": "\(name)", "addresses": "\(names.addresses(of: name).map(\.text).joined(separator: ", "))",
                ])
            health.configure(plan.upstreams.map(Self.target))
        }
    }

    /// Makes the endpoints of an upstream those that its names lead to now; false when nothing of it changed.
    private func renew(_ index: Int, _ name: NamedAddress) -> Bool {
        let declaration = plan.upstreams[index].declaration
        guard declaration.endpoints.contains(where: { $0.host == name.host && $0.port == name.port }) else {
            return false
        }
        let old = plan.upstreams[index].endpoints
        var endpoints: [UpstreamPlan.Endpoint] = []
        for endpoint in declaration.endpoints {
            let own = NamedAddress(host: endpoint.host, port: endpoint.port)
            var addresses = names.addresses(of: own)
            // A literal, or a name whose turn has not come yet.
            if addresses.isEmpty { addresses = old.filter { $0.host == own.host }.map(\.address) }
            for address in addresses where !endpoints.contains(where: { $0.address == address }) {
                endpoints.append(UpstreamPlan.Endpoint(address: address, weight: endpoint.weight, host: endpoint.host))
            }
        }
        // The same addresses in another order are the same endpoints.
        let stays = old.filter { endpoints.contains($0) }
        endpoints = stays + endpoints.filter { !stays.contains($0) }
        guard endpoints != old else { return false }
        plan.upstreams[index].endpoints = endpoints
        data.post(.endpoints(plan.upstreams[index]))
        return true
    }

    /// Endpoints became healthy or not: the shards are told, and so is the log.
    func healthChanged(_ changes: [UpstreamHealthChange]) {
        for each in changes {
            let change = each.change
            data.post(
                .health(
                    upstream: each.upstream,
                    [EndpointAvailability(identity: change.endpoint, isAvailable: change.to.isAvailable)]))
            let metadata: Logger.Metadata = [
                "upstream": "\(each.upstream)", "endpoint": "\(change.endpoint)", "state": "\(change.to.word)",
                "was": "\(change.from.word)", "reason": "\(change.reason)",
            ]
            if change.to.isAvailable {
                logger.notice("an endpoint is available again", metadata: metadata)
            } else {
                logger.warning("an endpoint gets no requests", metadata: metadata)
            }
        }
    }
}
