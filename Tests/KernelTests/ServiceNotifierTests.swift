import Glibc
import Testing

@testable import Kernel

@Suite struct ServiceNotifierTests {
    /// What the service manager has: a datagram socket under a name.
    private final class Manager {
        private let number: Int32

        init(_ name: String) {
            number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
            var native = sockaddr_un()
            native.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &native.sun_path) { $0.copyBytes(from: name.utf8) }
            var size = MemoryLayout<sockaddr_un>.offset(of: \.sun_path)! + name.utf8.count
            if name.hasPrefix("@") { native.sun_path.0 = 0 } else { size += 1 }
            let result = withUnsafePointer(to: &native) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(number, $0, socklen_t(size)) }
            }
            #expect(result == 0)
        }

        deinit {
            close(number)
        }

        func next() -> String {
            var bytes = [UInt8](repeating: 0, count: 4_096)
            let count = recv(number, &bytes, bytes.count, Int32(MSG_DONTWAIT))
            return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        }
    }

    @Test(arguments: ["@martlet-test-", "/tmp/martlet-notify-"])
    func `each word is one datagram`(prefix: String) throws {
        let name = "\(prefix)\(getpid())-\(SystemClock.entropy())"
        let manager = Manager(name)
        defer { unlink(name) }
        let notifier = try #require(ServiceNotifier(socketName: name))
        try notifier.ready(status: "12 routes,\nREADY=0")
        #expect(manager.next() == "READY=1\nSTATUS=12 routes, READY=0\n")
        try notifier.reloading(monotonicMicroseconds: 5)
        #expect(manager.next() == "RELOADING=1\nMONOTONIC_USEC=5\n")
        try notifier.stopping(status: "draining")
        #expect(manager.next() == "STOPPING=1\nSTATUS=draining\n")
        try notifier.mainProcess(4_711)
        #expect(manager.next() == "MAINPID=4711\n")
        try notifier.status("é\u{0}")
        #expect(manager.next() == "STATUS=é \n")
        #expect(manager.next().isEmpty)
    }

    @Test(arguments: ["", "/", "@", "relative", "vsock:2:1234", "/a\0b", "/" + String(repeating: "a", count: 107)])
    func `a name that is neither a path nor abstract is none`(name: String) {
        #expect(ServiceNotifier(socketName: name) == nil)
    }

    @Test func `that nobody listens is an error and nothing worse`() throws {
        let notifier = try #require(ServiceNotifier(socketName: "@martlet-test-nobody-\(SystemClock.entropy())"))
        #expect(throws: SystemError(code: ECONNREFUSED)) { try notifier.ready(status: "") }
        let path = try #require(ServiceNotifier(socketName: "/tmp/martlet-nobody-\(SystemClock.entropy())"))
        #expect(throws: SystemError(code: ENOENT)) { try path.ready(status: "") }
    }
}
