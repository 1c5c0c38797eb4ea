internal import ArgumentParser
internal import Configuration
internal import Declarations
internal import Kernel
internal import Supervision

/// Which configuration a command is about.
struct ConfigurationArgument: ParsableArguments {
    @Option(name: [.customLong("config"), .customShort("c")], help: "The configuration file.")
    var path = "routes.yaml"

    /// The sound configuration of the file; what is odd about it goes to standard error. Otherwise says what is wrong and ends.
    func load() throws -> GatewayDeclaration {
        switch ConfigurationSource.load(path: path) {
        case .valid(let declaration, let report):
            StandardStream.error.write(report.text())
            return declaration
        case .invalid(let report):
            StandardStream.error.write(report.text())
        case .unreadable(let reason):
            StandardStream.error.write("martlet: \(reason)\n")
        }
        throw Exit.configuration
    }
}

/// How a result is printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json
}

/// `--format`, where a command has it.
struct FormatArgument: ParsableArguments {
    @Option(name: .customLong("format"), help: "How the result is printed: text or json.")
    var format = OutputFormat.text

    /// Prints the text, or the JSON.
    func print(text: () -> String, json: () -> [UInt8]) {
        switch format {
        case .text: StandardStream.output.write(text())
        case .json: StandardStream.output.write(String(decoding: json(), as: UTF8.self))
        }
    }
}
