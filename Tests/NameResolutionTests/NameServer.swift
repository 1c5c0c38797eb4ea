import Foundation
import Glibc
import Kernel
import Testing

/// Debian's dnsmasq on a port of the loopback interface that was free. It ends with this object, and with this process: a shell
/// that waits for the end of our pipe ends it.
final class NameServer {
    let address: SocketAddress
    private let process: Process
    private let lifeline: Pipe

    /// Starts one that knows what its configuration lines say and nothing else.
    init(_ lines: [String]) throws {
        for _ in 0..<20 {
            let port = try UDPSocket().address.port
            let configuration = (Self.always + ["port=\(port)"] + lines).joined(separator: "\n") + "\n"
            if let (process, lifeline) = try Self.start(configuration) {
                address = SocketAddress(ipv4: 0x7F00_0001, port: port)
                self.process = process
                self.lifeline = lifeline
                return
            }
        }
        throw Failure(reason: "no port stays free for dnsmasq")
    }

    deinit {
        try? lifeline.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    struct Failure: Error {
        let reason: String
    }

    private static let always = [
        "no-resolv", "no-hosts", "no-daemon", "listen-address=127.0.0.1", "bind-interfaces", "pid-file=", "user=root",
    ]
    // The shell gives its own end of the log up, so that the log ends with dnsmasq. Our threads block signals, and what they start
    // inherits that, so that only SIGKILL gets through.
    private static let script = """
        /usr/sbin/dnsmasq --conf-file="$1" --log-facility=- 2>&1 &
        exec >/dev/null 2>&1
        read -r line
        kill -KILL $!
        """

    /// `nil` when someone took the port in between.
    private static func start(_ configuration: String) throws -> (Process, Pipe)? {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("dnsmasq-\(UUID().uuidString).conf")
        try configuration.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        let lifeline = Pipe()
        let log = Pipe()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script, "sh", file.path]
        process.standardInput = lifeline
        process.standardOutput = log
        try process.run()
        try? log.fileHandleForWriting.close()
        var said = ""
        // It says that it has started when its sockets are bound; what is asked before it has read its files waits there.
        while !said.contains("started, version") {
            let piece = log.fileHandleForReading.availableData
            guard !piece.isEmpty else {
                try? lifeline.fileHandleForWriting.close()
                process.waitUntilExit()
                guard said.contains("Address already in use") else { throw Failure(reason: said) }
                return nil
            }
            said += String(decoding: piece, as: UTF8.self)
        }
        // From now on nobody reads the log, which dnsmasq does not mind.
        return (process, lifeline)
    }
}

/// A socket on a free port of the loopback interface: as long as it lives nobody else gets the port.
final class UDPSocket {
    let address: SocketAddress
    private let number: Int32

    enum Manner {
        /// What is sent there is never answered.
        case silent
        /// What is sent there is refused: connected to itself, the socket takes nothing from others.
        case refusing
    }

    init(_ manner: Manner = .silent) throws {
        let opened = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        guard opened >= 0 else { throw NameServer.Failure(reason: "no socket") }
        number = opened
        var native = sockaddr_in()
        native.sin_family = sa_family_t(AF_INET)
        native.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &native) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(opened, $0, size) == 0 && getsockname(opened, $0, &size) == 0
                    && (manner == .silent || connect(opened, $0, size) == 0)
            }
        }
        address = SocketAddress(ipv4: 0x7F00_0001, port: UInt16(bigEndian: native.sin_port))
        guard isBound else { throw NameServer.Failure(reason: "no port") }
    }

    deinit {
        close(number)
    }
}
