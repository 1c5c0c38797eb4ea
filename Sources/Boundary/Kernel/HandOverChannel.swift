internal import CLinux
internal import Glibc

/// Why sockets did not come over.
public enum HandOverFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The system refused.
    case system(SystemError)
    /// The other side did not do its part in time.
    case timedOut
    /// The other side has gone away.
    case closed
    /// The process at the other end acts as this user, who is neither ours nor root.
    case foreignUser(Int)
    /// What came is no message of this protocol, or is beyond its limits.
    case malformed(String)

    /// For people.
    public var description: String {
        switch self {
        case .system(let error): "the system refused: \(error)"
        case .timedOut: "the other process did not answer in time"
        case .closed: "the other process went away"
        case .foreignUser(let user): "the other process belongs to user \(user), not to us"
        case .malformed(let what): "the other process does not speak our protocol: \(what)"
        }
    }
}

/// A connection between two processes of one user, over which sockets can be sent. Messages come whole.
public struct HandOverChannel: ~Copyable {
    private let descriptor: Descriptor
    /// The process at the other end, when the connection was made.
    public let peerProcess: Int

    /// Takes a connection over; refuses it when the peer is neither this user nor root.
    init(_ descriptor: consuming Descriptor) throws(HandOverFailure) {
        var user: UInt32 = 0
        var process: Int32 = 0
        // Both pointers are valid during the call.
        let result = unsafe cl_channel_peer(descriptor.number, &user, &process)
        self.descriptor = descriptor
        peerProcess = Int(process)
        guard result >= 0 else { throw .system(SystemError(code: -result)) }
        guard Self.isTrusted(user: user, own: cl_user()) else { throw .foreignUser(Int(user)) }
    }

    static func isTrusted(user: UInt32, own: UInt32) -> Bool { user == own || user == 0 }

    /// Connects to the process that listens at a path.
    public static func connect(path: String) throws(HandOverFailure) -> HandOverChannel {
        // The pointer is valid during the call.
        let number = unsafe cl_channel_connect(path)
        guard number >= 0 else { throw .system(SystemError(code: -number)) }
        return try HandOverChannel(Descriptor(owning: number))
    }

    /// Sends one message with copies of descriptors.
    func send(_ bytes: [UInt8], _ descriptors: [Int32], _ deadline: HandOverDeadline) throws(HandOverFailure) {
        while true {
            // Both arrays are valid during the call, and as long as it is told.
            let result = unsafe cl_channel_send(
                descriptor.number, bytes, bytes.count, descriptors, Int32(descriptors.count))
            // A message goes whole or not at all.
            if result >= 0 { return }
            guard result == -Int(EAGAIN) else { throw Self.failure(result) }
            let ready = cl_wait_writable(descriptor.number, deadline.remainingMilliseconds)
            guard ready > 0 else { throw ready == 0 ? .timedOut : .system(SystemError(code: -ready)) }
        }
    }

    /// Receives one message of at most `limit` bytes; the descriptors are the caller's to close.
    func receive(
        atMost limit: Int, _ deadline: HandOverDeadline
    ) throws(HandOverFailure) -> (bytes: [UInt8], descriptors: [Int32]) {
        var bytes = [UInt8](repeating: 0, count: limit)
        var descriptors = [Int32](repeating: -1, count: Int(CL_CHANNEL_DESCRIPTORS_MAX))
        var count: Int32 = 0
        while true {
            // The arrays have the lengths that the call is told or promised.
            let result = unsafe cl_channel_receive(descriptor.number, &bytes, limit, &descriptors, &count)
            if result > 0 { return (Array(bytes.prefix(result)), Array(descriptors.prefix(Int(count)))) }
            guard result == -Int(EAGAIN) else {
                // An empty message may carry descriptors; nothing of ours is empty.
                for number in descriptors.prefix(Int(count)) { _ = Descriptor(owning: number) }
                throw Self.failure(result)
            }
            let ready = cl_wait_readable(descriptor.number, deadline.remainingMilliseconds)
            guard ready > 0 else { throw ready == 0 ? .timedOut : .system(SystemError(code: -ready)) }
        }
    }

    private static func failure(_ result: Int) -> HandOverFailure {
        switch Int32(truncatingIfNeeded: -result) {
        case 0, EPIPE, ECONNRESET: .closed
        case EMSGSIZE: .malformed("a message beyond the limits")
        case let code: .system(SystemError(code: code))
        }
    }

    /// Two ends within this process.
    static func testsOnly_pair() throws(HandOverFailure) -> HandOverChannelPair {
        var first: Int32 = -1
        var second: Int32 = -1
        // Both pointers are valid during the call.
        let result = unsafe cl_channel_pair(&first, &second)
        guard result >= 0 else { throw .system(SystemError(code: -result)) }
        let left = Descriptor(owning: first)
        let right = Descriptor(owning: second)
        return HandOverChannelPair(left: try HandOverChannel(left), right: try HandOverChannel(right))
    }
}

/// Both ends of a connection.
struct HandOverChannelPair: ~Copyable {
    let left: HandOverChannel
    let right: HandOverChannel
}

/// Where a process waits for its successor: a socket file that only its user may open.
public struct HandOverListener: ~Copyable {
    let descriptor: Descriptor

    /// Listens at a path; an old socket file of that name is replaced.
    public static func listen(path: String) throws(SystemError) -> HandOverListener {
        // The pointer is valid during the call.
        HandOverListener(descriptor: Descriptor(owning: try SystemError.check(unsafe cl_channel_listen(path))))
    }

    /// The connection of a successor; `nil` when none waits.
    public func accept() throws(HandOverFailure) -> HandOverChannel? {
        let number = cl_channel_accept(descriptor.number)
        if number == -EAGAIN { return nil }
        guard number >= 0 else { throw .system(SystemError(code: -number)) }
        return try HandOverChannel(Descriptor(owning: number))
    }
}

extension Poller {
    /// Registers a place where successors connect, level-triggered.
    public func add(_ listener: borrowing HandOverListener, value: UInt64) throws(SystemError) {
        _ = try SystemError.check(cl_epoll_add(descriptor.number, listener.descriptor.number, value, 0))
    }
}

/// A moment at which patience ends.
struct HandOverDeadline {
    private let end: UInt64

    init(milliseconds: Int) {
        end = SystemClock.monotonicNanoseconds() + UInt64(max(0, milliseconds)) * 1_000_000
    }

    /// What is left, rounded up.
    var remainingMilliseconds: Int32 {
        let now = SystemClock.monotonicNanoseconds()
        return now >= end ? 0 : Int32(clamping: (end - now + 999_999) / 1_000_000)
    }
}
