internal import Declarations
internal import EventLoop
internal import Filters
internal import HTTPModel
internal import Kernel
internal import TLS
internal import Telemetry
internal import Upstreams

// Taking over a configuration, between two exchanges (law 8).
extension ShardLoop {
    /// Swaps tables. Clusters whose declaration and addresses did not change live on with pools and state; the others finish
    /// what they have and go.
    func install(_ installation: ShardInstallation) throws(SystemError) {
        let old = Retired(table)
        table = installation.table
        keySets = keySets.filter { table.tokens.hasSource($0.key) }
        for (source, keys) in keySets { table.tokens.replaceKeys(keys, source: source) }
        askAnewForKeys()
        routeMetrics.reset(routes: table.plans.count)
        headLimits = Self.headLimits(table.limits)
        clients.limit = table.limits.connectionsPerClient
        if requestHead.fields.limit != table.limits.requestFields {
            requestHead = RequestHead(fieldLimit: table.limits.requestFields)
        }
        connectionsMax = max(1, table.limits.connections / options.shards)
        bufferBytesMax = table.limits.bufferBytes / options.shards
        installClusters()
        try installListeners(installation.sockets)
        installation.installed(old)
    }

    private func installClusters() {
        var unclaimed: [String: Cluster] = [:]
        for cluster in clusters { unclaimed[cluster.plan.declaration.id] = cluster }
        clusters = table.upstreams.map { plan in
            guard let living = unclaimed[plan.declaration.id] else { return makeCluster(plan) }
            if living.plan == plan {
                unclaimed[plan.declaration.id] = nil
                return living
            }
            let cluster = makeCluster(plan)
            inherit(cluster, from: living)
            return cluster
        }
        for cluster in unclaimed.values { retire(cluster) }
    }

    /// Keeps listeners that are still named, closes the others, adds the new ones.
    private func installListeners(_ sockets: [ListenerSocket]) throws(SystemError) {
        for listener in listeners where !acceptsPaused { poller.remove(listener.socket.socket) }
        var next: [ListenerState] = []
        for plan in table.listeners {
            // A listener may have several sockets here, when a predecessor with more shards left them.
            var mine = sockets.filter { $0.name == plan.name }
            if mine.isEmpty { mine = listeners.filter { $0.context.plan.name == plan.name }.map(\.socket) }
            guard let socket = mine.first else { continue }
            let context = ListenerContext(
                address: socket.address, plan: plan, tls: table.listenerTLS[plan.name],
                metrics: options.registry.listener(plan.name, shard: options.index),
                span: table.tracing.map { SpanServiceText(service: $0.service, address: socket.address) })
            for socket in mine { next.append(ListenerState(socket: socket, context: context)) }
        }
        for listener in listeners where !next.contains(where: { $0.socket === listener.socket }) {
            listener.socket.socket.stopListening()
        }
        listeners = next
        guard !acceptsPaused, !isDraining else { return }
        for (index, listener) in listeners.enumerated() {
            try poller.add(
                listener.socket.socket,
                value: SlotToken(kind: Kind.listener, generation: 0, index: index).bits)
        }
    }

    /// Reads the mailbox.
    func readMail() {
        for command in options.mailbox.collect() {
            switch command {
            case .install(let box):
                guard let installation = box.take() else { continue }
                // Registering a listener fails only for want of kernel memory; the table is in force all the same.
                try? install(installation)
            case .ticketKeys(let listener, let ring):
                for state in listeners where state.context.plan.name == listener {
                    state.context.tls?.replaceTicketKeys(ring)
                }
            case .health(let upstream, let changes): setHealth(upstream, changes)
            case .endpoints(let plan): replaceEndpoints(plan)
            case .keys(let source, let keys): keysArrived(keys, source: source)
            case .drain(let grace): startDrain(graceMilliseconds: grace)
            case .stop: isStopped = true
            }
        }
    }

    // MARK: - Drain

    /// Accepts no more, closes what is idle, and tells the rest to end with its exchange.
    private func startDrain(graceMilliseconds: Int) {
        guard !isDraining else { return }
        // Whoever got as far as the backlog is served.
        for index in listeners.indices { acceptTurn(index) }
        for listener in listeners {
            if !acceptsPaused { poller.remove(listener.socket.socket) }
            listener.socket.socket.stopListening()
        }
        listeners = []
        isDraining = true
        drainDeadline = now &+ UInt64(graceMilliseconds) &* 1_000_000
        spreadTunnels(graceMilliseconds: graceMilliseconds)
        // One that has bytes to read is served first, and told to close with its answer.
        for downstream in downstreams.all where downstream.state == .idle && !downstream.mayRead {
            // Closing it now would race with a request that is on its way; a client that is at work asks once more soon, and is told
            // to close with the answer.
            setDeadline(
                downstream,
                afterNanoseconds: min(Self.drainIdleNanoseconds, UInt64(max(1, graceMilliseconds)) &* 500_000))
        }
        _ = timers.arm(
            SlotToken(kind: Kind.acceptAgain, generation: 0, index: 0).bits, tick: TimerWheel.tick(of: drainDeadline))
    }

    /// How long a connection that is idle when the gateway drains may still ask.
    static let drainIdleNanoseconds: UInt64 = 1_000_000_000

    /// Ends the loop when nothing is left or the time is up.
    func continueDrain() {
        if downstreams.count == 0 || now >= drainDeadline { isStopped = true }
    }
}
