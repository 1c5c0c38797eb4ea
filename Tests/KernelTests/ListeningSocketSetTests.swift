import Glibc
import Testing

@testable import Kernel

@Suite struct ListeningSocketSetTests {
    @Test func `sockets come out from where their entry stands`() throws {
        var sockets = ListeningSocketSet()
        let first = try listen()
        let address = first.address
        sockets.add(first, name: "public")
        let second = try listen(on: address)
        sockets.add(second, name: "public")
        let other = try listen()
        let otherAddress = other.address
        sockets.add(other, name: "admin")
        #expect(
            sockets.entries == [
                .init(name: "public", address: address), .init(name: "public", address: address),
                .init(name: "admin", address: otherAddress),
            ])
        #expect(TakenOut(sockets.take(at: 2)).address == otherAddress)
        #expect(TakenOut(sockets.take(at: 0)).address == address)
        #expect(sockets.entries == [.init(name: "public", address: address)])
        #expect(TakenOut(sockets.take(at: 0)).address == address)
        #expect(sockets.entries.isEmpty)
    }

    @Test func `what nobody takes is closed with the set`() throws {
        let address: SocketAddress
        do {
            var sockets = ListeningSocketSet()
            let socket = try listen()
            address = socket.address
            sockets.add(socket, name: "public")
            _ = try Client(to: address)
        }
        #expect(throws: SystemError(code: ECONNREFUSED)) { _ = try Client(to: address) }
    }

    @Test func `a duplicate has the same backlog, and a stop ends both`() throws {
        let socket = try listen()
        let copy = try socket.duplicate()
        let addresses = [socket.address, copy.address]
        #expect(addresses[0] == addresses[1])
        let client = try Client(to: socket.address)
        client.send("hello")
        var sockets = ListeningSocketSet()
        sockets.add(copy, name: "copy")
        #expect(try acceptEach(1, &sockets) == ["hello"])
        let isShared = socket.isShared
        #expect(!isShared)
        socket.stopListening()
        #expect(throws: SystemError(code: ECONNREFUSED)) { _ = try Client(to: addresses[0]) }
    }

    @Test func `a socket that others listen on too survives our stop`() throws {
        let socket = try listen()
        var sockets = ListeningSocketSet()
        let copy = try socket.duplicate()
        sockets.add(copy, name: "copy")
        sockets.markShared()
        let isShared = socket.isShared
        #expect(isShared)
        socket.stopListening()
        let client = try Client(to: socket.address)
        client.send("still here")
        #expect(try acceptEach(1, &sockets) == ["still here"])
    }
}
