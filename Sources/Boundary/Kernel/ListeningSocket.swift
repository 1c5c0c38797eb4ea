internal import CLinux

/// A non-blocking listening socket.
public struct ListeningSocket: ~Copyable, Sendable {
    let descriptor: Descriptor
    /// The address really bound: with port 0 asked for, the kernel's choice.
    public let address: SocketAddress
    // Not looked at on the way of a connection.
    let sharing: SocketSharing

    /// What an accept brought.
    public enum AcceptOutcome: ~Copyable {
        case accepted(TCPSocket, peer: SocketAddress)
        case wouldBlock
        case failed(SystemError)
    }

    private init(_ descriptor: consuming Descriptor, address: SocketAddress) {
        self.descriptor = descriptor
        self.address = address
        sharing = SocketSharing(isShared: false)
    }

    /// Of a socket that is listening already.
    init(adopted descriptor: consuming Descriptor, address: SocketAddress, sharing: SocketSharing) {
        self.descriptor = descriptor
        self.address = address
        self.sharing = sharing
    }

    /// Listens on a TCP address. Sockets of several shards share one port when all of them say `sharedPort`.
    public static func listen(
        on address: SocketAddress, backlog: Int32, sharedPort: Bool
    ) throws(SystemError) -> ListeningSocket {
        var native = address.native
        let descriptor = Descriptor(
            owning: try SystemError.check(unsafe cl_listen_tcp(&native, backlog, sharedPort ? 1 : 0)))
        _ = try SystemError.check(unsafe cl_local_address(descriptor.number, &native))
        return ListeningSocket(descriptor, address: SocketAddress(native: native))
    }

    /// Listens on a Unix socket that only this user may open. An old socket file of that name is replaced.
    public static func listen(onUnixPath path: String) throws(SystemError) -> ListeningSocket {
        let number = try SystemError.check(unsafe cl_listen_unix(path, 16))
        return ListeningSocket(
            Descriptor(owning: number), address: SocketAddress(bytes: [UInt8](repeating: 0, count: 16), port: 0))
    }

    /// Accepts no more, whichever duplicates there are; what waits in the backlog is reset. A socket that another process listens
    /// on too is left to it: then all that ends here is ours, when the descriptor goes away. A poller must have forgotten the
    /// socket before, since it remembers the socket and not the descriptor.
    public func stopListening() {
        if !isShared { _ = cl_stop_listening(descriptor.number) }
    }

    /// Another process listens on the same socket: a service manager, or one that it was handed over to.
    public var isShared: Bool { sharing.isShared }

    /// Another handle of the same socket, with the same backlog: for a second shard, or to hand it over while a shard serves it.
    public func duplicate() throws(SystemError) -> ListeningSocket {
        let number = try SystemError.check(cl_duplicate(descriptor.number))
        return ListeningSocket(adopted: Descriptor(owning: number), address: address, sharing: sharing)
    }

    /// Gives the descriptor up without closing it.
    consuming func releaseDescriptor() -> Int32 { descriptor.release() }

    /// Takes connections that wait and closes them at once, by way of a descriptor that was set aside for this; for when there is
    /// no other. Returns how many.
    public func shed(atMost limit: Int, using spare: inout SpareDescriptor) -> Int {
        var shed = 0
        // The shim reads and writes the one number during the call.
        while shed < limit, unsafe cl_shed_one(descriptor.number, &spare.number) > 0 { shed += 1 }
        return shed
    }

    /// Accepts one connection if one waits.
    public func accept() -> AcceptOutcome {
        var peer = SocketAddress(bytes: [UInt8](repeating: 0, count: 16), port: 0)
        let number = unsafe cl_accept(descriptor.number, &peer.native)
        if number >= 0 { return .accepted(TCPSocket(Descriptor(owning: number)), peer: peer) }
        let error = SystemError(code: -number)
        return error.isWouldBlock ? .wouldBlock : .failed(error)
    }
}
