internal import Declarations
internal import Kernel
internal import Shard

/// Which addresses are listened on: decides what a new configuration needs bound, and binds it.
///
/// All shards of a group listen on the same addresses with sockets of their own, among which the kernel spreads the connections.
struct ListenerPorts: Sendable, Equatable {
    /// A listener in force.
    struct Bound: Sendable, Equatable {
        /// As declared: with port 0, `address` has the kernel's choice.
        var host: String
        var port: UInt16
        var address: SocketAddress
    }

    /// By the listener's name.
    private(set) var bound: [String: Bound] = [:]

    /// Connections that may wait for an accept, per shard; the kernel lowers it to its own limit.
    static let backlog: Int32 = 4_096

    /// The listeners of these that have no socket yet, or one for another address.
    func missing(_ listeners: [ListenerDeclaration]) -> [ListenerDeclaration] {
        listeners.filter { listener in
            guard let known = bound[listener.name] else { return true }
            return known.host != listener.host || known.port != listener.port
        }
    }

    /// Makes sure that no other process listens where we are about to: sockets that share a port would otherwise share its
    /// connections with it, and each would get some of the other's.
    func probe(
        _ listeners: [ListenerDeclaration], adopted: borrowing ListeningSocketSet,
        place: (ListenerDeclaration) -> Place
    ) throws(Refusal) {
        for listener in missing(listeners) where listener.port != 0 && !isOurs(port: listener.port) {
            // What was opened for us is ours too.
            let address = try Self.address(listener)
            if adopted.entries.contains(where: { $0.address == address }) { continue }
            _ = try Self.listen(on: try Self.address(listener), sharedPort: false, place(listener))
        }
    }

    /// Binds what one shard needs, or takes its share of what was opened for us. The first shard's sockets decide what port 0 means;
    /// the others follow. `lent` gets a handle of each socket, for a successor.
    mutating func bind(
        _ listeners: [ListenerDeclaration], adopted: inout ListeningSocketSet, shardsLeft: Int,
        lent: inout ListeningSocketSet, place: (ListenerDeclaration) -> Place
    ) throws(Refusal) -> sending [ListenerSocket] {
        var sockets: [ListenerSocket] = []
        for listener in listeners {
            var address = try Self.address(listener)
            if let known = bound[listener.name], known.host == listener.host, known.port == listener.port {
                address = known.address
            }
            let (count, adoptedAddress) = Self.share(adopted, listener, address, shardsLeft: shardsLeft)
            for place in 0..<count {
                guard let index = adopted.entries.firstIndex(where: { $0.address == adoptedAddress }) else { break }
                let socket = adopted.take(at: index)
                // With fewer sockets than shards, some shards serve the same one.
                if place == 0, !adopted.entries.contains(where: { $0.address == adoptedAddress }), shardsLeft > 1 {
                    try Self.lend(socket, listener.name, &adopted)
                }
                bound[listener.name] = Bound(host: listener.host, port: listener.port, address: socket.address)
                try Self.lend(socket, listener.name, &lent)
                sockets.append(ListenerSocket(name: listener.name, socket: socket))
            }
            if count > 0 { continue }
            let socket = try Self.listen(on: address, sharedPort: true, place(listener))
            try Self.lend(socket, listener.name, &lent)
            bound[listener.name] = Bound(host: listener.host, port: listener.port, address: socket.address)
            sockets.append(ListenerSocket(name: listener.name, socket: socket))
        }
        return sockets
    }

    /// How many of the sockets that were opened for this listener one shard takes, and their address: a part of what is left, rounded
    /// up, so that all find a taker. 0 when there are none.
    private static func share(
        _ adopted: borrowing ListeningSocketSet, _ listener: ListenerDeclaration, _ address: SocketAddress,
        shardsLeft: Int
    ) -> (count: Int, address: SocketAddress) {
        let entries = adopted.entries
        let matching = entries.filter { entry in
            entry.address == address || (listener.port == 0 && entry.name == listener.name)
        }
        guard let first = matching.first else { return (0, address) }
        return ((matching.count + shardsLeft - 1) / shardsLeft, first.address)
    }

    private static func lend(
        _ socket: borrowing ListeningSocket, _ name: String, _ lent: inout ListeningSocketSet
    ) throws(Refusal) {
        do throws(SystemError) {
            lent.add(try socket.duplicate(), name: name)
        } catch {
            throw Refusal(.system, "no descriptor is left: \(error)")
        }
    }

    /// Forgets listeners that are not among these.
    mutating func keepOnly(_ listeners: [ListenerDeclaration]) {
        let names = Set(listeners.map(\.name))
        bound = bound.filter { names.contains($0.key) }
    }

    private func isOurs(port: UInt16) -> Bool { bound.values.contains { $0.address.port == port } }

    private static func address(_ listener: ListenerDeclaration) throws(Refusal) -> SocketAddress {
        guard let address = SocketAddress(literal: listener.host, port: listener.port) else {
            throw Refusal(.configuration, "`\(listener.host)` is not an address to listen on")
        }
        return address
    }

    private static func listen(
        on address: SocketAddress, sharedPort: Bool, _ place: Place
    ) throws(Refusal) -> ListeningSocket {
        do throws(SystemError) {
            return try ListeningSocket.listen(on: address, backlog: backlog, sharedPort: sharedPort)
        } catch {
            let what = "cannot listen on \(address.text) (\(place.title))"
            guard error.isAddressInUse else { throw Refusal(.cannotListen, "\(what): \(error)") }
            throw Refusal(
                .cannotListen, "\(what): address already in use: stop the other process or change \(place.key)")
        }
    }

    /// Where an address stands in the configuration, for messages.
    struct Place: Sendable, Equatable {
        /// `listener public`.
        var title: String
        /// `listeners[0].address`.
        var key: String
    }
}
