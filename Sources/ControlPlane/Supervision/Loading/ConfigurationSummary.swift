public import Declarations

/// The size of a configuration in words.
public enum ConfigurationSummary {
    /// `3 routes, 2 upstreams, 1 listener`.
    public static func text(_ declaration: GatewayDeclaration) -> String {
        [
            count(declaration.routes.count, "route"), count(declaration.upstreams.count, "upstream"),
            count(declaration.listeners.count, "listener"),
        ].joined(separator: ", ")
    }

    private static func count(_ number: Int, _ word: String) -> String {
        number == 1 ? "1 \(word)" : "\(number) \(word)s"
    }
}
