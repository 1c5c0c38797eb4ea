import Glibc
import Testing

@testable import Kernel

@Suite struct InheritedSocketsTests {
    private typealias Announcement = InheritedSockets.Announcement

    @Test(
        arguments: [
            (nil, nil, nil, []), ("7", nil, nil, []), (nil, "2", nil, []), ("8", "2", "a:b", []),
            ("8", "many", nil, []),
            ("7", "0", nil, []), ("7", "2", nil, ["unknown", "unknown"]), ("7", "2", "a:b", ["a", "b"]),
            ("7", "3", "web::web", ["web", "", "web"]), ("7", "1", "with space.socket", ["with space.socket"]),
        ] as [(String?, String?, String?, [String])])
    func `as many names as sockets, when they are meant for us`(
        process: String?, count: String?, names: String?, expected: [String]
    ) throws {
        let announced = Announcement(process: process, count: count, names: names)
        #expect(try InheritedSockets.names(announced, process: 7) == expected)
    }

    @Test(
        arguments: [
            ("", "1", nil, "LISTEN_PID"), ("x", "1", nil, "LISTEN_PID"), ("-7", "1", nil, "LISTEN_PID"),
            ("0", "1", nil, "LISTEN_PID"), ("99999999999999999999", "1", nil, "LISTEN_PID"),
            (" 7", "1", nil, "LISTEN_PID"),
            ("7", "", nil, "LISTEN_FDS"), ("7", "-1", nil, "LISTEN_FDS"), ("7", "+1", nil, "LISTEN_FDS"),
            ("7", "1.0", nil, "LISTEN_FDS"), ("7", "1025", nil, "LISTEN_FDS"),
            ("7", "99999999999999999999", nil, "LISTEN_FDS"),
            ("7", "2", "a", "LISTEN_FDNAMES"), ("7", "2", "a:b:c", "LISTEN_FDNAMES"), ("7", "0", "a", "LISTEN_FDNAMES"),
            ("7", "1", "a\u{7}", "LISTEN_FDNAMES"), ("7", "1", "ä", "LISTEN_FDNAMES"),
            ("7", "1", String(repeating: "n", count: 256), "LISTEN_FDNAMES"),
        ] as [(String, String, String?, String)])
    func `what no service manager says is refused with the variable's name`(
        process: String, count: String, names: String?, variable: String
    ) throws {
        let announced = Announcement(process: process, count: count, names: names)
        let failure = try #require(throws: InheritedSockets.Failure.self) {
            try InheritedSockets.names(announced, process: 7)
        }
        guard case .malformed(variable, _) = failure else {
            Issue.record("\(failure)")
            return
        }
        #expect(failure.description.contains(variable))
    }

    /// Makes a listening socket of the descriptor that is named, as a manager would: blocking, and open to children.
    private static func place(_ number: Int32) throws -> SocketAddress {
        let socket = try listen()
        let address = socket.address
        let opened = socket.releaseDescriptor()
        #expect(dup2(opened, number) == number)
        close(opened)
        #expect(fcntl(number, F_SETFL, 0) == 0)
        return address
    }

    /// In a process of its own, since the environment and the numbers of descriptors belong to all of it.
    @Test func `the manager's sockets are taken over, closed to children, and no longer announced`() async {
        await #expect(processExitsWith: .success) {
            // Far from what the runner of the tests has open.
            let first: Int32 = 300
            let addresses = [try InheritedSocketsTests.place(first), try InheritedSocketsTests.place(first + 1)]
            setenv("LISTEN_PID", "\(getpid())", 1)
            setenv("LISTEN_FDS", "2", 1)
            setenv("LISTEN_FDNAMES", "public:admin", 1)
            let announced = InheritedSockets.takeVariables()
            for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] {
                #expect(ProcessStatus.environment(name) == nil)
            }
            var sockets = try InheritedSockets.take(announced, process: Int(getpid()), from: first)
            #expect(sockets.entries.map(\.name) == ["public", "admin"])
            #expect(sockets.entries.map(\.address) == addresses)
            for number in [first, first + 1] {
                #expect(fcntl(number, F_GETFD) == FD_CLOEXEC)
                #expect(fcntl(number, F_GETFL) & O_NONBLOCK != 0)
            }
            let client = try Client(to: addresses[1])
            client.send("hello")
            #expect(try acceptEach(1, &sockets) == ["hello"])
            #expect(TakenOut(sockets.take(at: 1)).isShared)
        }
    }

    @Test func `what is no listening TCP socket is refused and stays open`() async {
        await #expect(processExitsWith: .success) {
            let first: Int32 = 300
            _ = try InheritedSocketsTests.place(first)
            for (kind, code) in [(SOCK_DGRAM, ESOCKTNOSUPPORT), (SOCK_STREAM, EINVAL)] {
                let other = socket(AF_INET, Int32(kind.rawValue), 0)
                #expect(dup2(other, first + 1) == first + 1)
                #expect(
                    throws: InheritedSockets.Failure.notListening(
                        name: "b", descriptor: Int(first) + 1, SystemError(code: code))
                ) {
                    _ = try InheritedSockets.take(
                        Announcement(process: "7", count: "2", names: "a:b"), process: 7, from: first)
                }
                #expect(fcntl(first + 1, F_GETFD) >= 0)
            }
            // Nothing at all under that number.
            #expect(
                throws: InheritedSockets.Failure.notListening(
                    name: "c", descriptor: Int(first) + 9, SystemError(code: EBADF))
            ) {
                _ = try InheritedSockets.take(
                    Announcement(process: "7", count: "1", names: "c"), process: 7, from: first + 9)
            }
        }
    }
}
