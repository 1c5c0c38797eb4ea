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
            let file = ConfigurationFile(path: path)
            switch ConfigurationReader.read(bytes: try file.read(), file: path) {
            case .valid(let declaration, let report):
                let (_, whole) = TLSFiles.read(declaration, report, folder: file.folder, use: .check)
                return whole.hasErrors ? .invalid(whole) : .valid(declaration, whole)
            case .invalid(let report): return .invalid(report)
            }
        } catch {
            return .unreadable(error.summary)
        }
    }
}
