internal import ArgumentParser
internal import Kernel
internal import Supervision

struct Reload: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make the running gateway read its configuration again.",
        discussion: "Exits with 1 when the configuration is refused, and prints why; the one in force stays.\n\n"
            + ControlSocketPath.rule)

    @OptionGroup var source: ConfigurationArgument

    func run() throws { try send(.reload, source) }
}

struct Drain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make the running gateway finish its exchanges and end.",
        discussion: ControlSocketPath.rule)

    @OptionGroup var source: ConfigurationArgument

    func run() throws { try send(.drain, source) }
}

/// Sends a command to the gateway that runs on the file.
private func send(_ command: ControlClient.Command, _ source: ConfigurationArgument) throws {
    switch ControlClient.send(command, configuration: source.path) {
    case .done(let text): StandardStream.output.write(text)
    case .refused(let text):
        StandardStream.error.write(text)
        throw Exit.configuration
    case .nobody(let reason):
        StandardStream.error.write("martlet: \(reason)\n")
        throw Exit.nobodyAnswers
    }
}
