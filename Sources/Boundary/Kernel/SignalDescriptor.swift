internal import CLinux
internal import Glibc

/// Signals as something to read: they interrupt nothing.
///
/// Make it before any thread starts, so that all of them have the signals blocked.
public struct SignalDescriptor: ~Copyable {
    let descriptor: Descriptor

    /// The signals that are taken.
    public enum Signal: Int32, Sendable, CaseIterable {
        case hangUp = 1
        case interrupt = 2
        case user1 = 10
        case terminate = 15
    }

    /// Blocks the signals for the calling thread and those it starts.
    public init() throws(SystemError) {
        let numbers = Signal.allCases.map(\.rawValue)
        // The array's elements are valid during the call.
        let number = unsafe cl_signal_descriptor(numbers, Int32(numbers.count))
        descriptor = Descriptor(owning: try SystemError.check(number))
    }

    /// The next signal that came; `nil` when there is none.
    public func next() -> Signal? {
        let result = cl_next_signal(descriptor.number)
        precondition(result >= 0 || result == -EAGAIN || result == -EINTR, "a signalfd can be read")
        return Signal(rawValue: result)
    }
}

extension Poller {
    /// Registers signals, level-triggered.
    public func add(_ signals: borrowing SignalDescriptor, value: UInt64) throws(SystemError) {
        _ = try SystemError.check(cl_epoll_add(descriptor.number, signals.descriptor.number, value, 0))
    }

    /// Registers a watch, level-triggered.
    public func add(_ watch: borrowing FileWatch, value: UInt64) throws(SystemError) {
        _ = try SystemError.check(cl_epoll_add(descriptor.number, watch.descriptor.number, value, 0))
    }
}
