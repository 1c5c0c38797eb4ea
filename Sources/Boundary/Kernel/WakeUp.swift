internal import CLinux

/// Wakes a thread that waits in `poll` or `epoll`: an eventfd.
///
/// Any thread may signal; one thread waits and drains. Signals that come before the next drain are one.
public final class WakeUp: Sendable {
    private let descriptor: Descriptor

    /// What a wait ended with.
    public enum Outcome: Sendable {
        case signalled, timedOut
    }

    /// Makes an eventfd.
    public init() throws(SystemError) {
        descriptor = Descriptor(owning: try SystemError.check(cl_event_create()))
    }

    /// The number to register with a poller; it stays open while this object lives.
    package var number: Int32 { descriptor.number }

    /// Wakes the waiter; one system call.
    public func signal() {
        let result = cl_event_signal(descriptor.number)
        precondition(result == 0, "an eventfd cannot fail to count")
    }

    /// Forgets the signals so far. Call it before looking at what was signalled, or a signal may be lost.
    public func drain() {
        let result = cl_event_drain(descriptor.number)
        precondition(result == 0, "an eventfd cannot fail to be read")
    }

    /// Waits for a signal at most this long (negative: for ever) and drains it.
    public func wait(timeoutMilliseconds: Int) -> Outcome {
        let limit = Int32(clamping: timeoutMilliseconds)
        guard cl_wait_readable(descriptor.number, limit) > 0 else { return .timedOut }
        drain()
        return .signalled
    }
}
