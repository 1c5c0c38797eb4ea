internal import Declarations
internal import YAMLEvents

/// Reads `routes.yaml`: from its bytes to a complete declaration, or to all that is wrong with it.
///
/// 1. The bytes: size, UTF-8. 2. YAML: events, composed to a flat document. 3. The shapes: every key and value. 4. The checks
/// across values: ids, references, templates, unreachable routes. A step that fails keeps its problems; only the first two can
/// end the reading. It reads no file and resolves no name or path: a relative path of an access log is the caller's to resolve.
public struct ConfigurationReader {
    /// Ten times the size of a file with a hundred thousand routes at its tersest.
    public static let fileBytesMax = 16 * 1_048_576

    /// - Parameters:
    ///   - bytes: the content of the file, UTF-8, with any line ends.
    ///   - file: its name, for messages.
    public static func read(bytes: [UInt8], file: String) -> ConfigurationOutcome {
        // A byte order mark says nothing in UTF-8; without it columns count from the first character.
        let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        var source = SourceText(bytes)
        let notes = ProblemList(source)
        guard checkBytes(&source, notes), let document = YAMLComposer.compose(bytes, notes) else {
            return .invalid(notes.report(file: file))
        }
        let reading = FileReading(document, notes)
        let declaration = read(reading)
        let report = notes.report(file: file, naming: reading.files)
        guard let declaration, notes.errorCount == 0 else { return .invalid(report) }
        return .valid(declaration, report)
    }

    private static func checkBytes(_ source: inout SourceText, _ notes: ProblemList) -> Bool {
        guard source.bytes.count <= fileBytesMax else {
            notes.add(
                ConfigurationProblem(
                    code: "file-too-large", line: 1, column: 1, message: "the file has \(source.bytes.count) octets",
                    expected: "at most \(fileBytesMax)"))
            return false
        }
        do {
            _ = try UTF8Span(validating: source.bytes.span)
            return true
        } catch {
            let place = source.place(ofByte: error.byteOffsets.lowerBound)
            notes.add(
                ConfigurationProblem(
                    code: "not-utf8", line: place.line, column: place.column, message: "the file is not UTF-8",
                    expected: "text in UTF-8"))
            return false
        }
    }

    private static func read(_ reading: FileReading) -> GatewayDeclaration? {
        if reading.document.nodes[0].kind == .scalar, reading.document.isNull(0) {
            reading.error("empty-file", at: 0, "the file is empty", expected: "`version: 1`, `listeners` and `routes`")
            return nil
        }
        var draft = FileDraft()
        guard Shapes.file.read(0, into: &draft, reading) != nil else { return nil }
        return FileChecks(draft: draft, reading: reading).run()
    }
}
