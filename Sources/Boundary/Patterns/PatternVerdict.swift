/// What came of matching a pattern.
public enum PatternVerdict: Sendable, Equatable {
    case matched
    case notMatched
    /// A limit of work was reached before the answer was known. Callers treat it as "not matched", and may count it.
    case gaveUp
}

/// Where a pattern must match.
public enum PatternScope: Sendable, Equatable {
    /// From the first byte of the subject to the last, as if written between `\A(?:` and `)\z`.
    case whole
    /// Anywhere in the subject, leftmost first.
    case anywhere
}

/// An expression that does not compile.
public struct PatternError: Error, Sendable, Equatable {
    /// What is wrong, for people, without a full stop.
    public var message: String
    /// Where, in UTF-8 bytes from the start of the expression.
    public var offset: Int

    public init(message: String, offset: Int) {
        self.message = message
        self.offset = offset
    }
}

/// The bounds on what one match may cost. An expression is the operator's, but the subject is a stranger's.
public enum PatternLimits {
    /// Octets of an expression: what fits on a screen, and keeps compiled code within PCRE2's link size.
    public static let expressionBytesMax = 4_096
    /// Backtracking steps from one starting point. A step takes 5 to 50 ns (compiled or interpreted), so a match that must give
    /// up has cost at most a millisecond or so; honest expressions over a request target take a few dozen steps.
    public static let stepsMax: UInt32 = 20_000
    /// Backtracking steps over all starting points, for expressions without an anchor: PCRE2 counts from each starting point
    /// anew, so the allowance of each one shrinks as the subject grows.
    public static let stepsOverAllStartsMax = 1_000_000
    /// The least allowance of a starting point, so that a single `.*` may still be followed through an ordinary path.
    public static let stepsPerStartMin = 500
    /// Nested backtracking points of the interpreter (the compiled code is bounded by its 32 KiB of machine stack instead).
    public static let depthMax: UInt32 = 2_000
    /// Memory of the interpreter's backtracking points, in KiB.
    public static let heapKibibytesMax: UInt32 = 256
}
