internal import Declarations

/// The place of a candidate (a route with one of its hosts and one of its paths) in the one total order of a table.
///
/// The order is the order of `key` byte by byte: priority, host, path, number of predicates, id; each part has a fixed length or its
/// own end mark, so parts never run into each other. The last part, the candidate's ordinal within its route, only settles which of
/// two equal patterns of one route fills the captures.
struct RouteRank {
    private(set) var key: [UInt8] = []

    init(_ route: RouteDeclaration, host: String?, path: PathPatternDeclaration?, ordinal: Int) {
        key.reserveCapacity(40 + route.id.utf8.count)
        // Higher priorities first: the sign bit is flipped to make the order unsigned, and all bits to turn it round.
        append(~(UInt64(bitPattern: Int64(route.priority)) ^ (1 << 63)), bytes: 8)
        append(UInt64(Self.hostClass(host)), bytes: 2)
        append(path)
        let match = route.match
        let predicates = (match.methods.isEmpty ? 0 : 1) + match.headers.count + match.query.count
        append(UInt64(0xFFFF - min(predicates, 0xFFFF)), bytes: 2)
        key.append(contentsOf: route.id.utf8)
        key.append(0)
        append(UInt64(ordinal), bytes: 4)
    }

    /// Exact names, then wildcards with more labels before those with fewer, then none.
    private static func hostClass(_ host: String?) -> Int {
        guard let host else { return 0xFFFF }
        guard host.hasPrefix("*.") else { return 0 }
        return 0xFFFE - host.utf8.count { $0 == 0x2E }
    }

    private enum PathClass: UInt8 {
        case exact, segments, expression, wildcards, everything
    }

    private enum Step: UInt8 {
        // The order of two patterns where they first differ in kind.
        case literal, any, end, tail
    }

    private mutating func append(_ path: PathPatternDeclaration?) {
        switch path {
        case .none, .segments([], tail: _, source: _):
            key.append(PathClass.everything.rawValue)
        case .regex(let expression):
            key.append(PathClass.expression.rawValue)
            append(UInt64(0xFFFF_FFFF - min(expression.utf8.count, 0xFFFF_FFFF)), bytes: 4)
        case .segments(let segments, let tail, source: _):
            let steps = segments.map { segment in
                if case .literal = segment { Step.literal } else { Step.any }
            }
            let isExact = !tail && !steps.contains(.any)
            let pathClass: PathClass = isExact ? .exact : steps.contains(.literal) ? .segments : .wildcards
            key.append(pathClass.rawValue)
            for step in steps { key.append(step.rawValue) }
            key.append((tail ? Step.tail : Step.end).rawValue)
        }
    }

    private mutating func append(_ number: UInt64, bytes: Int) {
        for place in (0..<bytes).reversed() {
            key.append(UInt8(truncatingIfNeeded: number >> UInt64(8 * place)))
        }
    }
}

extension RouteRank: Comparable {
    static func < (left: RouteRank, right: RouteRank) -> Bool {
        left.key.lexicographicallyPrecedes(right.key)
    }
}
