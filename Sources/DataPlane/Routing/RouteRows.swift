internal import Patterns

/// All that a match reads, in flat arrays.
///
/// It cannot be copied, so that the matcher borrows it: spans of the arrays live as long as the borrow, and no reference is counted.
struct RouteRows: ~Copyable {
    let candidates: [RouteCandidate]
    /// The host group of each candidate; only explanations ask.
    let groupOfCandidate: [Int32]
    let nodes: [TrieNode]
    /// The size of the part of `nodes` that is an open-addressed table, less one.
    let literalMask: Int
    /// Lists of ranks.
    let lists: [Int32]
    /// Names, values and literal segments.
    let text: [UInt8]
    let groups: [HostGroup]
    let hosts: HostTable
    let captures: [CaptureRow]
    let predicates: [PredicateRow]
    let patterns: [Pattern]
    /// Tokens that are not standard methods; the index plus `MethodSet.standardCount` is the bit.
    let extensionMethods: [[UInt8]]
    /// Segments of the deepest pattern.
    let depthMax: Int

    init(_ draft: inout RouteTableDraft) {
        candidates = draft.candidates
        nodes = draft.nodes
        literalMask = draft.literalMask
        lists = draft.lists
        groups = draft.groups
        hosts = draft.hosts()
        text = draft.texts.bytes
        groupOfCandidate = draft.groupOfCandidate
        captures = draft.captures
        predicates = draft.predicates
        patterns = draft.patterns
        extensionMethods = draft.extensionMethods
        depthMax = draft.depthMax
    }
}

/// The host names of a table, in two open-addressed tables whose sizes are powers of two.
struct HostTable {
    var exact: [HostRow] = []
    /// What follows `*.`.
    var suffixes: [HostRow] = []
    /// Bit n is set when a suffix has n labels; 63 stands for 63 and more.
    var suffixLabels: UInt64 = 0
    /// The least rank of all routes under suffixes.
    var suffixBest = endOfList
}
