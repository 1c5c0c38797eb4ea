public import Patterns

/// Why declarations do not make a table. `Configuration` reports most of these with the place in the file before it comes to this.
public struct RouteTableError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Reason: Sendable, Equatable {
        case duplicateID
        case badHost(String)
        /// A pattern without segments and without a tail.
        case emptyPath
        case tooManySegments(path: String)
        case duplicateCapture(name: String, path: String)
        case tooManyCaptures
        case tooManyPredicates
        case tooManyMethods
        case tooManyCandidates
        case expression(String, PatternError)
    }

    /// Index of the declaration.
    public var routeIndex: Int
    public var routeID: String
    /// The line of the declaration; 0 when unknown.
    public var line: Int
    public var reason: Reason

    public var description: String {
        let what =
            switch reason {
            case .duplicateID: "another route has the same id"
            case .badHost(let host): "`\(host)` is not a host name, `*.` and a host name, or too long"
            case .emptyPath: "a path has at least one segment"
            case .tooManySegments(let path): "the path \(path) has more than \(RouteLimits.segmentsMax) segments"
            case .duplicateCapture(let name, let path): "the path \(path) captures `\(name)` twice"
            case .tooManyCaptures: "the route has more than \(RouteLimits.capturesMax) capture names"
            case .tooManyPredicates: "the route has more than \(RouteLimits.predicatesMax) predicates"
            case .tooManyMethods: "the routes name more than \(RouteLimits.extensionMethodsMax) methods of their own"
            case .tooManyCandidates: "the routes have more than \(RouteLimits.candidatesMax) pairs of host and path"
            case .expression(let expression, let error):
                "the expression `\(expression)` does not compile: \(error.message) (at \(error.offset))"
            }
        return "route \(routeID): \(what)"
    }
}
