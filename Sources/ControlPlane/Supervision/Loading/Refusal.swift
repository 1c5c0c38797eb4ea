internal import Configuration

/// Why a configuration is not taken.
struct Refusal: Error, Sendable, Equatable {
    /// What kind of reason it is: the exit code of `run` depends on it.
    enum Kind: Sendable, Equatable {
        case configuration
        case cannotListen
        case system
    }

    var kind: Kind
    /// One line.
    var summary: String
    /// Everything, for people; ends with a line break.
    var text: String
    /// One entry per problem, for the log.
    var lines: [String]

    /// Problems in this log; the text has all.
    private static let linesMax = 50

    /// One reason.
    init(_ kind: Kind, _ message: String) {
        self.kind = kind
        summary = message
        text = message + "\n"
        lines = [message]
    }

    /// A report with errors.
    init(_ report: ConfigurationReport) {
        kind = .configuration
        text = report.text()
        let errors = report.problems.filter { $0.severity == .error }
        lines = errors.prefix(Self.linesMax).map { problem in
            var line = "\(report.file):\(problem.line):\(problem.column): \(problem.message)"
            if let expected = problem.expected { line += "; expected: \(expected)" }
            if let suggestion = problem.suggestion { line += "; did you mean `\(suggestion)`?" }
            return line
        }
        if errors.count > lines.count { lines.append("\(errors.count - lines.count) more problems") }
        let first = errors.first.map { "\(report.file):\($0.line):\($0.column): \($0.message)" } ?? "\(report.file)"
        summary = errors.count > 1 ? "\(first) (and \(errors.count - 1) more)" : first
    }

    /// As the failure of a start.
    var startFailure: StartFailure {
        switch kind {
        case .configuration: .configuration(text: text)
        case .cannotListen: .cannotListen(summary)
        case .system: .system(summary)
        }
    }
}
