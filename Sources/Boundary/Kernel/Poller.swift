internal import CLinux
internal import Glibc

/// What epoll reports of one registration.
@frozen
public struct PollEvent {
    /// The value it was registered with.
    public let value: UInt64
    @usableFromInline let events: UInt32

    @inlinable
    init(value: UInt64, events: UInt32) {
        self.value = value
        self.events = events
    }

    /// There are bytes to read, or the end of them.
    @inlinable public var isReadable: Bool { events & 0x001 != 0 }
    /// There is room to write.
    @inlinable public var isWritable: Bool { events & 0x004 != 0 }
    /// The peer has finished sending.
    @inlinable public var isReadHangup: Bool { events & 0x2000 != 0 }
    /// The connection is gone in both directions.
    @inlinable public var isHangup: Bool { events & 0x018 != 0 }
}

/// An epoll instance and room for one batch of its events.
///
/// Sockets are registered once, edge-triggered, for everything; the steady exchange needs no `epoll_ctl`.
@safe
public struct Poller: ~Copyable {
    let descriptor: Descriptor
    // Room for `capacity` events while the poller lives; the first `count` are valid.
    private let events: UnsafeMutablePointer<cl_event>
    private var count = 0
    /// Most events of one batch.
    public static let capacity = 256

    /// Makes an epoll instance.
    public init() throws(SystemError) {
        descriptor = Descriptor(owning: try SystemError.check(cl_epoll_create()))
        unsafe events = .allocate(capacity: Self.capacity)
    }

    deinit {
        unsafe events.deallocate()
    }

    /// Registers a connection, edge-triggered for everything. Closing the socket ends the registration.
    public func add(_ socket: borrowing TCPSocket, value: UInt64) throws(SystemError) {
        _ = try SystemError.check(cl_epoll_add(descriptor.number, socket.descriptor.number, value, 1))
    }

    /// Registers a listener, level-triggered: what one tick does not accept is reported again.
    public func add(_ listener: borrowing ListeningSocket, value: UInt64) throws(SystemError) {
        _ = try SystemError.check(cl_epoll_add(descriptor.number, listener.descriptor.number, value, 0))
    }

    /// Takes a listener out, so that a full process does not spin on what it cannot accept.
    public func remove(_ listener: borrowing ListeningSocket) {
        _ = cl_epoll_remove(descriptor.number, listener.descriptor.number)
    }

    /// Registers a wake-up, level-triggered.
    public func add(_ wakeUp: WakeUp, value: UInt64) throws(SystemError) {
        _ = try SystemError.check(cl_epoll_add(descriptor.number, wakeUp.number, value, 0))
    }

    /// Waits for events, at most `timeoutMilliseconds` (negative: for ever); returns how many there are.
    public mutating func wait(timeoutMilliseconds: Int32) -> Int {
        // The storage has room for `capacity` events.
        let result = unsafe cl_epoll_wait(
            descriptor.number, events, Int32(Self.capacity), timeoutMilliseconds)
        precondition(result >= 0 || -result == EINTR, "epoll_wait failed")
        count = max(0, Int(result))
        return count
    }

    /// One event of the last batch.
    public func event(_ index: Int) -> PollEvent {
        precondition(index >= 0 && index < count)
        let native = unsafe events[index]
        return PollEvent(value: native.value, events: native.events)
    }
}
