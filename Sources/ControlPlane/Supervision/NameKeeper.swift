internal import Kernel
internal import NameResolution
internal import Upstreams

/// The thread that asks for names again when their time to live is over. It decides nothing: it tells what changed.
final class NameKeeper: Sendable {
    /// Called on the keeper's thread: a name leads to these addresses now, or could not be resolved.
    typealias Listener = @Sendable (NamedAddress, Result<[SocketAddress], NameFailure>) -> Void

    private struct State: Sendable {
        var schedule = ResolutionSchedule()
        var resolver = NameResolver()
        var isStopping = false
    }

    private let state = Guarded(State())
    private let wakeUp: WakeUp
    private let thread = Guarded<SystemThread?>(nil)
    private let listener: Listener

    /// What one batch of names may take.
    static let askMilliseconds = 5_000
    /// Names asked for in one batch; a slow server holds up no more than these.
    private static let batchMax = 64

    private init(_ listener: @escaping Listener) throws(SystemError) {
        self.listener = listener
        wakeUp = try WakeUp()
    }

    /// Starts the thread, with no names.
    static func start(_ listener: @escaping Listener) throws(SystemError) -> NameKeeper {
        let keeper = try NameKeeper(listener)
        let thread = try SystemThread.start(name: "names", stackBytes: 1 << 18) { keeper.run() }
        keeper.thread.withLock { $0 = thread }
        return keeper
    }

    /// The names to keep asking for, and whom to ask. Returns at once.
    func configure(_ names: [NamedAddress], resolver: NameResolver) {
        let now = SystemClock.monotonicNanoseconds()
        state.withLock { state in
            state.resolver = resolver
            _ = state.schedule.keepOnly(names, at: now)
        }
        wakeUp.signal()
    }

    /// What a name last led to; empty when it is not known.
    func addresses(of name: NamedAddress) -> [SocketAddress] { state.withLock { $0.schedule.addresses(of: name) } }

    /// Ends the thread; a question that is out is waited for at most this long.
    func stop(withinMilliseconds limit: Int) {
        state.withLock { $0.isStopping = true }
        wakeUp.signal()
        if let thread = thread.withLock({ $0 }) { _ = thread.join(timeoutMilliseconds: limit) }
    }

    private func run() {
        var random = FastRandom(seed: SystemClock.entropy())
        while true {
            let now = SystemClock.monotonicNanoseconds()
            let (names, resolver, next, isStopping) = state.withLock { state in
                (
                    state.schedule.takeDue(at: now, atMost: Self.batchMax), state.resolver, state.schedule.nextDue,
                    state.isStopping
                )
            }
            if isStopping { return }
            if names.isEmpty {
                let wait = next.map { $0 <= now ? 0 : Int(($0 - now) / 1_000_000) + 1 } ?? -1
                _ = wakeUp.wait(timeoutMilliseconds: wait)
                continue
            }
            let results = resolver.resolve(names, timeoutMilliseconds: Self.askMilliseconds)
            for (name, result) in zip(names, results) { take(name, result, &random) }
        }
    }

    private func take(
        _ name: NamedAddress, _ result: Result<Resolution, NameResolutionError>, _ random: inout FastRandom
    ) {
        let now = SystemClock.monotonicNanoseconds()
        // The dice are copied: a lock's body may not hold on to what is changed outside of it.
        var dice = FastRandom(seed: random.next())
        switch result {
        case .success(let resolution):
            let change = state.withLock { state in
                state.schedule.succeeded(
                    name, resolution.addresses, timeToLiveSeconds: resolution.timeToLiveSeconds, at: now,
                    random: &dice)
            }
            if case .changed(let addresses) = change { listener(name, .success(addresses)) }
        case .failure(let error):
            let isFirst = state.withLock { state in
                _ = state.schedule.failed(name, at: now, random: &dice)
                return state.schedule.failures(of: name) == 1
            }
            if isFirst { listener(name, .failure(NameFailure(reason: "\(error.reason); \(error.remedy)"))) }
        }
    }
}
