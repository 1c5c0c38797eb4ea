import Glibc
import Testing

@testable import Kernel

/// Any free port of the loopback interface.
let loopback = SocketAddress(ipv4: 0x7F00_0001, port: 0)

/// A client whose connection is made, whether or not anybody accepts it.
final class Client {
    private let number: Int32

    init(to address: SocketAddress) throws {
        number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var native = sockaddr_in()
        native.sin_family = sa_family_t(AF_INET)
        native.sin_port = address.port.bigEndian
        native.sin_addr.s_addr = UInt32(truncatingIfNeeded: address.low).bigEndian
        let result = withUnsafePointer(to: &native) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if result < 0 { throw SystemError(code: errno) }
    }

    deinit {
        close(number)
    }

    func send(_ text: String) {
        #expect(Array(text.utf8).withUnsafeBytes { Glibc.send(number, $0.baseAddress, $0.count, 0) } == text.utf8.count)
    }
}

/// Listens on a free port, or on one that is shared.
func listen(on address: SocketAddress = loopback) throws -> ListeningSocket {
    try ListeningSocket.listen(on: address, backlog: 64, sharedPort: true)
}

/// What is known of a socket that is taken out and closed.
struct TakenOut: Equatable {
    let address: SocketAddress
    let isShared: Bool

    init(_ socket: consuming ListeningSocket) {
        address = socket.address
        isShared = socket.isShared
    }
}

/// What the connections that wait in the backlogs say, in no order, until there are so many of them.
func acceptEach(_ count: Int, _ sockets: inout ListeningSocketSet) throws -> [String] {
    var poller = try Poller()
    var connections = ConnectionBag()
    var keep = ListeningSocketSet()
    while let name = sockets.entries.first?.name {
        let socket = sockets.take(at: 0)
        try poller.add(socket, value: 0)
        while true {
            guard case .accepted(let connection, _) = socket.accept() else { break }
            connections.read(connection)
        }
        keep.add(socket, name: name)
    }
    sockets = keep
    // The last step of a handshake may still be on its way through the kernel.
    while connections.texts.count < count, poller.wait(timeoutMilliseconds: 5_000) > 0 {
        var again = ListeningSocketSet()
        while let name = sockets.entries.first?.name {
            let socket = sockets.take(at: 0)
            if case .accepted(let connection, _) = socket.accept() { connections.read(connection) }
            again.add(socket, name: name)
        }
        sockets = again
    }
    return connections.texts.sorted()
}

/// Reads what came with each connection.
private struct ConnectionBag {
    var texts: [String] = []

    mutating func read(_ connection: borrowing TCPSocket) {
        var buffer = ByteBuffer(capacity: 64)
        _ = connection.receive(into: &buffer, atMost: 64)
        texts.append(String(decoding: (0..<buffer.count).map { buffer.readable[$0] }, as: UTF8.self))
    }
}
