internal import ArgumentParser

/// The command line: each command assembles what others decide.
@main
struct Martlet: ParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "martlet",
        abstract: "An edge gateway that forwards HTTP by the rules of routes.yaml.",
        discussion: """
            Exit codes: 0 fine; 1 the configuration has errors, or a reload was refused; 2 no gateway answers; 3 the gateway \
            cannot listen or start; 4 explain: no route takes the request; 64 the command line is wrong.
            """,
        version: "martlet \(version)",
        subcommands: [
            Run.self, Check.self, Routes.self, Explain.self, Reload.self, Drain.self, Schema.self, Version.self,
        ])
}

/// Exit codes beside 0 and 64, which the argument parser gives.
enum Exit {
    static let configuration = ExitCode(1)
    static let nobodyAnswers = ExitCode(2)
    static let cannotStart = ExitCode(3)
    static let noRoute = ExitCode(4)
}
