internal import Admin
internal import ArgumentParser
internal import Declarations
internal import Kernel
internal import Routing

struct Routes: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the compiled routes, the one that wins over all others first.")

    @OptionGroup var source: ConfigurationArgument
    @OptionGroup var output: FormatArgument

    func run() throws {
        let declaration = try source.load()
        let table = try compiled { () throws(RouteTableError) in try RouteTable(declaration.routes) }
        let routes = table.rankedOrder.map { declaration.routes[$0] }
        output.print(text: { RoutesPage.text(routes) }, json: { RoutesPage.json(routes) })
    }
}

/// A table, or the end of the command.
func compiled<Value>(_ body: () throws(RouteTableError) -> Value) throws -> Value {
    do throws(RouteTableError) {
        return try body()
    } catch {
        StandardStream.error.write("martlet: \(error)\n")
        throw Exit.configuration
    }
}
