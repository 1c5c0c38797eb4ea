public import Declarations
internal import Kernel

/// What a route does, as text for people, in the words of `routes.yaml`.
public enum RouteText {
    /// The action on one line: `forward origin`, `redirect 308 https://…`.
    public static func action(_ action: ActionDeclaration) -> String {
        switch action {
        case .forward(let upstream): "forward \(upstream)"
        case .split(let targets):
            "split " + targets.map { "\($0.upstream)=\($0.weight)" }.joined(separator: " ")
        case .redirect(let redirect): "redirect \(redirect.status) \(redirect.location)"
        case .respond(let respond): "respond \(respond.status)"
        }
    }

    /// The action's key in `routes.yaml`.
    public static func kind(_ action: ActionDeclaration) -> String {
        switch action {
        case .forward: "forward"
        case .split: "split"
        case .redirect: "redirect"
        case .respond: "respond"
        }
    }

    /// The protocols that a request of the route may change to, or `off`; `nil` when the route forwards nothing.
    public static func upgrades(of route: RouteDeclaration) -> String? {
        switch route.action {
        case .redirect, .respond: nil
        case .forward, .split: route.upgrades.isEmpty ? "off" : route.upgrades.joined(separator: ", ")
        }
    }

    /// A filter on one line: `strip-prefix: /api`.
    public static func filter(_ filter: FilterDeclaration) -> String {
        switch filter {
        case .stripPrefix(let prefix): "strip-prefix: \(prefix)"
        case .rewritePathTemplate(let template): "rewrite-path: \(template)"
        case .rewritePathRegex(let pattern, let replacement): "rewrite-path: ~\(pattern) -> \(replacement)"
        case .setRequestHeader(let name, let value): "set-request-header: \(name): \(value)"
        case .removeRequestHeader(let name): "remove-request-header: \(name)"
        case .setResponseHeader(let name, let value): "set-response-header: \(name): \(value)"
        case .removeResponseHeader(let name): "remove-response-header: \(name)"
        case .requestSize(let bytes): "request-size: \(size(bytes))"
        case .ipAllow(let networks): "ip-allow: \(networks.map(network).joined(separator: " "))"
        case .ipDeny(let networks): "ip-deny: \(networks.map(network).joined(separator: " "))"
        case .crossOrigin(let cors): "cors: \(cors.origins.joined(separator: " "))"
        case .secureHeaders: "secure-headers"
        case .token(let token): "jwt: \(tokenText(token))"
        case .fault(let fault): "fault: \(faultText(fault))"
        case .apiKey(let key):
            "api-key: \(key.keys.count) keys in \(key.query.isEmpty ? "header \(key.header)" : "query \(key.query)")"
        case .rateLimit(let limit): "rate-limit: \(limitText(limit))"
        case .concurrencyLimit(let limit):
            "concurrency-limit: \(limit.name), \(limit.limit) at once, by \(keyText(limit.key))"
        }
    }

    private static func limitText(_ limit: RateLimitDeclaration) -> String {
        var parts = ["\(limit.name), \(limit.rate.count) in \(duration(limit.rate.periodMilliseconds))"]
        if limit.burst > 0 { parts.append("burst \(limit.burst)") }
        parts.append("by \(keyText(limit.key))")
        if !limit.plans.isEmpty { parts.append("\(limit.plans.count) plans") }
        if limit.isShadow { parts.append("shadow") }
        return parts.joined(separator: ", ")
    }

    private static func faultText(_ fault: FaultDeclaration) -> String {
        var parts: [String] = []
        if fault.delayMilliseconds > 0 {
            parts.append("\(duration(fault.delayMilliseconds)) of delay for \(fault.delayPercent)%")
        }
        if fault.abortStatus > 0 { parts.append("\(fault.abortStatus) for \(fault.abortPercent)%") }
        return parts.isEmpty ? "none" : parts.joined(separator: ", ")
    }

    private static func keyText(_ key: [LimitKeyDeclaration]) -> String {
        let words = key.map { component in
            switch component {
            case .clientAddress: "client-address"
            case .route: "route"
            case .everybody: "everybody"
            case .header(let name): "header \(name)"
            case .cookie(let name): "cookie \(name)"
            case .claim(let path): "claim \(path)"
            }
        }
        return words.joined(separator: " and ")
    }

    private static func duration(_ milliseconds: Int) -> String {
        for (unit, factor) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)]
        where milliseconds.isMultiple(of: factor) {
            return "\(milliseconds / factor)\(unit)"
        }
        return "\(milliseconds)ms"
    }

    private static func tokenText(_ token: TokenDeclaration) -> String {
        var parts = ["of \(token.issuers.joined(separator: " or "))"]
        switch token.source {
        case .authorization: break
        case .cookie(let name): parts.append("in the cookie \(name)")
        case .query(let name): parts.append("in the query parameter \(name)")
        }
        if !token.scopes.isEmpty { parts.append("scopes \(token.scopes.joined(separator: " "))") }
        if !token.roles.isEmpty {
            parts.append("roles \(token.roles.joined(separator: token.needsAllRoles ? " and " : " or "))")
        }
        if !token.claims.isEmpty {
            parts.append("claims \(token.claims.map(\.path).joined(separator: token.anyClaim ? " or " : " and "))")
        }
        if !token.claimHeaders.isEmpty {
            parts.append("to headers \(token.claimHeaders.map(\.name).joined(separator: " "))")
        }
        if token.isOptional { parts.append("optional") }
        return parts.joined(separator: ", ")
    }

    /// A network as it is written.
    static func network(_ network: NetworkDeclaration) -> String {
        let address = SocketAddress(bytes: network.bytes, port: 0)
        return "\(address.hostText)/\(address.isIPv4 ? network.prefixBits - 96 : network.prefixBits)"
    }

    /// Octets in the largest unit that says them exactly; 0 is `off`.
    public static func size(_ bytes: Int) -> String {
        guard bytes > 0 else { return "off" }
        for (unit, factor) in [("GiB", 1_073_741_824), ("MiB", 1_048_576), ("KiB", 1_024)]
        where bytes.isMultiple(of: factor) {
            return "\(bytes / factor)\(unit)"
        }
        return "\(bytes)B"
    }

    /// Rows as columns of equal width, two spaces apart; the last column is not padded.
    public static func columns(_ rows: [[String]], indent: String = "") -> String {
        var widths: [Int] = []
        for row in rows {
            for (column, cell) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], cell.count)
            }
        }
        var text = ""
        for row in rows {
            var line = indent
            for (column, cell) in row.enumerated() {
                line += cell
                if column + 1 < row.count { line += String(repeating: " ", count: widths[column] - cell.count + 2) }
            }
            while line.last == " " { line.removeLast() }
            text += line + "\n"
        }
        return text
    }
}
