internal import HTTPModel

// The rows of the compiled table. References between rows are indices; `noRow` marks an absent one. Lists of ranks lie one after the
// other in one array, each in ascending order and closed by `endOfList`, so a walk that looks for a smaller rank stops by itself. Most
// lists have one rank: such a one is its reference, with all bits inverted. Reference 0 is the empty list.

/// An absent row.
let noRow: Int32 = -1
/// The depth of an absent tail.
let noTail: Int16 = -1
/// Behind the last rank of a list: worse than every rank.
let endOfList = Int32.max

/// What is asked once host and path fit, and where captures lie. Its index in the table is its rank: 0 wins over everything.
///
/// Half a cache line: with thousands of routes each row that a match touches is a miss.
struct RouteCandidate {
    /// Bits of the methods it takes.
    var methods: UInt64
    /// Index of the declaration.
    var route: Int32
    /// Its predicates over fields and parameters, one run of rows.
    var predicates: Int32
    var predicateCount: UInt16
    var shape: PathShape
}

/// How the captures of a path pattern are found.
struct PathShape {
    /// Capture names of the route: slots 0...slotCount are its own.
    var slotCount: UInt8
    /// Captures of this pattern, a run of capture rows.
    var captureCount: UInt8
    var captures: Int32
    /// The regular expression, or `noRow`.
    var pattern: Int32
    /// The segment where the tail begins, or `noTail`.
    var tailDepth: Int16
}

/// A node of the trie of path segments; the root of each host group has depth 0.
///
/// Nodes behind a literal segment lie in an open-addressed table, found by `parent`, `hash` and the literal; a free row of it has no
/// parent.
struct TrieNode {
    var parent = noRow
    var hash: UInt32 = 0
    /// The least rank in this node and below it.
    var best = endOfList
    /// The child for any segment that is not empty.
    var any = noRow
    /// The list of ranks of the patterns that end here.
    var ends: Int32 = 0
    /// The list of ranks of the patterns whose tail begins here.
    var tails: Int32 = 0
    /// This node when it has tails, otherwise its nearest ancestor that has.
    var tailNode = noRow
    /// The nearest ancestor that has tails.
    var outerTailNode = noRow
    /// The literal segment that leads here.
    var textStart: UInt32 = 0
    var textCount: UInt16 = 0
    /// Segments from the root, at most `RouteLimits.segmentsMax`.
    var depth: UInt8 = 0
    /// True when literal segments lead on.
    var hasLiterals = false
}

/// The routes of one host pattern.
struct HostGroup {
    var root: Int32
    /// The least rank in the group.
    var best: Int32
    /// The list of ranks of the routes with a regular expression for a path.
    var expressions: Int32
}

/// A host name, or what follows `*.`, in an open-addressed table; a free row has the group `noRow`.
struct HostRow {
    var hash: UInt64
    var group: Int32
    var textStart: UInt32
    var textCount: UInt32
}

/// A capture of a path pattern.
struct CaptureRow: Hashable {
    var slot: Int32
    /// The segment, or the group of the regular expression.
    var source: Int32
}

/// A predicate over a header field or a query parameter.
struct PredicateRow {
    enum Place: UInt8 { case header, query }
    enum Condition: UInt8 { case equal, present, absent, pattern }

    var place: Place
    var condition: Condition
    /// Of a header: which one, when the gateway knows it.
    var known: KnownField
    var nameStart: UInt32
    var nameCount: UInt32
    var valueStart: UInt32
    var valueCount: UInt32
    var pattern: Int32
}
