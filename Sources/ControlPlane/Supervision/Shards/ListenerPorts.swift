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
    func probe(_ listeners: [ListenerDeclaration], place: (ListenerDeclaration) -> Place) throws(Refusal) {
        for listener in missing(listeners) where listener.port != 0 && !isOurs(port: listener.port) {
            _ = try Self.listen(on: try Self.address(listener), sharedPort: false, place(listener))
        }
    }

    /// Binds what one shard needs. The first shard's sockets decide what port 0 means; the others follow.
    mutating func bind(
        _ listeners: [ListenerDeclaration], place: (ListenerDeclaration) -> Place
    ) throws(Refusal) -> sending [ListenerSocket] {
        var sockets: [ListenerSocket] = []
        for listener in listeners {
            var address = try Self.address(listener)
            if let known = bound[listener.name], known.host == listener.host, known.port == listener.port {
                address = known.address
            }
            let socket = try Self.listen(on: address, sharedPort: true, place(listener))
            bound[listener.name] = Bound(host: listener.host, port: listener.port, address: socket.address)
            sockets.append(ListenerSocket(name: listener.name, socket: socket))
        }
        return sockets
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
