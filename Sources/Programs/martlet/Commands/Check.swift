internal import Admin
internal import ArgumentParser
internal import Configuration
internal import Kernel
internal import Supervision

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check a configuration file.",
        discussion: "Problems go to standard error; with --format json they are the result, on standard output.")

    @OptionGroup var source: ConfigurationArgument
    @OptionGroup var output: FormatArgument

    func run() throws {
        switch ConfigurationSource.load(path: source.path) {
        case .valid(let declaration, let report):
            if output.format == .text { StandardStream.error.write(report.text()) }
            output.print(
                text: { "\(source.path): ok (\(ConfigurationSummary.text(declaration)))\n" },
                json: { Array((report.json() + "\n").utf8) })
        case .invalid(let report):
            switch output.format {
            case .text: StandardStream.error.write(report.text())
            case .json: StandardStream.output.write(report.json() + "\n")
            }
            throw Exit.configuration
        case .unreadable(let reason):
            StandardStream.error.write("martlet: \(reason)\n")
            if output.format == .json {
                StandardStream.output.write(String(decoding: Self.json(source.path, reason), as: UTF8.self))
            }
            throw Exit.configuration
        }
    }

    /// A file that cannot be read, in the form of a report.
    private static func json(_ path: String, _ reason: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.string("file", path)
            writer.array("problems") { writer in
                writer.object { writer in
                    writer.string("severity", "error")
                    writer.string("code", "unreadable")
                    writer.number("line", 1)
                    writer.number("column", 1)
                    writer.string("message", reason)
                    writer.string("expected", nil)
                    writer.string("suggestion", nil)
                }
            }
        }
        return writer.bytes + [0x0A]
    }
}
