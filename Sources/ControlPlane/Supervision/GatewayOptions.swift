/// What `martlet run` is told.
public struct GatewayOptions: Sendable, Equatable {
    /// The configuration file, as written on the command line: messages show it like this.
    public var configurationPath: String
    /// Data shards; one per processor when not said.
    public var threads: Int?
    /// Takes the sockets over from the gateway that runs on this configuration.
    public var takesOver = false
    /// For `martlet_build_info`.
    public var version: String

    /// Threads beyond this are a slip of the finger.
    public static let threadsMax = 512

    /// All parts.
    public init(configurationPath: String, threads: Int? = nil, takesOver: Bool = false, version: String) {
        self.configurationPath = configurationPath
        self.threads = threads
        self.takesOver = takesOver
        self.version = version
    }
}

/// Why a gateway did not start.
public enum StartFailure: Error, Sendable, Equatable {
    /// The configuration has problems; the text tells all of them.
    case configuration(text: String)
    /// An address cannot be listened on.
    case cannotListen(String)
    /// The system refused something else.
    case system(String)
}
