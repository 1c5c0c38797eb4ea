internal import CLinux
internal import Glibc

/// A thread of the operating system.
///
/// It starts with all asynchronous signals blocked, so that they reach only whoever waits for them, and so that writing
/// to a closed pipe is an error and not the end of the process. A thread that nobody joined is detached when its handle
/// goes away.
public final class SystemThread: Sendable {
    private let thread: UInt
    private let joined: Guarded<Bool>
    // Signalled by the thread as its last deed. Bounded joins wait for it: what C offers for them measures time by a
    // clock that may be set, or is unknown to the thread sanitizer.
    private let ended: WakeUp

    /// What a bounded join ended with.
    public enum JoinOutcome: Sendable {
        case ended, stillRunning
    }

    /// Carries the body through `pthread_create`.
    private final class Start: Sendable {
        let body: @Sendable () -> Void
        let ended: WakeUp

        init(_ body: @escaping @Sendable () -> Void, ended: WakeUp) {
            self.body = body
            self.ended = ended
        }
    }

    private init(thread: UInt, ended: WakeUp) {
        self.thread = thread
        self.ended = ended
        joined = Guarded(false)
    }

    deinit {
        if joined.withLock({ !$0 }) { _ = cl_thread_detach(thread) }
    }

    /// Starts a thread; the kernel shows the first 15 bytes of its name. `stackBytes` is at least 64 KiB.
    public static func start(
        name: String, stackBytes: Int = 1 << 20, body: @escaping @Sendable () -> Void
    ) throws(SystemError) -> SystemThread {
        precondition(stackBytes >= 1 << 16)
        let ended = try WakeUp()
        // The new thread takes the retained box over; when there is no new thread, it is released here.
        let start = unsafe Unmanaged.passRetained(Start(body, ended: ended))
        var thread: UInt = 0
        let result = unsafe cl_thread_start(
            &thread, name, stackBytes,
            { argument in
                let box = unsafe Unmanaged<Start>.fromOpaque(argument.unsafelyUnwrapped).takeRetainedValue()
                box.body()
                box.ended.signal()
                return nil
            }, start.toOpaque())
        guard result == 0 else {
            unsafe start.release()
            throw SystemError(code: -result)
        }
        return SystemThread(thread: thread, ended: ended)
    }

    /// Waits until the thread has ended. Joining twice is harmless; a thread must not join itself.
    public func join() {
        joined.withLock { joined in
            guard !joined else { return }
            joinEnding()
            joined = true
        }
    }

    /// Waits at most this long for the thread to end.
    public func join(timeoutMilliseconds: Int) -> JoinOutcome {
        joined.withLock { joined in
            guard !joined else { return .ended }
            guard ended.wait(timeoutMilliseconds: max(0, timeoutMilliseconds)) == .signalled else {
                return .stillRunning
            }
            joinEnding()
            joined = true
            return .ended
        }
    }

    private func joinEnding() {
        let result = cl_thread_join(thread)
        precondition(result == 0, "a thread does not join itself")
    }

    /// Binds the thread to one processor.
    public func pin(toCPU cpu: Int) throws(SystemError) {
        _ = try SystemError.check(cl_thread_pin(thread, Int32(clamping: cpu)))
    }

    /// Binds the calling thread to one processor.
    public static func pinCurrent(toCPU cpu: Int) throws(SystemError) {
        _ = try SystemError.check(cl_thread_pin_current(Int32(clamping: cpu)))
    }
}
