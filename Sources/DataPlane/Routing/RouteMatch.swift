/// Which route a request takes.
public enum RouteMatch: Sendable, Equatable {
    /// The index of its declaration.
    case route(index: Int)
    /// Routes would take it but for its method; the answer is 405 with these in `Allow` (`RouteTable.write(allow:into:)`).
    case methodNotAllowed(allow: MethodSet)
    case notFound
}
