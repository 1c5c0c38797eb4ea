internal import CLinux

/// Listening sockets with the names of their listeners, owned until they are taken out: what one process leaves to another.
///
/// A listener may have several, one for each shard: each has a backlog of its own, so all of them have to find a taker, or the
/// connections that wait in one are lost.
public struct ListeningSocketSet: ~Copyable {
    /// What is known of one socket.
    public struct Entry: Sendable, Equatable {
        /// The listener's name, or what another process calls it.
        public let name: String
        /// The address that the socket is really bound to.
        public let address: SocketAddress
    }

    private struct Held {
        let entry: Entry
        // Open, and owned by the set alone.
        let number: Int32
        let sharing: SocketSharing
    }

    private var held: [Held] = []

    /// Sockets that a set has room for.
    public static let socketsMax = 1_024

    /// A set without sockets.
    public init() {}

    deinit {
        for item in held { _ = Descriptor(owning: item.number) }
    }

    /// The sockets that nobody has taken, in the order in which they came.
    public var entries: [Entry] { held.map(\.entry) }

    /// Takes a socket over. The set must have room.
    public mutating func add(_ socket: consuming ListeningSocket, name: String) {
        precondition(held.count < Self.socketsMax)
        let entry = Entry(name: name, address: socket.address)
        let sharing = socket.sharing
        held.append(Held(entry: entry, number: socket.releaseDescriptor(), sharing: sharing))
    }

    /// The socket at that place among `entries`, which has one fewer from then on.
    public mutating func take(at index: Int) -> ListeningSocket {
        let item = held.remove(at: index)
        return ListeningSocket(
            adopted: Descriptor(owning: item.number), address: item.entry.address, sharing: item.sharing)
    }

    // MARK: - For the hand-over

    /// Descriptors and flags of some of the sockets. The numbers are valid as long as the set keeps the sockets.
    func borrowed(_ range: Range<Int>) -> [(entry: Entry, number: Int32, isShared: Bool)] {
        held[range].map { ($0.entry, $0.number, $0.sharing.isShared) }
    }

    /// From now on other processes listen on these sockets too.
    func markShared() {
        for item in held { item.sharing.markShared() }
    }

    /// Takes over a descriptor that another process opened; throws, and closes it, unless it is a listening TCP socket.
    mutating func adopt(_ descriptor: consuming Descriptor, name: String, isShared: Bool) throws(SystemError) {
        _ = try SystemError.check(cl_adopt_listener(descriptor.number))
        var address = SocketAddress(high: 0, low: 0, port: 0)
        // The pointer is valid during the call.
        _ = try SystemError.check(unsafe cl_local_address(descriptor.number, &address.native))
        add(
            ListeningSocket(adopted: descriptor, address: address, sharing: SocketSharing(isShared: isShared)),
            name: name)
    }
}

/// Whether other processes listen on a socket too; the same for all duplicates of it in this process.
final class SocketSharing: Sendable {
    private let shared: Guarded<Bool>

    init(isShared: Bool) {
        shared = Guarded(isShared)
    }

    var isShared: Bool { shared.withLock { $0 } }

    func markShared() {
        shared.withLock { $0 = true }
    }
}
