internal import Glibc

/// A value that threads may only reach one at a time.
///
/// The same as `Mutex`, but on the C library's lock: the thread sanitizer sees that one and cannot see `Mutex`, whose
/// waiting is compiled into the standard library, so every hand-over through a `Mutex` is a false alarm.
@safe
public final class Guarded<Value: ~Copyable>: @unchecked Sendable {
    // Valid and initialised while the object lives; never moved, as the C library demands.
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    // Protected by `lock`.
    private var value: Value

    /// Takes the value over.
    public init(_ value: consuming sending Value) {
        unsafe lock = .allocate(capacity: 1)
        self.value = value
        // The storage holds one lock.
        let result = unsafe pthread_mutex_init(lock, nil)
        precondition(result == 0, "a plain lock needs no resources")
    }

    deinit {
        // Whoever held the lock held a reference too, so nobody does.
        unsafe pthread_mutex_destroy(lock)
        unsafe lock.deallocate()
    }

    /// Runs the body alone. It must not come back to this object.
    public func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        // The lock is initialised; locking fails only when this thread holds it already.
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        return try body(&value)
    }
}
