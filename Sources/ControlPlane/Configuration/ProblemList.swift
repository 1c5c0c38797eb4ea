internal import YAMLEvents

/// Collects the problems of one file while it is read.
final class ProblemList {
    /// More problems than anybody reads; the rest is counted.
    static let problemsMax = 1_000

    private(set) var problems: [ConfigurationProblem] = []
    private(set) var errorCount = 0
    private var omittedCount = 0
    private var source: SourceText

    init(_ source: SourceText) {
        self.source = source
    }

    func add(_ problem: ConfigurationProblem) {
        if problem.severity == .error { errorCount += 1 }
        guard problems.count < Self.problemsMax else { return omittedCount += 1 }
        problems.append(problem)
    }

    func add(
        _ severity: ConfigurationProblem.Severity, _ code: String, _ position: YAMLPosition, _ message: String,
        expected: String? = nil, suggestion: String? = nil
    ) {
        add(
            ConfigurationProblem(
                severity: severity, code: code, line: Int(position.line), column: Int(position.column),
                message: message,
                expected: expected, suggestion: suggestion))
    }

    /// The report, in the order of the file. Problems at one place stay in the order in which they were found.
    func report(file: String, naming files: [FileReference] = []) -> ConfigurationReport {
        var sorted = problems.enumerated().sorted { left, right in
            (left.element.line, left.element.column, left.offset)
                < (right.element.line, right.element.column, right.offset)
        }.map(\.element)
        if omittedCount > 0, let last = sorted.last {
            sorted.append(
                ConfigurationProblem(
                    code: "too-many-problems", line: last.line, column: last.column,
                    message: "\(omittedCount) further problems are not shown"))
        }
        var excerpts: [Int: String] = [:]
        for problem in sorted where excerpts[problem.line] == nil {
            excerpts[problem.line] = String(decoding: source.line(problem.line), as: UTF8.self)
        }
        for reference in files where excerpts[reference.line] == nil {
            excerpts[reference.line] = String(decoding: source.line(reference.line), as: UTF8.self)
        }
        let ordered = files.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
        return ConfigurationReport(file: file, problems: sorted, files: ordered, excerpts: excerpts)
    }

    /// The column of an octet of a scalar's content, when the scalar stands in one line just as it is read; otherwise the
    /// scalar's own column.
    func column(ofByte offset: Int, in content: ArraySlice<UInt8>, line: Int, column: Int, isPlain: Bool) -> Int {
        let bytes = source.line(line)
        var start = bytes.startIndex
        var toSkip = column - 1 + (isPlain ? 0 : 1)
        while toSkip > 0, start < bytes.endIndex {
            start += 1
            while start < bytes.endIndex, bytes[start] & 0xC0 == 0x80 { start += 1 }
            toSkip -= 1
        }
        guard bytes[start...].starts(with: content), offset <= content.count else { return column }
        let before = content.prefix(offset).count { $0 & 0xC0 != 0x80 }
        return column + (isPlain ? 0 : 1) + before
    }

    /// Turns libyaml's error into one that tells what to do about it.
    func addSyntaxError(_ error: YAMLSyntaxError) {
        if let offset = error.byteOffset {
            let place = source.place(ofByte: offset)
            return add(
                ConfigurationProblem(
                    code: "yaml-syntax", line: place.line, column: place.column, message: error.message,
                    expected: "text without control characters"))
        }
        let position = error.position ?? YAMLPosition(line: 1, column: 1)
        if let column = indentingTabColumn(line: Int(position.line)) {
            return add(
                ConfigurationProblem(
                    code: "yaml-syntax", line: Int(position.line), column: column,
                    message: "a tab cannot indent YAML", expected: "spaces"))
        }
        var message = error.message
        if !error.context.isEmpty { message += " " + error.context }
        if let begin = error.contextPosition, begin.line != position.line {
            message += " that begins at line \(begin.line)"
        }
        add(.error, "yaml-syntax", position, message, expected: Self.hint(for: error))
    }

    private func indentingTabColumn(line: Int) -> Int? {
        let indentation = source.line(line).prefix { $0 == 0x20 || $0 == 0x09 }
        return indentation.firstIndex(of: 0x09).map { $0 - indentation.startIndex + 1 }
    }

    private static func hint(for error: YAMLSyntaxError) -> String? {
        switch error.context {
        case "while scanning an alias": "quotes around a text that begins with `*`, such as \"*.example.com\""
        case "while scanning an anchor": "quotes around a text that begins with `&`"
        case "while scanning for the next token": "quotes around a text that begins with a special character"
        case "while parsing a flow mapping", "while parsing a flow sequence":
            "`,` or the closing bracket; between brackets, quotes around a text with `{`, `}`, `[`, `]` or `,` in it"
        case "while parsing a flow node":
            "a value; between brackets, quotes around a text that begins with `:`, such as \":8080\""
        case "while parsing a block mapping": "`key: value` lines with the same indentation"
        default:
            error.message == "mapping values are not allowed in this context"
                ? "one `key: value` in a line; quote a value that has `: ` in it" : nil
        }
    }
}
