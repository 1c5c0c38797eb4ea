public import Configuration
public import Declarations

/// What commands read: the configuration as it is in the file, without names resolved.
public enum ConfigurationSource {
    /// What came of it.
    public enum Outcome: Sendable {
        /// Sound; the report has warnings at most.
        case valid(GatewayDeclaration, ConfigurationReport)
        /// Refused.
        case invalid(ConfigurationReport)
        /// There is no such file, or it cannot be read: says why.
        case unreadable(String)
    }

    /// Reads and checks a file. Blocks.
    public static func load(path: String) -> Outcome {
        do throws(Refusal) {
            switch ConfigurationReader.read(bytes: try ConfigurationFile(path: path).read(), file: path) {
            case .valid(let declaration, let report): return .valid(declaration, report)
            case .invalid(let report): return .invalid(report)
            }
        } catch {
            return .unreadable(error.summary)
        }
    }
}
