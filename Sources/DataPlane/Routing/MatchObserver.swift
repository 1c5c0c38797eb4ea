/// What came of a candidate whose host and literal path fit. Predicates are told by their row.
enum CandidateOutcome: Equatable {
    case matched
    case path
    case pathGaveUp
    case method
    case predicate(Int32)
    case predicateGaveUp(Int32)
}

/// Watches a match. The matcher is generic over it, so watching nothing costs nothing, and `explain` runs the very code that routes.
protocol MatchObserver {
    /// True to look at every candidate that host and path lead to; false to skip those that cannot win any more.
    static var seesEverything: Bool { get }
    /// True to ask the other predicates of a candidate whose method does not fit; it is told as `.method` if all of them hold.
    static var looksPastMethod: Bool { get }

    mutating func entered(group: Int)
    mutating func judged(rank: Int32, _ candidate: RouteCandidate, _ outcome: CandidateOutcome)
}

/// Routing a request: nothing is watched.
struct NoObserver: MatchObserver {
    static var seesEverything: Bool { false }
    static var looksPastMethod: Bool { false }

    @inline(__always)
    mutating func entered(group: Int) {}
    @inline(__always)
    mutating func judged(rank: Int32, _ candidate: RouteCandidate, _ outcome: CandidateOutcome) {}
}

/// After no route was found and a method was in the way: which methods would have found one.
struct AllowObserver: MatchObserver {
    static var seesEverything: Bool { true }
    static var looksPastMethod: Bool { true }

    var methods: UInt64 = 0

    mutating func entered(group: Int) {}

    mutating func judged(rank: Int32, _ candidate: RouteCandidate, _ outcome: CandidateOutcome) {
        if outcome == .method { methods |= candidate.methods }
    }
}

/// Explaining a request: the outcome of every candidate.
struct ExplanationObserver: MatchObserver {
    static var seesEverything: Bool { true }
    static var looksPastMethod: Bool { false }

    var enteredGroups: Set<Int> = []
    var outcomes: [Int32: CandidateOutcome] = [:]

    mutating func entered(group: Int) {
        enteredGroups.insert(group)
    }

    mutating func judged(rank: Int32, _ candidate: RouteCandidate, _ outcome: CandidateOutcome) {
        outcomes[rank] = outcome
    }
}
