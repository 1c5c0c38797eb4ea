internal import Declarations
internal import HTTPModel
internal import Routing

// For programs.
extension RequestExplanation {
    /// One object: the request as understood, `routes` in the order of rank, `winner` or null, and the status otherwise.
    public func json() -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.string("method", method)
            writer.string("host", host)
            writer.string("path", path)
            writer.string("receivedPath", receivedPath)
            writer.string("query", query)
            writer.array("routes") { writer in
                for row in rows { writer.object { Self.write(row, to: &$0) } }
            }
            write(verdict, to: &writer)
        }
        return writer.bytes + [0x0A]
    }

    private static func write(_ row: Row, to writer: inout JSONWriter) {
        writer.string("id", row.route.id)
        writer.string("match", RouteListing.pattern(of: row.route.match))
        writer.boolean("candidate", row.isCandidate)
        switch row.outcome {
        case .wins: writer.string("outcome", "wins")
        case .yields: writer.string("outcome", "yields")
        case .fails(let failure):
            writer.string("outcome", "fails")
            writer.string("failed", text(of: failure, in: row.route.match))
        }
    }

    private func write(_ verdict: Verdict, to writer: inout JSONWriter) {
        switch verdict {
        case .route(let winner):
            writer.object("winner") { Self.write(winner, to: &$0) }
        case .notFound(let reason):
            writer.string("winner", nil)
            if case .method(let allow) = reason {
                writer.number("status", 405)
                writer.string("reason", "method")
                writer.strings("allow", allow)
            } else {
                writer.number("status", 404)
                writer.string("reason", reason == .host ? "host" : reason == .path ? "path" : "predicates")
            }
        case .refused(let error, let reason):
            writer.string("winner", nil)
            writer.number("status", error.status)
            writer.string("error", error.word.description)
            writer.string("reason", reason)
        }
    }

    private static func write(_ winner: Winner, to writer: inout JSONWriter) {
        writer.string("id", winner.route.id)
        writer.number("line", winner.route.line == 0 ? nil : winner.route.line)
        writer.strings("filters", winner.route.filters.map(RouteText.filter))
        writer.object("action") { RoutesPage.write(winner.route.action, to: &$0) }
        RoutesPage.writeUpgrades(of: winner.route, to: &writer)
        writer.string("forwardedPath", winner.forwardedPath)
        writer.string("location", winner.location)
        writer.array("upstreams") { writer in
            for destination in winner.destinations { writer.object { write(destination, to: &$0) } }
        }
    }

    private static func write(_ destination: Destination, to writer: inout JSONWriter) {
        writer.string("id", destination.upstream.id)
        writer.string("balance", destination.upstream.balance.rawValue)
        writer.number("weight", destination.weight)
        writer.number("weightSum", destination.weightSum)
        writer.object("settings") { writer in
            for setting in UpstreamText.settings(destination.upstream) { writer.string(setting.key, setting.value) }
        }
        writer.array("endpoints") { writer in
            for endpoint in destination.upstream.endpoints {
                writer.object { writer in
                    writer.string("address", address(of: endpoint))
                    writer.number("weight", endpoint.weight)
                }
            }
        }
    }
}
