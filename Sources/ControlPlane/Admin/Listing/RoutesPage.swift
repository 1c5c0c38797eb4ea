public import Declarations
internal import Routing

/// The compiled table for people and programs: `martlet routes` and `/routes` show the same.
public enum RoutesPage {
    /// An aligned table with a heading. `routes` are in the order of rank.
    public static func text(_ routes: [RouteDeclaration]) -> String {
        var rows = [["RANK", "ROUTE", "MATCH", "METHODS", "WHEN", "ACTION", "FILTERS"]]
        for (rank, route) in routes.enumerated() {
            let when = RouteListing.predicates(of: route.match).joined(separator: ", ")
            let filters = route.filters.map(RouteText.filter).joined(separator: "; ")
            let priority = route.priority == 0 ? "" : " (priority \(route.priority))"
            rows.append([
                "\(rank + 1)", route.id + priority, RouteListing.pattern(of: route.match),
                RouteListing.methods(of: route.match), when.isEmpty ? "-" : when,
                RouteText.action(route.action) + unusualUpgrades(of: route),
                filters.isEmpty ? "-" : filters,
            ])
        }
        return RouteText.columns(rows)
    }

    /// `{"routes":[{"rank":1,"id":…,…}]}`. `routes` are in the order of rank.
    public static func json(_ routes: [RouteDeclaration]) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.array("routes") { writer in
                for (rank, route) in routes.enumerated() {
                    writer.object { write(route, rank: rank + 1, to: &$0) }
                }
            }
        }
        return writer.bytes + [0x0A]
    }

    private static func write(_ route: RouteDeclaration, rank: Int, to writer: inout JSONWriter) {
        writer.number("rank", rank)
        writer.string("id", route.id)
        writer.number("priority", route.priority)
        writer.string("match", RouteListing.pattern(of: route.match))
        writer.strings("hosts", route.match.hosts)
        writer.strings("paths", route.match.paths.map(\.source))
        writer.strings("methods", route.match.methods)
        writer.strings("predicates", RouteListing.predicates(of: route.match))
        writer.strings("filters", route.filters.map(RouteText.filter))
        writer.object("action") { write(route.action, to: &$0) }
        writeUpgrades(of: route, to: &writer)
        writer.number("line", route.line == 0 ? nil : route.line)
    }

    /// What the table says of upgrades: nothing when they are as everywhere.
    private static func unusualUpgrades(of route: RouteDeclaration) -> String {
        let usual = RouteDeclaration(id: "", action: route.action).upgrades
        guard route.upgrades != usual, let upgrades = RouteText.upgrades(of: route) else { return "" }
        return " (upgrade \(upgrades))"
    }

    /// `upgrade`, for routes that forward.
    static func writeUpgrades(of route: RouteDeclaration, to writer: inout JSONWriter) {
        guard RouteText.upgrades(of: route) != nil else { return }
        writer.strings("upgrade", route.upgrades)
    }

    static func write(_ action: ActionDeclaration, to writer: inout JSONWriter) {
        writer.string("kind", RouteText.kind(action))
        switch action {
        case .forward(let upstream): writer.string("upstream", upstream)
        case .split(let targets):
            writer.array("targets") { writer in
                for target in targets {
                    writer.object { writer in
                        writer.string("upstream", target.upstream)
                        writer.number("weight", target.weight)
                    }
                }
            }
        case .redirect(let redirect):
            writer.string("location", redirect.location)
            writer.number("status", redirect.status)
            writer.boolean("keepQuery", redirect.keepQuery)
        case .respond(let respond): writer.number("status", respond.status)
        }
    }
}
