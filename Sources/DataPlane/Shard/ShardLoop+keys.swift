internal import Declarations
internal import EventLoop
internal import Filters
internal import Forwarding
internal import HTTPModel
internal import Kernel
internal import Signatures

// Keys: a request whose key is not known waits for those who may know it, without holding anything but its head's bytes. It is looked
// at anew when one of them has brought keys, when all have answered, when its time is up, or when the configuration changes.
extension ShardLoop {
    /// Waits of one shard at a time; beyond, requests are answered by what is known.
    static let keyWaitersMax = 1_024
    /// How long a request waits.
    static let keysWaitNanoseconds: UInt64 = 5_000_000_000

    /// Puts the request back to where it was before its head was read, until the issuers have been asked; false when there is nothing
    /// to wait for any more.
    func awaitKeys(_ exchange: Exchange, _ issuers: [Int]) -> Bool {
        guard let downstream = exchange.downstream, let identity = options.identity else { return false }
        var wait = downstream.keyWait ?? KeyWait(until: now &+ Self.keysWaitNanoseconds)
        guard now < wait.until else { return false }
        let sources = issuers.map { table.tokens.source(ofIssuer: $0) }
        for source in sources where !wait.asked.contains(source) && keyWaiters.count < Self.keyWaitersMax {
            wait.asked.append(source)
            wait.pending.append(source)
            keyWaiters.append(KeyWaiter(downstream: downstream.token, source: source))
            identity.keysWanted(source: source)
        }
        wait.isParked = sources.contains { wait.pending.contains($0) }
        downstream.keyWait = wait
        guard wait.isParked else { return false }
        putBack(exchange, downstream)
        setDeadline(downstream, afterNanoseconds: wait.until &- now)
        return true
    }

    /// As if the exchange had never begun.
    func putBack(_ exchange: Exchange, _ downstream: Downstream) {
        buffers.give(exchange.record.take())
        if exchange.answerLines.hasStorage { buffers.give(exchange.answerLines.take()) }
        leavePlaces(exchange)
        downstream.exchange = nil
        downstream.requests -= 1
        downstream.state = .readingHead
        downstream.inputIsPartial = true
        exchange.reset()
        if exchanges.count < Self.exchangesKept { exchanges.append(exchange) }
    }

    /// Keys of a source have come; `nil`: they are what they were, or cannot be had.
    func keysArrived(_ keys: [KeyMaterial]?, source: String) {
        if let keys {
            keySets[source] = keys
            table.tokens.replaceKeys(keys, source: source)
        }
        var waiting: [SlotToken] = []
        keyWaiters.removeAll { waiter in
            guard waiter.source == source else { return false }
            waiting.append(waiter.downstream)
            return true
        }
        for token in waiting {
            guard let downstream = downstreams[token] else { continue }
            downstream.keyWait?.pending.removeAll { $0 == source }
            // Whoever may still bring the key is waited for.
            guard keys != nil || downstream.keyWait?.pending.isEmpty == true else { continue }
            lookAgain(downstream)
        }
    }

    /// Its time is up: it is answered by what is known.
    func keysOverdue(_ downstream: Downstream) {
        keyWaiters.removeAll { $0.downstream == downstream.token }
        downstream.keyWait?.pending = []
        lookAgain(downstream)
    }

    /// Other issuers may be in force: what was asked before says nothing.
    func askAnewForKeys() {
        let waiting = keyWaiters
        keyWaiters = []
        for waiter in waiting {
            guard let downstream = downstreams[waiter.downstream], downstream.keyWait != nil else { continue }
            downstream.keyWait?.asked = []
            downstream.keyWait?.pending = []
            lookAgain(downstream)
        }
    }

    private func lookAgain(_ downstream: Downstream) {
        guard downstream.isParked, !downstream.isClosed else { return }
        downstream.keyWait?.isParked = false
        downstream.inputIsPartial = false
        schedule(downstream)
    }

    /// The request is over, or its connection.
    func forgetKeyWait(_ downstream: Downstream) {
        downstream.delay = .none
        guard let wait = downstream.keyWait else { return }
        if !wait.pending.isEmpty { keyWaiters.removeAll { $0.downstream == downstream.token } }
        downstream.keyWait = nil
    }
}
