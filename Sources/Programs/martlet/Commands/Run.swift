internal import ArgumentParser
internal import Kernel
internal import Supervision

struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the gateway in the foreground.",
        discussion: """
            SIGHUP reloads the configuration; a change of the file does so by itself. SIGTERM and SIGINT end the gateway after the \
            exchanges in progress, a second one at once. SIGUSR1 opens the access log again.

            \(ControlSocketPath.rule)
            """)

    @OptionGroup var source: ConfigurationArgument

    @Option(help: "Data shards, each on a thread of its own. (default: one for each processor)")
    var threads: Int?

    @Flag(
        help: """
            Take the listening sockets over from the gateway that runs on this file: it drains once this one serves, and no connection \
            is refused in between.
            """)
    var takeOver = false

    func validate() throws {
        guard let threads, !(1...GatewayOptions.threadsMax).contains(threads) else { return }
        throw ValidationError("--threads is 1 to \(GatewayOptions.threadsMax).")
    }

    func run() throws {
        let gateway: Gateway
        do throws(StartFailure) {
            gateway = try Gateway.start(
                GatewayOptions(
                    configurationPath: source.path, threads: threads, takesOver: takeOver, version: Martlet.version))
        } catch {
            throw Self.report(error)
        }
        StandardStream.error.write(gateway.warnings)
        StandardStream.error.write(gateway.greeting.map { $0 + "\n" }.joined())
        gateway.run()
    }

    private static func report(_ failure: StartFailure) -> ExitCode {
        switch failure {
        case .configuration(let text):
            StandardStream.error.write(text)
            return Exit.configuration
        case .cannotListen(let reason), .system(let reason):
            StandardStream.error.write("martlet: \(reason)\n")
            return Exit.cannotStart
        }
    }
}
