internal import CCurl
public import Kernel

/// Runs HTTP transfers for one thread, over libcurl.
///
/// The thread that uses it owns it; only the waker travels. Transfers beyond the allowed number wait in a queue of bounded length.
/// Nothing runs outside of `wait`.
@safe
public final class FetchLoop {
    /// Bounds of one loop.
    public struct Limits: Sendable, Equatable {
        /// Transfers at a time, at least 1.
        public var transfersMax = 64
        /// Transfers that wait for their turn.
        public var queuedMax = 1_024
        /// Idle connections kept for the next transfer.
        public var idleConnectionsMax = 16

        public init() {}
    }

    /// Whether a transfer was taken on.
    public enum Start: Sendable, Equatable {
        /// There will be an outcome for it.
        case accepted
        /// There is no room; there will be no outcome.
        case queueFull
    }

    private let limits: Limits
    private let multi: MultiHandle
    private var running: [UInt64: Transfer] = [:]
    private var queued: [(request: FetchRequest, tag: UInt64)] = []
    private var finished: [FetchOutcome] = []

    /// No transfers. Throws when the process lacks descriptors or memory.
    public init(limits: Limits = Limits()) throws(FetchError) {
        precondition(limits.transfersMax >= 1 && limits.queuedMax >= 0 && limits.idleConnectionsMax >= 0)
        guard let multi = MultiHandle() else {
            throw FetchError(.outOfResources, "no descriptors or memory for an HTTP client")
        }
        self.limits = limits
        self.multi = multi
        // 0 would mean a number of the library's own choice.
        let kept = Int(Int32(clamping: max(1, limits.idleConnectionsMax)))
        // The set is valid while `multi` lives, here and below.
        unsafe cc_multi_set_long(multi.pointer, CURLMOPT_MAXCONNECTS, kept)
    }

    deinit {
        cancelAll()
    }

    /// What ends a wait from another thread.
    public var waker: FetchWaker { FetchWaker(handle: multi) }

    /// Transfers without an outcome so far, queued ones included.
    public var pendingCount: Int { running.count + queued.count }

    /// Takes a transfer on; `tag` must not be in use by another one. What is wrong with the request is told by the outcome.
    public func start(_ request: FetchRequest, tag: UInt64) -> Start {
        precondition(running[tag] == nil, "a tag names one transfer")
        if running.count < limits.transfersMax {
            begin(request, tag: tag)
            return .accepted
        }
        guard queued.count < limits.queuedMax else { return .queueFull }
        queued.append((request: request, tag: tag))
        return .accepted
    }

    /// Breaks a transfer off; there will be no outcome, not even one that has not been taken yet.
    public func cancel(tag: UInt64) {
        if let transfer = running.removeValue(forKey: tag) { end(transfer) }
        queued.removeAll { $0.tag == tag }
        finished.removeAll { $0.tag == tag }
        fillUp()
    }

    /// Breaks all transfers off.
    public func cancelAll() {
        queued = []
        finished = []
        for transfer in running.values { end(transfer) }
        running = [:]
    }

    /// Works on the transfers, for at most this long: returns when some are over, when the waker was used, or sooner for no reason
    /// that matters to the caller. 0 or less does not wait.
    public func wait(timeoutMilliseconds: Int) {
        perform()
        guard finished.isEmpty else { return }
        // No extra descriptors are given, so none are read.
        unsafe curl_multi_poll(multi.pointer, nil, 0, Int32(clamping: max(0, timeoutMilliseconds)), nil)
        perform()
    }

    /// The same, and returns also when `wakeUp` is signalled, which it then drains.
    public func wait(timeoutMilliseconds: Int, or wakeUp: WakeUp) {
        perform()
        guard finished.isEmpty else { return }
        var extra = curl_waitfd()
        extra.fd = wakeUp.number
        extra.events = Int16(CURL_WAIT_POLLIN)
        // One extra descriptor, in a local variable; `wakeUp` keeps it open during the call.
        unsafe curl_multi_poll(multi.pointer, &extra, 1, Int32(clamping: max(0, timeoutMilliseconds)), nil)
        if extra.revents != 0 { wakeUp.drain() }
        perform()
    }

    /// The outcomes since the last time, in the order of their ends.
    public func takeFinished() -> [FetchOutcome] {
        defer { finished = [] }
        return finished
    }

    // MARK: - One step

    private func perform() {
        var active: Int32 = 0
        unsafe curl_multi_perform(multi.pointer, &active)
        var result = CURLE_OK
        while let handle = unsafe cc_multi_next_done(multi.pointer, &result) {
            // Only handles of transfers in `running` are in the set, so the context is one of them.
            let transfer = unsafe Transfer.of(handle)
            finished.append(transfer.outcome(result))
            running[transfer.tag] = nil
            end(transfer)
        }
        fillUp()
    }

    private func fillUp() {
        while running.count < limits.transfersMax, !queued.isEmpty {
            let next = queued.removeFirst()
            begin(next.request, tag: next.tag)
        }
    }

    private func begin(_ request: FetchRequest, tag: UInt64) {
        do throws(FetchError) {
            let transfer = try Transfer(request, tag: tag)
            // The handle stays valid until the transfer goes, and `end` takes it out of the set before.
            guard unsafe curl_multi_add_handle(multi.pointer, transfer.handle) == CURLM_OK else {
                throw FetchError(.outOfResources, "no memory for a transfer")
            }
            running[tag] = transfer
        } catch {
            finished.append(FetchOutcome(tag: tag, result: .failure(error), times: FetchTimes()))
        }
    }

    private func end(_ transfer: Transfer) {
        // It was added in `begin`.
        unsafe curl_multi_remove_handle(multi.pointer, transfer.handle)
    }
}
