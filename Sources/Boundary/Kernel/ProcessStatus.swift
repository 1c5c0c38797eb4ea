internal import CLinux
internal import Glibc

/// What the system knows of this process.
public enum ProcessStatus {
    /// The number of the user it acts as; 0 is root.
    public static func user() -> Int { Int(cl_user()) }

    /// Processor time of all its threads.
    public static func processorNanoseconds() -> UInt64 { cl_processor_nanoseconds() }

    /// Open file descriptors; 0 when the system does not tell.
    public static func openDescriptors() -> Int { max(0, Int(cl_open_descriptors())) }

    /// Most file descriptors that may be open.
    public static func descriptorsMax() -> Int { max(0, Int(cl_descriptor_limit())) }

    /// Octets of a page of memory.
    public static func pageBytes() -> Int { max(1, Int(cl_page_bytes())) }

    /// An environment variable; `nil` when it is not set or empty.
    public static func environment(_ name: String) -> String? {
        // Only `InheritedSockets.take()` changes the environment, before there are other threads; the text is copied at once.
        guard let text = unsafe getenv(name) else { return nil }
        let value = unsafe String(cString: text)
        return value.isEmpty ? nil : value
    }

    /// Writing to a connection or pipe that nobody reads is an error from now on, and not the end of the process.
    public static func ignoreBrokenPipes() {
        let result = cl_ignore_sigpipe()
        precondition(result == 0, "SIGPIPE can always be ignored")
    }
}

/// Standard output and standard error, for the few lines a command prints.
public enum StandardStream {
    case output, error

    /// Writes the whole text. A reader that has gone away is no failure of ours.
    public func write(_ text: String) {
        let bytes = Array(text.utf8)
        let number = self == .output ? STDOUT_FILENO : STDERR_FILENO
        // The array's octets are valid during the call.
        _ = unsafe bytes.withUnsafeBytes { unsafe cl_write_all(number, $0.baseAddress, $0.count) }
    }
}
