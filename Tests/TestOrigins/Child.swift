import Foundation
import Glibc

/// A command that runs beside the test; killed with the value. Foundation's `Process` waits on the run loop of whichever thread asks,
/// which never hears of the end when several tests ask at once.
final class Child {
    private let id: pid_t
    private let output: Int32
    private var status: Int32?

    /// Starts a command that is found by the path. Its errors go nowhere.
    init(_ arguments: [String]) throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw CocoaError(.executableLoad) }
        // Children of other tests must not keep them open.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var words = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var started: pid_t = 0
        let result = posix_spawnp(&started, arguments[0], &actions, nil, &words, environ)
        close(ends[1])
        output = ends[0]
        id = started
        guard result == 0 else { throw CocoaError(.executableNotLoadable) }
    }

    deinit {
        close(output)
        guard status == nil else { return }
        kill(id, SIGKILL)
        _ = waitForEnd()
    }

    /// More of what it writes; `nil` at the end.
    func read() -> String? {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = Glibc.read(output, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }

    /// Waits for the end; returns the status as `waitpid` does.
    func waitForEnd() -> Int32 {
        if let status { return status }
        var found: Int32 = 0
        while waitpid(id, &found, 0) < 0 && errno == EINTR {}
        status = found
        return found
    }
}
