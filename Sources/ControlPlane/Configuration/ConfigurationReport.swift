public import Declarations

/// All problems of a file, in the order of the file.
public struct ConfigurationReport: Sendable, Equatable {
    /// The file's name, as the caller gave it.
    public let file: String
    public let problems: [ConfigurationProblem]
    /// The files that the configuration names and that somebody else reads, in the order of the file: those of `tls`.
    public let files: [FileReference]
    /// The source lines that the problems point at, and those that name files.
    let excerpts: [Int: String]

    /// At least one problem is an error: the file is refused.
    public var hasErrors: Bool { problems.contains { $0.severity == .error } }

    /// The same report with further problems, such as those of the files that it names; in the order of the file.
    public func adding(_ further: [ConfigurationProblem]) -> ConfigurationReport {
        let all = (problems + further).enumerated().sorted { left, right in
            (left.element.line, left.element.column, left.offset)
                < (right.element.line, right.element.column, right.offset)
        }
        return ConfigurationReport(file: file, problems: all.map(\.element), files: files, excerpts: excerpts)
    }

    /// For people: `path:LINE:COL: message`, the source line, a caret, what was expected, the nearest spelling. Ends with a line
    /// break; empty without problems. Control characters of the file are shown as `?`, so it cannot steer a terminal.
    public func text() -> String {
        var result = ""
        for problem in problems { result += text(of: problem) }
        return result
    }

    /// For programs: `{"file":…,"problems":[{"severity":…,"code":…,"line":…,"column":…,"message":…,"expected":…,"suggestion":…}]}`.
    /// `expected` and `suggestion` are null when there is nothing to say.
    public func json() -> String {
        let list = problems.map { problem in
            JSONValue.object([
                .init("severity", .string(problem.severity.rawValue)), .init("code", .string(problem.code)),
                .init("line", .integer(problem.line)), .init("column", .integer(problem.column)),
                .init("message", .string(problem.message)),
                .init("expected", problem.expected.map { .string($0) } ?? .null),
                .init("suggestion", problem.suggestion.map { .string($0) } ?? .null),
            ])
        }
        return JSONValue.object([.init("file", .string(file)), .init("problems", .array(list))]).text()
    }

    private func text(of problem: ConfigurationProblem) -> String {
        let severity = problem.severity == .warning ? "warning: " : ""
        var result = "\(file):\(problem.line):\(problem.column): \(severity)\(Self.printable(problem.message))\n"
        if let line = excerpts[problem.line], !line.isEmpty {
            let (shown, column) = Self.window(line, column: problem.column)
            // Tabs stay tabs in front of the caret, so that it stands below its character whatever their width.
            let padding = shown.unicodeScalars.prefix(column - 1).map { $0 == "\t" ? "\t" : " " }.joined()
            result += "    \(shown)\n    \(padding)^\n"
        }
        if let expected = problem.expected { result += "    expected: \(Self.printable(expected))\n" }
        if let suggestion = problem.suggestion {
            result += "    did you mean `\(Self.printable(suggestion))`?\n"
        }
        return result
    }

    /// At most 120 characters of a line, around the column.
    private static func window(_ line: String, column: Int) -> (shown: String, column: Int) {
        let characters = Array(printable(line).unicodeScalars)
        let wanted = 120
        guard characters.count > wanted else { return (string(characters[...]), min(column, characters.count + 1)) }
        let start = max(0, min(column - 1 - wanted / 2, characters.count - wanted))
        return (string(characters[start..<min(start + wanted, characters.count)]), column - start)
    }

    private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    private static func printable(_ text: String) -> String {
        func isControl(_ scalar: Unicode.Scalar) -> Bool {
            (scalar.value < 0x20 && scalar != "\t") || (0x7F...0x9F).contains(scalar.value)
                || (0x2028...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
        }
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return string(ArraySlice(text.unicodeScalars.map { isControl($0) ? "?" : $0 }))
    }
}

/// What reading a file came to.
public enum ConfigurationOutcome: Sendable {
    /// The file is sound; the report holds warnings at most.
    case valid(GatewayDeclaration, ConfigurationReport)
    /// The file has errors and nothing of it may be used.
    case invalid(ConfigurationReport)

    public var report: ConfigurationReport {
        switch self {
        case .valid(_, let report), .invalid(let report): report
        }
    }
}
