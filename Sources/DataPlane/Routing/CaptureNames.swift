public import Declarations
internal import Patterns

/// The capture names of a route and their slots, in the order of first appearance over its paths.
///
/// Named groups of a regular expression are captures too. The table and the templates of filters compute the same slots from the
/// same declaration, so they agree without sharing anything.
public struct CaptureNames: Sendable, Equatable {
    /// The name of slot `index + 1`.
    public let names: [String]
    /// Names that every path of the route captures; only these may stand in a template.
    public let everywhere: Set<String>
    /// True when every path of the route ends in `/**` (or the route has no path).
    public let hasTail: Bool

    /// Reads the paths of a match. An expression that does not compile has no names; the table refuses it anyway.
    public init(_ match: MatchDeclaration) {
        var names: [String] = []
        var everywhere: Set<String>?
        var hasTail = true
        for path in match.paths {
            let own = Self.names(of: path)
            for name in own where !names.contains(name) { names.append(name) }
            everywhere = everywhere?.intersection(own) ?? Set(own)
            if case .segments(_, tail: true, source: _) = path { continue }
            hasTail = false
        }
        self.names = names
        self.everywhere = everywhere ?? []
        self.hasTail = hasTail
    }

    /// The slot of a name.
    public func slot(of name: String) -> Int? {
        names.firstIndex(of: name).map { $0 + 1 }
    }

    private static func names(of path: PathPatternDeclaration) -> [String] {
        switch path {
        case .segments(let segments, tail: _, source: _):
            return segments.compactMap { segment in
                if case .capture(let name) = segment { name } else { nil }
            }
        case .regex(let expression):
            return (try? Pattern(expression))?.groupNames.map(\.name) ?? []
        }
    }
}
