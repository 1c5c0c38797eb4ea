import Configuration
import Testing

/// A file with problems and the exact report of them.
struct BadFile: Sendable, CustomTestStringConvertible {
    var rule: String
    var content: String
    var report: String

    init(_ rule: String, _ content: String, _ report: String) {
        self.rule = rule
        self.content = content
        self.report = report
    }

    var testDescription: String { rule }

    /// Reads the file and compares the report, to the letter.
    func expectReport(sourceLocation: SourceLocation = #_sourceLocation) {
        let outcome = ConfigurationReader.read(bytes: Array(content.utf8), file: "routes.yaml")
        #expect(outcome.report.text() == report + "\n", "\(rule)", sourceLocation: sourceLocation)
        guard case .valid = outcome else { return }
        #expect(!outcome.report.hasErrors, "\(rule)", sourceLocation: sourceLocation)
    }
}
