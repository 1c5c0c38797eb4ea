internal import Admin
internal import ArgumentParser
internal import Declarations
internal import Routing

struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell which route a request takes, and why.",
        discussion: """
            The request is parsed, normalised and routed by the code that serves requests. Exits with 4 when no route takes it.

            Example: martlet explain GET http://api.example.com/items/7 -H 'X-Env: staging'
            """)

    @Argument(help: "The request's method.")
    var method: String

    @Argument(help: "The URL as a client has it, or a path alone.")
    var url: String

    @Option(name: [.customShort("H"), .customLong("header")], help: "A header line, 'Name: value'; may be repeated.")
    var headers: [String] = []

    @Option(help: "The listener that takes the request; its address is the host of a path alone. (default: the first)")
    var listener: String?

    @OptionGroup var source: ConfigurationArgument
    @OptionGroup var output: FormatArgument

    func run() throws {
        let declaration = try source.load()
        let explainer = try compiled { () throws(RouteTableError) in try Explainer(declaration) }
        let explanation = explainer.explain(try sketch(declaration))
        output.print(text: { explanation.text() }, json: { explanation.json() })
        if !explanation.isRouted { throw Exit.noRoute }
    }

    private func sketch(_ declaration: GatewayDeclaration) throws -> RequestSketch {
        let names = declaration.listeners.map(\.name)
        guard let chosen = declaration.listeners.first(where: { listener == nil || $0.name == listener }) else {
            throw ValidationError(
                "There is no listener '\(listener ?? "")'; there is \(names.joined(separator: ", ")).")
        }
        let host = chosen.host.contains(":") ? "[\(chosen.host)]" : chosen.host
        do throws(RequestSketch.Fault) {
            return try RequestSketch(
                method: method, url: url, headers: headers, defaultHost: "\(host):\(chosen.port)")
        } catch {
            throw ValidationError("\(error)")
        }
    }
}
