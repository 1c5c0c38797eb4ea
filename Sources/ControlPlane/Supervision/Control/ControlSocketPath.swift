public import Kernel

/// Where the control socket of a gateway is: derived from its configuration file, so that `martlet reload --config F` finds the
/// gateway that runs on F.
///
/// The socket's name is a hash of the real path of the file's folder and the file's name. A link in place of the file itself is
/// not followed: tools that swap such links must not change where a running gateway is found.
public struct ControlSocketPath: Sendable, Equatable {
    /// Folders in which the socket may be, the best first.
    public let folders: [String]
    /// The socket's name in its folder.
    public let name: String

    /// For help texts.
    public static let rule = """
        The control socket is `martlet-HASH.sock`, HASH being derived from the real path of the configuration file, in the \
        first of these folders that belongs to the user alone: $XDG_RUNTIME_DIR/martlet, /run/martlet, /tmp/martlet-UID.
        """

    /// Of the gateway that runs on this file. Throws when the file's folder does not exist.
    public static func of(configuration path: String) throws(SystemError) -> ControlSocketPath {
        let file = ConfigurationFile(path: path)
        let folder = try FileBytes.realPath(file.folder)
        return ControlSocketPath(
            configuration: (folder == "/" ? "" : folder) + "/" + file.name,
            runtimeFolder: ProcessStatus.environment("XDG_RUNTIME_DIR"), user: ProcessStatus.user())
    }

    /// - Parameters:
    ///   - configuration: the canonical path of the file.
    ///   - runtimeFolder: `$XDG_RUNTIME_DIR`.
    ///   - user: the number of the user.
    init(configuration: String, runtimeFolder: String?, user: Int) {
        let runtime = runtimeFolder.map { [$0 + "/martlet"] } ?? []
        folders = runtime + ["/run/martlet", "/tmp/martlet-\(user)"]
        let digits = String(Self.hash(configuration), radix: 16)
        name = "martlet-" + String(repeating: "0", count: 16 - digits.count) + digits + ".sock"
    }

    /// All places to look at, the best first.
    public var candidates: [String] { folders.map { $0 + "/" + name } }

    /// The first place that can be had: its folder is made when need be, and belongs to this user alone.
    func prepare() throws(SystemError) -> String {
        var failure = SystemError(code: 0)
        for folder in folders {
            do throws(SystemError) {
                try FileBytes.preparePrivateFolder(folder)
                return folder + "/" + name
            } catch {
                failure = error
            }
        }
        throw failure
    }

    /// FNV-1a, 64 bits: a name, not a secret; the folder's permissions are the protection.
    private static func hash(_ text: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash
    }
}
