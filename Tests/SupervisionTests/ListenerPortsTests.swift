import Declarations
import Kernel
import Testing

@testable import Supervision

struct ListenerPortsTests {
    private func place(_ listener: ListenerDeclaration) -> ListenerPorts.Place {
        ListenerPorts.Place(title: "listener \(listener.name)", key: "listeners[0].address")
    }

    private let free = ListenerDeclaration(name: "free", host: "127.0.0.1", port: 0)

    @Test func `all shards share the port that the first one got`() throws {
        var ports = ListenerPorts()
        let first = try ports.bind([free], place: place)
        let second = try ports.bind([free], place: place)
        #expect(first[0].address.port != 0)
        #expect(first[0].address == second[0].address)
    }

    @Test func `a listener that stays keeps its socket, one that moves gets another`() throws {
        var ports = ListenerPorts()
        _ = try ports.bind([free], place: place)
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
        let taken = try others.bind([free], place: place)
        let listener = ListenerDeclaration(name: "public", host: "127.0.0.1", port: taken[0].address.port)
        do throws(Refusal) {
            try ListenerPorts().probe([listener], place: place)
            Issue.record("taken")
        } catch {
            #expect(error.kind == .cannotListen)
            #expect(
                error.summary == "cannot listen on \(taken[0].address.text) (listener public): address already in use: "
                    + "stop the other process or change listeners[0].address")
        }
    }

    @Test func `a port of our own is no reason to refuse a reload`() throws {
        var ports = ListenerPorts()
        let taken = try ports.bind([free], place: place)
        let renamed = ListenerDeclaration(name: "renamed", host: "127.0.0.1", port: taken[0].address.port)
        try ports.probe([renamed], place: place)
        let sockets = try ports.bind([renamed], place: place)
        #expect(sockets[0].address == taken[0].address)
    }
}
