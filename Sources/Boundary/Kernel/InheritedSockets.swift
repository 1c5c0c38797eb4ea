internal import CLinux

/// Listening sockets that the service manager opened before it started this process (systemd's socket activation, sd_listen_fds(3)).
///
/// The manager keeps them: a connection that comes while no process runs waits in the backlog for the next one. Hence all of them
/// count as shared, and are never shut down.
public enum InheritedSockets {
    /// Why sockets that were announced are not there.
    public enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// The environment variable has this value, which cannot be.
        case malformed(variable: String, value: String)
        /// What was announced under this name is no listening TCP socket; the system's word for it.
        case notListening(name: String, descriptor: Int, SystemError)

        /// Cause and remedy in one line.
        public var description: String {
            switch self {
            case .malformed(let variable, let value):
                "the environment says \(variable)='\(value)', which no service manager does; unset it"
            case .notListening(let name, let descriptor, let error):
                """
                descriptor \(descriptor) ('\(name)') is no listening TCP socket (\(error)); \
                use ListenStream= with an address and Accept=no in the .socket unit
                """
            }
        }
    }

    /// The first descriptor that is passed on: behind standard input, output and error.
    private static let firstDescriptor: Int32 = 3
    /// The name of a socket that was given none.
    public static let unnamed = "unknown"

    /// Takes the sockets over, and the variables that announce them out of the environment, so that no child mistakes them for its
    /// own. An empty set when none are announced, or when they were meant for another process. Once, before any thread is started:
    /// nobody else may look at the environment meanwhile.
    public static func take() throws(Failure) -> ListeningSocketSet {
        let announced = takeVariables()
        return try take(announced, process: Int(cl_process()), from: firstDescriptor)
    }

    /// What the environment says.
    struct Announcement: Sendable, Equatable {
        var process: String?
        var count: String?
        var names: String?
    }

    static func takeVariables() -> Announcement {
        func take(_ name: String) -> String? {
            let value = ProcessStatus.environment(name)
            // The name is a constant, and valid during the call.
            _ = unsafe cl_environment_clear(name)
            return value
        }
        return Announcement(
            process: take("LISTEN_PID"), count: take("LISTEN_FDS"), names: take("LISTEN_FDNAMES"))
    }

    /// 1. Whom it is for. 2. How many, and their names. 3. The sockets, of which all must be what they should be.
    static func take(
        _ announced: Announcement, process: Int, from first: Int32
    ) throws(Failure) -> ListeningSocketSet {
        let names = try names(announced, process: process)
        // Checked before any is owned: what is none of the manager's sockets belongs to someone else in this process.
        for (offset, name) in names.enumerated() {
            let number = first + Int32(offset)
            let result = cl_adopt_listener(number)
            guard result >= 0 else {
                throw .notListening(name: name, descriptor: Int(number), SystemError(code: -result))
            }
        }
        var sockets = ListeningSocketSet()
        for (offset, name) in names.enumerated() {
            let number = first + Int32(offset)
            do throws(SystemError) {
                try sockets.adopt(Descriptor(owning: number), name: name, isShared: true)
            } catch {
                throw .notListening(name: name, descriptor: Int(number), error)
            }
        }
        return sockets
    }

    /// The names of the sockets that are meant for this process, one for each.
    static func names(_ announced: Announcement, process: Int) throws(Failure) -> [String] {
        guard let processText = announced.process, let countText = announced.count else { return [] }
        guard let intended = number(processText, max: Int(Int32.max)), intended > 0 else {
            throw .malformed(variable: "LISTEN_PID", value: processText)
        }
        guard intended == process else { return [] }
        guard let count = number(countText, max: ListeningSocketSet.socketsMax) else {
            throw .malformed(variable: "LISTEN_FDS", value: countText)
        }
        guard let namesText = announced.names else { return Array(repeating: unnamed, count: count) }
        let names = namesText.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        // sd_listen_fds_with_names(3): as many names as sockets, at most 255 printable characters each.
        let areNames = names.allSatisfy { name in
            name.utf8.count <= 255 && name.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
        }
        guard names.count == count, areNames else {
            throw .malformed(variable: "LISTEN_FDNAMES", value: namesText)
        }
        return names
    }

    /// A decimal number without sign or space.
    private static func number(_ text: String, max: Int) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int(text), value <= max
        else { return nil }
        return value
    }
}
