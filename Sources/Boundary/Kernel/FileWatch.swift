internal import CLinux

/// Tells when a file may have changed, by watching its folder: editors rename a new file over the old one, and a watch on the
/// file itself would stay with the old one.
public struct FileWatch: ~Copyable {
    let descriptor: Descriptor
    private let name: String

    /// What became of the file since the last look.
    public enum Outcome: Sendable, Equatable {
        case untouched
        case touched
    }

    /// Watches for a name in a folder.
    public init(folder: String, name: String) throws(SystemError) {
        let descriptor = Descriptor(owning: try SystemError.check(cl_watch_create()))
        _ = try SystemError.check(unsafe cl_watch_directory(descriptor.number, folder))
        self.descriptor = descriptor
        self.name = name
    }

    /// Reads all notices. When they cannot be read, the file counts as touched.
    public func drain() -> Outcome {
        unsafe cl_watch_drain(descriptor.number, name) == 0 ? .untouched : .touched
    }
}
