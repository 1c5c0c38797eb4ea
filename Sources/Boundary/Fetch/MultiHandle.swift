internal import CCurl

/// libcurl's set of transfers. Freed when neither the loop nor a waker refers to it any more.
@safe
final class MultiHandle: @unchecked Sendable {
    /// Valid while the object lives. Only the loop's thread uses it, except for the wake-up, which the library allows to any thread
    /// as long as the set is not being freed: whoever calls holds a reference.
    let pointer: OpaquePointer

    /// `nil` without memory or descriptors.
    init?() {
        guard Self.isLibraryReady, let created = unsafe curl_multi_init() else { return nil }
        unsafe pointer = created
        guard wake() else { return nil }
    }

    deinit {
        // The loop has taken its transfers out, and nobody else refers to the set.
        unsafe curl_multi_cleanup(pointer)
    }

    /// Ends the present or the next wait. False when the set has no means to do so.
    @discardableResult
    func wake() -> Bool {
        // `pointer` is valid, see above.
        unsafe curl_multi_wakeup(pointer) == CURLM_OK
    }

    /// Done once for the process, before the first handle; the runtime sees to that.
    private static let isLibraryReady = cc_start() == CURLE_OK
}

/// Ends a loop's wait from any thread; harmless when the loop is gone.
public struct FetchWaker: Sendable {
    let handle: MultiHandle

    /// Ends the present wait of the loop, or else the next one. One system call at most.
    public func wake() {
        handle.wake()
    }
}
