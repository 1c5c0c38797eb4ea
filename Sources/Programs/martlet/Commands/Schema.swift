internal import ArgumentParser
internal import Configuration
internal import Kernel

struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print the JSON Schema of routes.yaml.")

    func run() { StandardStream.output.write(ConfigurationSchema.json()) }
}

struct Version: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print the version.")

    func run() { StandardStream.output.write("martlet \(Martlet.version)\n") }
}
