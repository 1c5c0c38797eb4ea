/// One thing that is wrong with a configuration file, and where.
public struct ConfigurationProblem: Sendable, Equatable {
    public enum Severity: String, Sendable, Equatable {
        /// The file is refused.
        case error
        /// The file is accepted.
        case warning
    }

    public var severity: Severity
    /// A stable word for programs, such as `unknown-key`.
    public var code: String
    /// From 1.
    public var line: Int
    /// From 1, in characters.
    public var column: Int
    /// What is wrong, in one sentence without a full stop.
    public var message: String
    /// What belongs there instead.
    public var expected: String?
    /// The nearest valid spelling.
    public var suggestion: String?

    public init(
        severity: Severity = .error, code: String, line: Int, column: Int, message: String, expected: String? = nil,
        suggestion: String? = nil
    ) {
        self.severity = severity
        self.code = code
        self.line = line
        self.column = column
        self.message = message
        self.expected = expected
        self.suggestion = suggestion
    }
}
