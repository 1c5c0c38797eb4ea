import Declarations
import Kernel
import Shard
import Testing

@testable import Supervision

struct ListenerPortsTests {
    private func place(_ listener: ListenerDeclaration) -> ListenerPorts.Place {
        ListenerPorts.Place(title: "listener \(listener.name)", key: "listeners[0].address")
    }

    /// Binds where nothing was opened for us, and keeps no handle for a successor.
    private func bind(_ listeners: [ListenerDeclaration], _ ports: inout ListenerPorts) throws -> [ListenerSocket] {
        var adopted = ListeningSocketSet()
        var lent = ListeningSocketSet()
        return try ports.bind(listeners, adopted: &adopted, shardsLeft: 1, lent: &lent, place: place)
    }

    private let free = ListenerDeclaration(name: "free", host: "127.0.0.1", port: 0)

    @Test func `all shards share the port that the first one got`() throws {
        var ports = ListenerPorts()
        let first = try bind([free], &ports)
        let second = try bind([free], &ports)
        #expect(first[0].address.port != 0)
        #expect(first[0].address == second[0].address)
    }

    @Test func `a listener that stays keeps its socket, one that moves gets another`() throws {
        var ports = ListenerPorts()
        _ = try bind([free], &ports)
        #expect(ports.missing([free]).isEmpty)
        var moved = free
        moved.host = "127.0.0.2"
        #expect(ports.missing([moved]) == [moved])
        var trusted = free
        trusted.trustedProxies = [NetworkDeclaration(bytes: [UInt8](repeating: 0, count: 16), prefixBits: 0)]
        #expect(ports.missing([trusted]).isEmpty)
        ports.keepOnly([])
        #expect(ports.missing([free]) == [free])
    }

    @Test func `an address that another listens on is refused, even when the port could be shared`() throws {
        var others = ListenerPorts()
        let taken = try bind([free], &others)
        let listener = ListenerDeclaration(name: "public", host: "127.0.0.1", port: taken[0].address.port)
        do throws(Refusal) {
            try ListenerPorts().probe([listener], adopted: ListeningSocketSet(), place: place)
            Issue.record("taken")
        } catch {
            #expect(error.kind == .cannotListen)
            #expect(
                error.summary == "cannot listen on \(taken[0].address.text) (listener public): address already in use: "
                    + "stop the other process or change listeners[0].address")
        }
    }

    @Test(arguments: [(1, 1), (1, 3), (2, 3), (3, 2), (4, 1), (5, 3)])
    func `all adopted sockets find a taker, and each shard gets one`(sockets: Int, shards: Int) throws {
        var adopted = ListeningSocketSet()
        var address = try #require(SocketAddress(literal: "127.0.0.1", port: 0))
        for _ in 0..<sockets {
            let socket = try ListeningSocket.listen(on: address, backlog: 8, sharedPort: true)
            address = socket.address
            adopted.add(socket, name: "public")
        }
        let listener = ListenerDeclaration(name: "public", host: "127.0.0.1", port: address.port)
        try ListenerPorts().probe([listener], adopted: adopted, place: place)
        var ports = ListenerPorts()
        var lent = ListeningSocketSet()
        var taken = 0
        for shard in 0..<shards {
            let own = try ports.bind(
                [listener], adopted: &adopted, shardsLeft: shards - shard, lent: &lent, place: place)
            #expect(!own.isEmpty)
            #expect(own.allSatisfy { $0.address == address })
            taken += own.count
        }
        #expect(adopted.entries.isEmpty)
        #expect(taken == max(sockets, shards))
        #expect(lent.entries.count == taken)
    }

    @Test func `a port of our own is no reason to refuse a reload`() throws {
        var ports = ListenerPorts()
        let taken = try bind([free], &ports)
        let renamed = ListenerDeclaration(name: "renamed", host: "127.0.0.1", port: taken[0].address.port)
        try ports.probe([renamed], adopted: ListeningSocketSet(), place: place)
        let sockets = try bind([renamed], &ports)
        #expect(sockets[0].address == taken[0].address)
    }
}
