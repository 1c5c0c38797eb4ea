internal import CLinux

/// Tells the service manager what this process is about (sd_notify(3), `Type=notify`). Each word is one datagram; that nobody
/// listens is for the caller to log, and no reason to stop.
public struct ServiceNotifier: Sendable, Equatable {
    /// A path, or a name of the abstract namespace behind an `@`.
    private let socketName: String

    /// The manager's socket, as `NOTIFY_SOCKET` has it; `nil` for names that are neither a path nor abstract.
    public init?(socketName: String) {
        // The system's own limit, less the zero that ends a path.
        guard socketName.hasPrefix("/") || socketName.hasPrefix("@"), (2...107).contains(socketName.utf8.count),
            !socketName.utf8.contains(0)
        else { return nil }
        self.socketName = socketName
    }

    /// The one that started this process; `nil` when none did that wants to know. The variable stays: a successor that this process
    /// starts reports to the same manager.
    public static func fromEnvironment() -> ServiceNotifier? {
        ProcessStatus.environment("NOTIFY_SOCKET").flatMap { ServiceNotifier(socketName: $0) }
    }

    /// The process serves; also said when a reload is over, whether or not the new configuration was taken.
    public func ready(status: String) throws(SystemError) {
        try send("READY=1\n\(Self.line(status: status))")
    }

    /// A reload has begun; `ready` ends it.
    public func reloading(monotonicMicroseconds: UInt64) throws(SystemError) {
        try send("RELOADING=1\nMONOTONIC_USEC=\(monotonicMicroseconds)\n")
    }

    /// The process serves no new connections and will end.
    public func stopping(status: String) throws(SystemError) {
        try send("STOPPING=1\n\(Self.line(status: status))")
    }

    /// From now on this process is the service, in place of the one that says so: its successor after a hand-over.
    public func mainProcess(_ process: Int) throws(SystemError) {
        try send("MAINPID=\(process)\n")
    }

    /// A line for `systemctl status`.
    public func status(_ status: String) throws(SystemError) {
        try send(Self.line(status: status))
    }

    /// Without line ends of its own, which would begin another word to the manager.
    private static func line(status: String) -> String {
        "STATUS=" + String(status.unicodeScalars.map { $0.value < 0x20 ? " " : Character($0) }) + "\n"
    }

    private func send(_ text: String) throws(SystemError) {
        let bytes = Array(text.utf8)
        // The text and the array are valid during the call, and as long as it is told.
        _ = try SystemError.check(unsafe cl_notify(socketName, socketName.utf8.count, bytes, bytes.count))
    }
}
