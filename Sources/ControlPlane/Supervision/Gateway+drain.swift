internal import Admin
internal import Declarations
internal import Health
internal import Identity
internal import Kernel
internal import Logging
internal import Reporting
internal import Shard

extension Gateway {
    /// A drain without a limit of time ends by itself; this is a year.
    private static let unlimitedMilliseconds = 31_536_000_000
    /// What shards may take beyond the grace time, and what threads may take to end.
    private static let endMilliseconds = 5_000
    /// What the last lines of the access log may take.
    private static let logMilliseconds = 2_000
    /// What the last spans may take; a collector that is away is not waited for.
    private static let spansMilliseconds = 2_000

    private var graceMilliseconds: Int {
        let declared = plan.declaration.timeouts.drainMilliseconds
        return declared == 0 ? Self.unlimitedMilliseconds : declared
    }

    /// The time exchanges have, for people.
    var graceText: String {
        let declared = plan.declaration.timeouts.drainMilliseconds
        if declared == 0 { return "all the time they need" }
        return declared.isMultiple(of: 1_000) ? "\(declared / 1_000) s" : "\(declared) ms"
    }

    /// `/readyz` turns red first, so that a balancer that looks there sends no more; then the listeners close.
    func drain(_ cause: Cause) {
        guard lifecycle == .serving else { return }
        state.become(.draining)
        if cause != .handOver { try? notifier?.stopping(status: "draining") }
        reloadDue = 0
        let grace = graceMilliseconds
        let deadline = SystemClock.monotonicNanoseconds() + UInt64(grace + Self.endMilliseconds) * 1_000_000
        lifecycle = .draining(running: data.count, deadline: deadline)
        logger.notice("draining", metadata: ["cause": "\(cause.rawValue)", "grace": "\(graceText)"])
        data.post(.drain(graceMilliseconds: grace))
    }

    /// The second signal: whatever is in progress is cut.
    func stopAtOnce() {
        logger.notice("stopping at once")
        data.post(.stop)
        if data.join(withinMilliseconds: Self.endMilliseconds) == .stillRunning {
            logger.error("a shard does not end")
        }
        lifecycle = .ended
    }

    /// A data shard is through.
    func shardEnded(_ index: Int) {
        guard case .draining(let running, let deadline) = lifecycle else {
            // Only a drain or a stop ends a loop. Its sockets have closed with it, so the other shards get the new connections.
            if lifecycle == .serving { logger.critical("shard \(index) has ended by itself") }
            return
        }
        lifecycle = running > 1 ? .draining(running: running - 1, deadline: deadline) : .ended
    }

    /// 1. Data shards. 2. The shards that tell about them. 3. Spans and log, when nobody writes to them any more.
    func finish() {
        _ = data.join(withinMilliseconds: Self.endMilliseconds)
        admin.post(.stop)
        control.post(.stop)
        _ = admin.join(withinMilliseconds: Self.endMilliseconds)
        _ = control.join(withinMilliseconds: Self.endMilliseconds)
        _ = health.stop(withinMilliseconds: Self.logMilliseconds)
        keys.stop(withinMilliseconds: Self.logMilliseconds)
        names.stop(withinMilliseconds: Self.logMilliseconds)
        removeControlSocket()
        tracing?.stop(withinMilliseconds: Self.spansMilliseconds)
        _ = accessLog?.stop(withinMilliseconds: Self.logMilliseconds)
        logger.notice("stopped")
    }
}
