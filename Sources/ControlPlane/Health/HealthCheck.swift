internal import Declarations
internal import Fetch
internal import Kernel

/// What a check asks, and what its outcome says. Pure.
enum HealthCheck {
    /// Bytes of a body that are read. A health page has no more to say, and an endless one must not hold the check up.
    static let bodyBytesMax = 65_536

    /// What an outcome says about the endpoint.
    enum Verdict: Equatable {
        case passed(String)
        case failed(String)
        /// It was our fault; it says nothing.
        case notMade
    }

    /// The request that checks an endpoint: always over a connection of its own. The `Host` field is by default the host as written
    /// with the port that is checked.
    static func request(
        _ active: ActiveHealthDeclaration, of target: HealthTarget, _ endpoint: HealthEndpoint
    ) -> FetchRequest {
        let port = active.port ?? endpoint.address.port
        let isSixLiteral = SocketAddress(literal: endpoint.host, port: 0)?.isIPv4 == false
        let host = isSixLiteral ? "[\(endpoint.host)]" : endpoint.host
        var request = FetchRequest(url: "\(target.tls == nil ? "http" : "https")://\(host):\(port)\(active.path)")
        request.address = endpoint.address.with(port: port)
        request.fields = [FetchField("User-Agent", "martlet-health-check")]
        if let field = active.host { request.fields.append(FetchField("Host", field)) }
        request.connectMilliseconds = max(1, active.timeoutMilliseconds)
        request.wholeMilliseconds = max(1, active.timeoutMilliseconds)
        request.connection = .fresh
        request.version = .http1
        request.bodyLimit = .cut(atBytes: bodyBytesMax)
        request.sendsProxyHeader = target.proxyProtocol != nil && port == endpoint.address.port
        if let tls = target.tls { request.tls = fetchTLS(tls) }
        return request
    }

    private static func fetchTLS(_ declaration: UpstreamTLSDeclaration) -> FetchTLS {
        var tls = FetchTLS()
        tls.serverName = declaration.serverName
        tls.authoritiesFile = declaration.authoritiesFile
        tls.certificateFile = declaration.certificate?.chainFile
        tls.keyFile = declaration.certificate?.keyFile
        tls.verifies = declaration.verifies
        switch declaration.minimumVersion {
        case .tls12: tls.minimumVersion = .tls12
        case .tls13: tls.minimumVersion = .tls13
        }
        return tls
    }

    /// What the outcome of such a request says.
    static func verdict(_ outcome: FetchOutcome, _ active: ActiveHealthDeclaration) -> Verdict {
        switch outcome.result {
        case .success(let response):
            let isGood = active.statuses.contains { $0.contains(response.status) }
            return isGood ? .passed("status \(response.status)") : .failed("status \(response.status)")
        case .failure(let error):
            return error.kind == .outOfResources ? .notMade : .failed(error.text)
        }
    }
}
