public import Declarations

/// Routes compiled to flat tables: decides which route a request takes, and by the same code explains why.
///
/// A table is built whole from declarations and never changes. It belongs to one shard (its patterns keep match results), so it is
/// not `Sendable`; each shard builds its own or is sent one. Matching allocates nothing and costs about the same for ten routes and
/// for ten thousand: the host name and each segment of the path are looked up by hash, and ranks prune the rest.
///
/// The order of routes is total (see `RouteRank`) and never depends on their order in the file.
public final class RouteTable {
    let rows: RouteRows

    /// Indices of the declarations, from the route that wins over all others to the one that yields to all.
    public let rankedOrder: [Int]
    /// Routes in the table.
    public var routeCount: Int { rankedOrder.count }

    /// Compiles the declarations; `RouteMatch.route` refers to them by index. The first fault found is thrown.
    public init(_ declarations: [RouteDeclaration]) throws(RouteTableError) {
        var draft = try RouteTableDraft(declarations)
        draft.finish()
        rows = RouteRows(&draft)
        rankedOrder = draft.rankedOrder
    }
}
