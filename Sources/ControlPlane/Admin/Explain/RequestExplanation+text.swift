internal import Declarations
internal import HTTPModel
internal import Routing

// For people.
extension RequestExplanation {
    /// Routes that failed by host or path are listed up to this many routes in all; beyond, they are counted.
    private static let allRowsMax = 40

    /// The request as understood, every candidate with the first predicate it failed, the winner and its consequences.
    public func text() -> String {
        var text = "request\n" + requestText()
        if !rows.isEmpty { text += "routes, best first\n" + rowsText() }
        switch verdict {
        case .refused(let error, let reason):
            text += "refused with \(error.status) (\(error.word)): \(reason)\n"
        case .notFound(let reason): text += notFoundText(reason)
        case .route(let winner): text += Self.text(of: winner, query: query)
        }
        return text
    }

    private func requestText() -> String {
        guard !method.isEmpty else { return "  not understood\n" }
        var lines = [["method", method], ["host", host.isEmpty ? "(none)" : host]]
        let isChanged = path != receivedPath && !path.isEmpty
        lines.append(["path", path.isEmpty ? receivedPath : path])
        if isChanged { lines.append(["received", receivedPath.isEmpty ? "(none)" : receivedPath]) }
        if let query { lines.append(["query", query]) }
        return RouteText.columns(lines, indent: "  ")
    }

    private func rowsText() -> String {
        let shown = rows.count <= Self.allRowsMax ? rows : rows.filter(\.isCandidate)
        var lines = shown.map { row in
            [row.route.id, RouteListing.pattern(of: row.route.match), Self.text(of: row)]
        }
        if shown.count < rows.count {
            lines.append(["…", "", "\(rows.count - shown.count) more fail by host or path"])
        }
        return RouteText.columns(lines, indent: "  ")
    }

    private static func text(of row: Row) -> String {
        switch row.outcome {
        case .wins: "wins"
        case .yields: "fits, but ranks lower"
        case .fails(let failure): "fails: " + Self.text(of: failure, in: row.route.match)
        }
    }

    /// The predicate as it is written in the file.
    static func text(of failure: RouteExplanation.Failure, in match: MatchDeclaration) -> String {
        switch failure {
        case .host: "host"
        case .path: "path"
        case .pathGaveUp: "path (the expression reached its limit of work)"
        case .method: "method, one of \(RouteListing.methods(of: match))"
        case .header(let name): "header " + predicate(name, match.headers)
        case .headerGaveUp(let name): "header \(name) (the expression reached its limit of work)"
        case .query(let name): "query " + predicate(name, match.query)
        case .queryGaveUp(let name): "query \(name) (the expression reached its limit of work)"
        }
    }

    private static func predicate(_ name: String, _ predicates: [FieldPredicateDeclaration]) -> String {
        var match = MatchDeclaration()
        match.headers = predicates.filter { $0.name == name }
        let written = RouteListing.predicates(of: match)
        return written.isEmpty ? name : written.joined(separator: ", ")
    }

    private func notFoundText(_ reason: RouteExplanation.NotFound) -> String {
        switch reason {
        case .host: "no route: 404, no route has this host\n"
        case .path: "no route: 404, no route of this host has this path\n"
        case .predicates: "no route: 404, routes have this path, but further conditions fail\n"
        case .method(let allow): "no route: 405, Allow: \(allow.joined(separator: ", "))\n"
        }
    }

    private static func text(of winner: Winner, query: String?) -> String {
        let line = winner.route.line > 0 ? " (line \(winner.route.line))" : ""
        var text = "winner: \(winner.route.id)\(line)\n"
        if winner.route.filters.isEmpty {
            text += "  filters    none\n"
        } else {
            text += "  filters, in order\n"
            for (index, filter) in winner.route.filters.enumerated() {
                text += "    \(index + 1). \(RouteText.filter(filter))\n"
            }
        }
        if winner.pathRefused { text += "  forwarded  nothing: the filters make a path that is refused with 400\n" }
        if let path = winner.forwardedPath { text += "  forwarded  \(path)\(query.map { "?" + $0 } ?? "")\n" }
        text += "  action     \(RouteText.action(winner.route.action))\n"
        if let upgrades = RouteText.upgrades(of: winner.route) { text += "  upgrade    \(upgrades)\n" }
        if let location = winner.location { text += "  location   \(location)\n" }
        for destination in winner.destinations { text += Self.text(of: destination) }
        return text
    }

    private static func text(of destination: Destination) -> String {
        let upstream = destination.upstream
        let share =
            destination.weight == destination.weightSum ? "" : ", \(destination.weight) of \(destination.weightSum)"
        var text = "  upstream   \(upstream.id) (\(upstream.balance.rawValue)\(share))\n"
        for endpoint in upstream.endpoints {
            text += "    endpoint \(address(of: endpoint)) weight \(endpoint.weight)\n"
        }
        return text + RouteText.columns(UpstreamText.settings(upstream).map { [$0.key, $0.value] }, indent: "    ")
    }

    static func address(of endpoint: EndpointDeclaration) -> String {
        endpoint.host.contains(":") ? "[\(endpoint.host)]:\(endpoint.port)" : "\(endpoint.host):\(endpoint.port)"
    }
}
