internal import CLinux

/// Passes listening sockets from a running process to its successor, so that no connection is refused or lost in between.
///
/// The successor connects to the predecessor's `HandOverListener`, receives the sockets, starts to serve them, and confirms. Until
/// then the predecessor goes on as if nothing had happened; when the successor goes away before, nothing has. After the
/// confirmation both accept from the same backlogs, until the predecessor drains: it must not shut its sockets down, and
/// `ListeningSocket.stopListening()` of any duplicate does not, since the sockets count as shared from then on.
///
/// Each message is one packet: `MTLT`, a version, a kind; for sockets further how many there are in all, how many came before and
/// how many come now (2 bytes each, the higher first), and for each flags and the name behind its length (1 byte each). The
/// addresses are not sent: the receiver asks the kernel.
public enum SocketHandOver {
    /// Bytes of a listener's name.
    public static let nameBytesMax = 255

    private static let magic = Array("MTLT".utf8)
    private static let version: UInt8 = 1
    private static let headBytes = 12
    private static let perMessage = Int(CL_CHANNEL_DESCRIPTORS_MAX)
    private static let messageBytesMax = headBytes + perMessage * (2 + nameBytesMax)

    private enum Kind: UInt8 {
        case sockets = 1
        case confirmation = 2
    }

    private static let sharedFlag: UInt8 = 1

    // MARK: - The predecessor

    /// Sends all sockets of the set and waits until the successor confirms that it serves them. The set keeps its handles; from the
    /// confirmation on the sockets, and all duplicates of them, count as shared.
    public static func give(
        _ sockets: borrowing ListeningSocketSet, over channel: borrowing HandOverChannel, timeoutMilliseconds: Int
    ) throws(HandOverFailure) {
        let deadline = HandOverDeadline(milliseconds: timeoutMilliseconds)
        let total = sockets.entries.count
        var sent = 0
        repeat {
            let part = sockets.borrowed(sent..<min(total, sent + perMessage))
            var bytes = head(.sockets)
            for number in [total, sent, part.count] { bytes += [UInt8(number >> 8), UInt8(number & 0xFF)] }
            for (entry, _, isShared) in part {
                guard entry.name.utf8.count <= nameBytesMax else { throw .malformed("a name that is too long") }
                bytes += [isShared ? sharedFlag : 0, UInt8(entry.name.utf8.count)]
                bytes += entry.name.utf8
            }
            try channel.send(bytes, part.map(\.number), deadline)
            sent += part.count
        } while sent < total
        let (answer, descriptors) = try channel.receive(atMost: messageBytesMax, deadline)
        for number in descriptors { _ = Descriptor(owning: number) }
        guard try kind(of: answer) == .confirmation else { throw .malformed("no confirmation") }
        sockets.markShared()
    }

    // MARK: - The successor

    /// Receives all sockets. Serve them, then call `confirm`.
    public static func receive(
        over channel: borrowing HandOverChannel, timeoutMilliseconds: Int
    ) throws(HandOverFailure) -> ListeningSocketSet {
        let deadline = HandOverDeadline(milliseconds: timeoutMilliseconds)
        var sockets = ListeningSocketSet()
        var received = 0
        while true {
            let (bytes, numbers) = try channel.receive(atMost: messageBytesMax, deadline)
            var owned = OwnedDescriptors(numbers)
            let message = try parse(bytes)
            guard message.first == received, message.items.count == owned.count else {
                throw .malformed("another number of sockets than was said")
            }
            for item in message.items {
                do throws(SystemError) {
                    try sockets.adopt(owned.takeFirst(), name: item.name, isShared: item.isShared)
                } catch {
                    throw .malformed("what came as a socket of '\(item.name)' is none that listens: \(error)")
                }
            }
            received += message.items.count
            if received == message.total { return sockets }
        }
    }

    /// Tells the predecessor that the sockets are served: now it may drain.
    public static func confirm(
        over channel: borrowing HandOverChannel, timeoutMilliseconds: Int
    ) throws(HandOverFailure) {
        try channel.send(head(.confirmation), [], HandOverDeadline(milliseconds: timeoutMilliseconds))
    }

    // MARK: - Messages

    private struct Message {
        var total = 0
        var first = 0
        var items: [(name: String, isShared: Bool)] = []
    }

    private static func head(_ kind: Kind) -> [UInt8] { magic + [version, kind.rawValue] }

    private static func kind(of bytes: [UInt8]) throws(HandOverFailure) -> Kind {
        guard bytes.count >= 6, bytes.starts(with: magic) else { throw .malformed("no message of ours") }
        guard bytes[4] == version else { throw .malformed("version \(bytes[4]), where we speak \(version)") }
        guard let kind = Kind(rawValue: bytes[5]) else { throw .malformed("a message of kind \(bytes[5])") }
        return kind
    }

    private static func parse(_ bytes: [UInt8]) throws(HandOverFailure) -> Message {
        guard try kind(of: bytes) == .sockets, bytes.count >= headBytes else { throw .malformed("no sockets") }
        func number(_ index: Int) -> Int { Int(bytes[index]) << 8 | Int(bytes[index + 1]) }
        var message = Message(total: number(6), first: number(8))
        let count = number(10)
        guard message.total <= ListeningSocketSet.socketsMax, message.first + count <= message.total,
            count <= perMessage, count > 0 || message.total == 0
        else { throw .malformed("numbers that do not fit together") }
        var index = headBytes
        for _ in 0..<count {
            guard index + 2 <= bytes.count, index + 2 + Int(bytes[index + 1]) <= bytes.count else {
                throw .malformed("a message that is cut")
            }
            let end = index + 2 + Int(bytes[index + 1])
            guard bytes[index] & ~sharedFlag == 0,
                let name = String(validating: bytes[(index + 2)..<end], as: UTF8.self)
            else { throw .malformed("a name that is no text, or an unknown flag") }
            message.items.append((name, bytes[index] & sharedFlag != 0))
            index = end
        }
        guard index == bytes.count else { throw .malformed("more than was said") }
        return message
    }
}

/// Descriptors that came with a message; those that nobody takes are closed.
private struct OwnedDescriptors: ~Copyable {
    private var numbers: [Int32]

    init(_ numbers: [Int32]) {
        self.numbers = numbers
    }

    deinit {
        for number in numbers { _ = Descriptor(owning: number) }
    }

    var count: Int { numbers.count }

    /// There must be one.
    mutating func takeFirst() -> Descriptor { Descriptor(owning: numbers.removeFirst()) }
}
