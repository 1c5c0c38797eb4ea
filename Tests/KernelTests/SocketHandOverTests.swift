import Glibc
import Testing

@testable import Kernel

@Suite struct SocketHandOverTests {
    /// A path that nobody else uses; it must fit in a socket's address.
    private func freshPath() -> String { "/tmp/martlet-test-\(getpid())-\(SystemClock.entropy()).sock" }

    /// The next successor.
    private func accept(_ listener: borrowing HandOverListener) throws -> HandOverChannel {
        var poller = try Poller()
        try poller.add(listener, value: 0)
        while true {
            if let channel = try listener.accept() { return channel }
            #expect(poller.wait(timeoutMilliseconds: 10_000) > 0)
        }
    }

    @Test func `connections that wait in any shard's backlog are accepted by the successor`() throws {
        let path = freshPath()
        let listener = try HandOverListener.listen(path: path)
        defer { unlink(path) }
        // The predecessor: three shards on one port, of which the supervisor keeps duplicates.
        var kept = ListeningSocketSet()
        let first = try listen()
        let address = first.address
        let second = try listen(on: address)
        let third = try listen(on: address)
        for copy in 0..<3 {
            switch copy {
            case 0: kept.add(try first.duplicate(), name: "public")
            case 1: kept.add(try second.duplicate(), name: "public")
            default: kept.add(try third.duplicate(), name: "public")
            }
        }
        let texts = (10..<50).map { "client \($0)" }
        let early = try texts.prefix(20).map { text in
            let client = try Client(to: address)
            client.send(text)
            return client
        }

        let accepted = Guarded<[String]>([])
        let mayAccept = try WakeUp()
        let successor = try SystemThread.start(name: "successor") {
            do {
                let channel = try HandOverChannel.connect(path: path)
                #expect(channel.peerProcess == Int(getpid()))
                var sockets = try SocketHandOver.receive(over: channel, timeoutMilliseconds: 10_000)
                #expect(sockets.entries == Array(repeating: .init(name: "public", address: address), count: 3))
                try SocketHandOver.confirm(over: channel, timeoutMilliseconds: 10_000)
                // Only when the predecessor has gone.
                #expect(mayAccept.wait(timeoutMilliseconds: 10_000) == .signalled)
                let all = try acceptEach(40, &sockets)
                accepted.withLock { $0 = all }
            } catch {
                Issue.record(error)
            }
        }
        do {
            let channel = try accept(listener)
            try SocketHandOver.give(kept, over: channel, timeoutMilliseconds: 10_000)
        }
        // The shards drain as they always do.
        first.stopListening()
        second.stopListening()
        third.stopListening()
        while !kept.entries.isEmpty { _ = kept.take(at: 0) }
        let late = try texts.suffix(20).map { text in
            let client = try Client(to: address)
            client.send(text)
            return client
        }
        mayAccept.signal()
        #expect(successor.join(timeoutMilliseconds: 20_000) == .ended)
        #expect(accepted.withLock { $0 } == texts)
        withExtendedLifetime((early, late)) {}
    }

    @Test(arguments: [0, 1, 64, 65, 150])
    func `any number of sockets comes over in its order, with what is known of it`(count: Int) throws {
        let pair = try HandOverChannel.testsOnly_pair()
        var given = ListeningSocketSet()
        for index in 0..<count {
            given.add(try listen(), name: index == 0 ? "" : String(repeating: "ä", count: index % 100))
        }
        // The confirmation may come before it is waited for.
        try SocketHandOver.confirm(over: pair.right, timeoutMilliseconds: 1_000)
        try SocketHandOver.give(given, over: pair.left, timeoutMilliseconds: 10_000)
        var received = try SocketHandOver.receive(over: pair.right, timeoutMilliseconds: 10_000)
        #expect(received.entries == given.entries)
        guard count > 0 else { return }
        #expect(!TakenOut(received.take(at: 0)).isShared)
        #expect(TakenOut(given.take(at: 0)).isShared)
    }

    @Test func `a socket of the service manager stays one`() throws {
        let pair = try HandOverChannel.testsOnly_pair()
        var given = ListeningSocketSet()
        given.add(try listen(), name: "public")
        given.markShared()
        try SocketHandOver.confirm(over: pair.right, timeoutMilliseconds: 1_000)
        try SocketHandOver.give(given, over: pair.left, timeoutMilliseconds: 10_000)
        var received = try SocketHandOver.receive(over: pair.right, timeoutMilliseconds: 10_000)
        #expect(TakenOut(received.take(at: 0)).isShared)
    }

    // MARK: - The other side fails

    @Test func `without a confirmation in time the sockets are still ours alone`() throws {
        let pair = try HandOverChannel.testsOnly_pair()
        var given = ListeningSocketSet()
        given.add(try listen(), name: "public")
        let failure = #expect(throws: HandOverFailure.self) {
            try SocketHandOver.give(given, over: pair.left, timeoutMilliseconds: 20)
        }
        #expect(failure == .timedOut)
        #expect(!TakenOut(given.take(at: 0)).isShared)
        #expect(pair.right.peerProcess == Int(getpid()))
    }

    @Test func `a side that went away, says nothing or was never there is told`() throws {
        do {
            let pair = try HandOverChannel.testsOnly_pair()
            let failure = #expect(throws: HandOverFailure.self) {
                _ = try SocketHandOver.receive(over: pair.left, timeoutMilliseconds: 20)
            }
            #expect(failure == .timedOut)
            #expect(pair.right.peerProcess > 0)
        }
        let path = freshPath()
        do {
            let listener = try HandOverListener.listen(path: path)
            defer { unlink(path) }
            let successor = try HandOverChannel.connect(path: path)
            do {
                let predecessor = try accept(listener)
                #expect(predecessor.peerProcess == Int(getpid()))
            }
            let failure = #expect(throws: HandOverFailure.self) {
                _ = try SocketHandOver.receive(over: successor, timeoutMilliseconds: 10_000)
            }
            #expect(failure == .closed)
            let empty = ListeningSocketSet()
            let second = #expect(throws: HandOverFailure.self) {
                try SocketHandOver.give(empty, over: successor, timeoutMilliseconds: 10_000)
            }
            #expect(second == .closed)
        }
        let third = #expect(throws: HandOverFailure.self) { _ = try HandOverChannel.connect(path: path) }
        #expect(third == .system(SystemError(code: ENOENT)))
    }

    @Test func `only the same user and root are trusted`() {
        #expect(HandOverChannel.isTrusted(user: 1_000, own: 1_000))
        #expect(HandOverChannel.isTrusted(user: 0, own: 1_000))
        #expect(!HandOverChannel.isTrusted(user: 1_001, own: 1_000))
        #expect(!HandOverChannel.isTrusted(user: 1_000, own: 0))
    }

    private static let head = Array("MTLT".utf8) + [1, 1]

    @Test(arguments: [
        [0], Array("HTTP/1.1 200".utf8), Array("MTLT".utf8) + [2, 1, 0, 0, 0, 0, 0, 0],
        Array("MTLT".utf8) + [1, 9, 0, 0],
        Array("MTLT".utf8) + [1, 2], head, head + [0, 1, 0, 0, 0],
        // More than there are in all, none of some, more than a message has, more than a set has, a wrong beginning.
        head + [0, 0, 0, 0, 0, 1, 0, 0], head + [0, 1, 0, 0, 0, 0], head + [0, 100, 0, 0, 0, 65],
        head + [4, 1, 0, 0, 0, 1, 0, 0],
        head + [0, 2, 0, 1, 0, 1, 0, 0], head + [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
        // Cut names, unknown flags, names that are no text, something behind the last name, descriptors that did not come.
        head + [0, 1, 0, 0, 0, 1], head + [0, 1, 0, 0, 0, 1, 0], head + [0, 1, 0, 0, 0, 1, 0, 3, 0x61, 0x61],
        head + [0, 1, 0, 0, 0, 1, 2, 0], head + [0, 1, 0, 0, 0, 1, 0, 1, 0xFF], head + [0, 1, 0, 0, 0, 1, 0, 0, 0],
        head + [0, 1, 0, 0, 0, 1, 0, 0], [UInt8](repeating: 0x4D, count: 60_000),
    ])
    func `what is no message of sockets is refused`(message: [UInt8]) throws {
        let pair = try HandOverChannel.testsOnly_pair()
        try pair.left.send(message, [], HandOverDeadline(milliseconds: 1_000))
        let failure = #expect(throws: HandOverFailure.self) {
            _ = try SocketHandOver.receive(over: pair.right, timeoutMilliseconds: 1_000)
        }
        guard case .malformed = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }

    @Test func `descriptors that come with a refused message are closed`() throws {
        let pair = try HandOverChannel.testsOnly_pair()
        let address: SocketAddress
        do {
            let socket = try listen()
            address = socket.address
            let number = socket.releaseDescriptor()
            // Twice the same socket where one was announced.
            try pair.left.send(
                Self.head + [0, 1, 0, 0, 0, 1, 0, 0], [number, number], HandOverDeadline(milliseconds: 1_000))
            close(number)
        }
        #expect(throws: HandOverFailure.malformed("another number of sockets than was said")) {
            _ = try SocketHandOver.receive(over: pair.right, timeoutMilliseconds: 1_000)
        }
        #expect(throws: SystemError(code: ECONNREFUSED)) { _ = try Client(to: address) }
    }

    @Test func `a descriptor that is no listening socket is refused`() throws {
        let pair = try HandOverChannel.testsOnly_pair()
        try pair.left.send(Self.head + [0, 1, 0, 0, 0, 1, 0, 0], [0], HandOverDeadline(milliseconds: 1_000))
        let failure = #expect(throws: HandOverFailure.self) {
            _ = try SocketHandOver.receive(over: pair.right, timeoutMilliseconds: 1_000)
        }
        #expect(failure?.description.contains("none that listens") == true)
    }
}
