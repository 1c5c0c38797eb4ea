public import Kernel

/// Messages from the control plane to one loop: any thread posts, the loop collects once per tick.
public final class Mailbox<Message: Sendable>: Sendable {
    private let waiting = Guarded<[Message]>([])
    /// Signalled with every post; the loop's poller watches it.
    public let wakeUp: WakeUp

    /// Messages that may wait; the control plane posts a handful in a process's life.
    public static var capacity: Int { 1_024 }

    /// An empty mailbox around the wake-up of its loop.
    public init(wakeUp: WakeUp) {
        self.wakeUp = wakeUp
    }

    /// What became of a message.
    public enum PostOutcome: Sendable, Equatable {
        case posted
        case full
    }

    /// Leaves a message and wakes the loop.
    @discardableResult
    public func post(_ message: Message) -> PostOutcome {
        let outcome = waiting.withLock { messages in
            guard messages.count < Self.capacity else { return PostOutcome.full }
            messages.append(message)
            return .posted
        }
        if outcome == .posted { wakeUp.signal() }
        return outcome
    }

    /// All waiting messages, oldest first.
    public func collect() -> [Message] {
        wakeUp.drain()
        return waiting.withLock { messages in
            defer { messages = [] }
            return messages
        }
    }
}
