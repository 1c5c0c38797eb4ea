internal import Declarations
internal import Kernel
internal import Logging
internal import Shard

// Takeover: a successor gets the very sockets on which this process listens, or this one gets those of its predecessor. Until the
// successor says that it serves, nothing has happened (docs/decisions/0007-takeover.md).
extension Gateway {
    /// Where successors ask: beside the control socket.
    static func handOverPath(_ controlPath: String) -> String { controlPath + ".takeover" }

    /// How long a predecessor waits for its successor to serve, and a successor for the sockets.
    static let takeoverMilliseconds = 15_000

    /// Asks the gateway that runs on this configuration for its sockets; `nil` when none runs.
    static func predecessor(
        _ options: GatewayOptions, logger: Logger
    ) throws(StartFailure) -> HandOverChannel? {
        guard let paths = try? ControlSocketPath.of(configuration: options.configurationPath).candidates else {
            return nil
        }
        for path in paths where UnixClient.isAnswered(path: path) {
            do throws(HandOverFailure) {
                return try HandOverChannel.connect(path: handOverPath(path))
            } catch {
                throw .system("the running gateway does not hand its sockets over: \(error)")
            }
        }
        logger.notice("no gateway runs on this configuration; there is nothing to take over")
        return nil
    }

    /// What was opened for this process: by the service manager, and by its predecessor.
    static func adoptedSockets(
        from predecessor: borrowing HandOverChannel?
    ) throws(StartFailure) -> ListeningSocketSet {
        switch predecessor {
        case .none:
            do throws(InheritedSockets.Failure) {
                return try InheritedSockets.take()
            } catch {
                throw .system("\(error)")
            }
        case .some(let channel):
            do throws(HandOverFailure) {
                return try SocketHandOver.receive(over: channel, timeoutMilliseconds: takeoverMilliseconds)
            } catch {
                throw .system("the running gateway's sockets did not come: \(error)")
            }
        }
    }

    /// Tells the predecessor that it may go.
    static func confirm(_ predecessor: borrowing HandOverChannel?) throws(StartFailure) {
        switch predecessor {
        case .none: return
        case .some(let channel):
            do throws(HandOverFailure) {
                try SocketHandOver.confirm(over: channel, timeoutMilliseconds: takeoverMilliseconds)
            } catch {
                throw .system("the running gateway has gone on without us: \(error)")
            }
        }
    }

    /// Lets successors ask.
    func offerSockets() {
        guard let controlPath else { return }
        do throws(SystemError) {
            let listener = try HandOverListener.listen(path: Self.handOverPath(controlPath))
            try poller.add(listener, value: Token.successor)
            successors = consume listener
        } catch {
            logger.warning(
                "no successor can take over: a restart closes the listeners for a moment",
                metadata: ["error": "\(error)"])
        }
    }

    /// A successor asks: it gets all sockets, and once it serves, this process drains.
    func successorAsks() {
        guard lifecycle == .serving else { return }
        do throws(HandOverFailure) {
            guard let channel = try acceptSuccessor() else { return }
            logger.notice("handing over", metadata: ["process": "\(channel.peerProcess)"])
            try SocketHandOver.give(lent, over: channel, timeoutMilliseconds: Self.takeoverMilliseconds)
            try? notifier?.mainProcess(channel.peerProcess)
        } catch {
            return logger.error("not handed over; this process serves on", metadata: ["reason": "\(error)"])
        }
        // The control socket's place, and the pages, are the successor's now.
        controlPath = nil
        successors = nil
        lent = ListeningSocketSet()
        admin.post(.drain(graceMilliseconds: Self.takeoverMilliseconds))
        drain(.handOver)
    }

    private func acceptSuccessor() throws(HandOverFailure) -> HandOverChannel? {
        switch successors {
        case .none: return nil
        case .some(let listener): return try listener.accept()
        }
    }

    /// Keeps handles of sockets that now serve in place of all that their listeners had.
    func lend(_ fresh: consuming ListeningSocketSet, listeners: Set<String>) {
        let names = Set(fresh.entries.map(\.name))
        // From the end, so that the places of the others stay.
        for (index, entry) in lent.entries.enumerated().reversed()
        where names.contains(entry.name) || !listeners.contains(entry.name) { _ = lent.take(at: index) }
        for entry in fresh.entries { lent.add(fresh.take(at: 0), name: entry.name) }
    }
}
