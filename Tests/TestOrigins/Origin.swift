import Foundation
import Glibc

/// An HTTP origin on a free port of the loopback, with a thread for each connection. It does as it is told, also what no origin should.
/// It ends with the value.
public final class Origin: Sendable {
    /// Its port, which stays the same when it is made to listen again.
    public let port: UInt16
    private let engine: OriginEngine

    /// Listens on a free port.
    public init(_ answer: OriginAnswer = .status(200, body: "fine")) {
        engine = OriginEngine(answer)
        port = engine.port
    }

    deinit { stop() }

    /// What it does with requests from now on.
    public func setAnswer(_ answer: OriginAnswer) { engine.locked { engine.answer = answer } }

    /// The heads of all requests so far.
    public var requests: [String] { engine.locked { engine.heads } }

    /// The bodies of all requests so far, as far as their lengths were given.
    public var requestBodies: [[UInt8]] { engine.locked { engine.bodies } }

    /// Connections accepted so far.
    public var connectionCount: Int { engine.locked { engine.accepted } }

    /// Waits until there were so many requests, for at most ten seconds; tells whether there were.
    public func waitForRequests(_ count: Int) -> Bool {
        let deadline = Date(timeIntervalSinceNow: 10)
        return engine.locked {
            while engine.heads.count < count {
                guard engine.lock.wait(until: deadline) else { return engine.heads.count >= count }
            }
            return true
        }
    }

    /// Closes the port and all connections, as a process does that is killed. Waits until its threads are gone.
    public func stop() { engine.stop() }

    /// Listens on the same port again.
    public func listenAgain() {
        stop()
        engine.listen(on: OriginEngine.listen(port).descriptor)
    }

    /// A port on which nobody listens: it was free a moment ago.
    public static func deadPort() -> UInt16 { Origin().port }
}

/// What the origin's threads share.
private final class OriginEngine: @unchecked Sendable {
    let port: UInt16
    // All protected by `lock`.
    let lock = NSCondition()
    var answer: OriginAnswer
    var heads: [String] = []
    var bodies: [[UInt8]] = []
    var accepted = 0
    private var listener: Int32 = -1
    private var connections: Set<Int32> = []
    private var threads = 0

    init(_ answer: OriginAnswer) {
        self.answer = answer
        let (descriptor, port) = Self.listen(0)
        self.port = port
        listen(on: descriptor)
    }

    func stop() {
        locked {
            if listener >= 0 { shutdown(listener, Int32(SHUT_RDWR)) }
            for connection in connections { shutdown(connection, Int32(SHUT_RDWR)) }
            while threads > 0 { lock.wait() }
        }
    }

    // MARK: - Threads

    func listen(on descriptor: Int32) {
        locked {
            listener = descriptor
            threads += 1
        }
        Thread.detachNewThread { while self.acceptOne(descriptor) {} }
    }

    private func acceptOne(_ descriptor: Int32) -> Bool {
        let connection = accept(descriptor, nil, nil)
        guard connection >= 0 else {
            locked {
                Glibc.close(descriptor)
                listener = -1
                threads -= 1
                lock.broadcast()
            }
            return false
        }
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        locked {
            accepted += 1
            threads += 1
            connections.insert(connection)
        }
        Thread.detachNewThread {
            self.serve(connection)
            self.locked {
                self.connections.remove(connection)
                Glibc.close(connection)
                self.threads -= 1
                self.lock.broadcast()
            }
        }
        return true
    }

    private func serve(_ connection: Int32) {
        var pending: [UInt8] = []
        while let head = readHead(connection, &pending) {
            let text = String(decoding: head, as: UTF8.self)
            let length = text.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
                .flatMap { Int($0.dropFirst(15).drop { $0 == " " }) }
            while pending.count < length ?? 0 { guard read(connection, &pending) else { return } }
            let body = Array(pending.prefix(length ?? 0))
            pending.removeFirst(body.count)
            let answer = locked {
                heads.append(text)
                bodies.append(body)
                lock.broadcast()
                return self.answer
            }
            switch answer {
            case .bytes(let bytes):
                _ = write(connection, bytes)
                return
            case .bytesAndStay(let bytes): guard write(connection, bytes) else { return }
            case .bytesAndHang(let bytes):
                _ = write(connection, bytes)
                while read(connection, &pending) {}
                return
            case .hang:
                while read(connection, &pending) {}
                return
            case .close: return
            case .endlessBody:
                var bytes = Array("HTTP/1.1 200 OK\r\n\r\n".utf8)
                while write(connection, bytes) { bytes = [UInt8](repeating: 0x78, count: 65_536) }
                return
            }
        }
    }

    private func readHead(_ connection: Int32, _ pending: inout [UInt8]) -> [UInt8]? {
        while true {
            if let end = Self.endOfHead(pending) {
                let head = Array(pending[..<end])
                pending.removeFirst(end)
                return head
            }
            guard read(connection, &pending) else { return nil }
        }
    }

    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        let end: [UInt8] = [13, 10, 13, 10]
        guard bytes.count >= 4 else { return nil }
        return (0...bytes.count - 4).first { Array(bytes[$0..<$0 + 4]) == end }.map { $0 + 4 }
    }

    private func read(_ connection: Int32, _ pending: inout [UInt8]) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let count = recv(connection, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        pending.append(contentsOf: buffer[..<count])
        return true
    }

    private func write(_ connection: Int32, _ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = Array(bytes[sent...]).withUnsafeBytes {
                send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    func locked<Result>(_ body: () -> Result) -> Result {
        lock.lock()
        defer { lock.unlock() }
        return body()
    }

    // MARK: - The port

    /// A listening socket on the loopback; 0: any free port.
    static func listen(_ port: UInt16) -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        precondition(descriptor >= 0)
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                precondition(bind(descriptor, generic, length) == 0, "cannot bind port \(port)")
                precondition(Glibc.listen(descriptor, 128) == 0)
                getsockname(descriptor, generic, &length)
            }
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }
}
