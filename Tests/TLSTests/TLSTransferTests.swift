import Kernel
import TLS
import Testing

@Suite struct TLSTransferTests {
    private func established(_ change: (inout TLSServerOptions) -> Void = { _ in }) throws -> SessionPair {
        let pair = try SessionPair(Contexts.server(nil, change), Contexts.client())
        #expect(pair.shake().succeeded == true)
        return pair
    }

    private func pattern(_ count: Int) -> [UInt8] {
        var random = FastRandom(seed: 7)
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    @Test func `ten megabytes arrive unharmed through a full socket`() throws {
        let pair = try established()
        let content = pattern(10 << 20)
        var sent = 0
        var received: [UInt8] = []
        received.reserveCapacity(content.count)
        var buffer = ByteBuffer(capacity: 16_384)
        var shortSends = 0
        while received.count < content.count {
            if sent < content.count {
                // The piece that is offered again is never the same as before, but begins with what was not reported.
                let end = min(content.count, sent + 300_000 + sent % 7)
                guard case .sent(let count) = pair.server.send(content.span.extracting(sent..<end)) else {
                    throw Patience.Exhausted()
                }
                if count < end - sent {
                    shortSends += 1
                    #expect(pair.server.wantsToSend == true)
                }
                sent += count
            }
            buffer.clear()
            switch pair.client.receive(into: &buffer, atMost: 1 + received.count % 16_384) {
            case .received: received += copy(buffer.readable)
            case .wouldBlock: Patience.wait()
            case .ended, .failed: throw Patience.Exhausted()
            }
        }
        #expect(shortSends > 0)
        #expect(received == content)
        #expect(pair.server.wantsToSend == false)
    }

    @Test(arguments: [1, 2, 700, 16_383])
    func `after a short send, offers smaller than the record are made good later`(offer: Int) throws {
        let pair = try established()
        let content = pattern(16 << 20)
        var sent = 0
        // 1. Fill the socket until a record is half out.
        while case .sent(let count) = pair.server.send(content.span.extracting(sent...)), count > 0 { sent += count }
        #expect(pair.server.wantsToSend == true)
        // 2. Go on in small offers, as two runs.
        var received: [UInt8] = []
        var buffer = ByteBuffer(capacity: 16_384)
        let goal = sent + 40_000
        while received.count < goal {
            if sent < goal {
                let middle = min(goal, sent + (offer + 1) / 2)
                let end = min(goal, sent + offer)
                let outcome = pair.server.send(
                    content.span.extracting(sent..<middle), content.span.extracting(middle..<end))
                guard case .sent(let count) = outcome else { throw Patience.Exhausted() }
                #expect(count <= end - sent)
                sent += count
            }
            buffer.clear()
            switch pair.client.receive(into: &buffer, atMost: 16_384) {
            case .received: received += copy(buffer.readable)
            case .wouldBlock: if sent == goal { Patience.wait() }
            case .ended, .failed: throw Patience.Exhausted()
            }
        }
        #expect(received == Array(content[..<goal]))
    }

    /// Records that wait in the client's socket, by their lengths.
    private func recordLengths(_ pair: borrowing SessionPair) -> [Int] {
        var buffer = ByteBuffer(capacity: 1 << 17)
        _ = pair.sockets.client.receive(into: &buffer, atMost: 1 << 17)
        let octets = copy(buffer.readable)
        var lengths: [Int] = []
        var place = 0
        while place + 5 <= octets.count {
            lengths.append(Int(octets[place + 3]) << 8 | Int(octets[place + 4]))
            place += 5 + lengths[lengths.count - 1]
        }
        return lengths
    }

    @Test(arguments: [
        (0, 10, [10]), (10, 0, [10]), (300, 1_000, [1_300]), (300, 16_084, [16_384]), (300, 16_085, [16_384, 1]),
        (20_000, 1_000, [16_384, 4_616]), (16_384, 16_384, [16_384, 16_384]),
    ])
    func `a head and its body share records`(first: Int, second: Int, contents: [Int]) throws {
        // Without tickets nothing but the content is on its way.
        let pair = try established()
        let octets = pattern(first + second)
        let outcome = pair.server.send(octets.span.extracting(..<first), octets.span.extracting(first...))
        #expect(outcome == .sent(first + second))
        // TLS 1.3 adds a type and a tag of 16 octets.
        #expect(recordLengths(pair) == contents.map { $0 + 17 })
    }

    @Test func `nothing to send is nothing to do`() throws {
        let pair = try established()
        #expect(pair.server.send(Span<UInt8>()) == .sent(0))
        #expect(pair.server.send(ByteBuffer()) == .sent(0))
        #expect(pair.server.send(Span<UInt8>(), Span<UInt8>()) == .sent(0))
        #expect(recordLengths(pair) == [])
    }

    @Test func `what was read ahead is announced, and an empty socket too`() throws {
        let pair = try established()
        _ = pair.client.send([1, 2, 3].span)
        _ = pair.client.send([4, 5, 6].span)
        #expect(try receive(1, pair.server) == [1])
        #expect(pair.server.hasBufferedInput == true)
        #expect(pair.server.mayReceiveMore == true)
        #expect(try receive(5, pair.server) == [2, 3, 4, 5, 6])
        #expect(pair.server.hasBufferedInput == false)
        // The last recv was not filled, so the kernel will report what comes next.
        #expect(pair.server.mayReceiveMore == false)
        var buffer = ByteBuffer(capacity: 10)
        #expect(pair.server.receive(into: &buffer, atMost: 10) == .wouldBlock)
        #expect(pair.server.mayReceiveMore == false)
    }

    @Test func `a request that came with the end of the handshake is announced`() throws {
        let pair = try SessionPair(Contexts.server(), Contexts.client())
        #expect(pair.client.handshake() == .wouldBlock)
        #expect(pair.server.handshake() == .wouldBlock)
        #expect(pair.client.handshake() == .done)
        #expect(pair.client.send([7].span) == .sent(1))
        #expect(pair.server.handshake() == .done)
        #expect(pair.server.hasBufferedInput == true)
        #expect(pair.server.mayReceiveMore == true)
        #expect(try receive(1, pair.server) == [7])
        #expect(pair.server.mayReceiveMore == false)
    }

    @Test func `a part of a record is no buffered input once it was looked at`() throws {
        let pair = try established()
        #expect(pair.sockets.client.send([23, 3, 3, 0, 100, 1, 2, 3].span) == .sent(8))
        var buffer = ByteBuffer(capacity: 100)
        for _ in 0..<10 { #expect(pair.server.receive(into: &buffer, atMost: 100) == .wouldBlock) }
        #expect(pair.server.hasBufferedInput == false)
        #expect(pair.server.mayReceiveMore == false)
    }

    @Test func `after a notice the other direction still works`() throws {
        let pair = try established()
        #expect(pair.client.send(Array("question".utf8).span) == .sent(8))
        #expect(pair.client.finishSending() == .finished)
        pair.sockets.client.finishSending()
        #expect(try receive(8, pair.server) == Array("question".utf8))
        #expect(nextOutcome(pair.server) == .ended)
        #expect(pair.server.endedWithoutNotice == false)
        #expect(pair.server.send(Array("answer".utf8).span) == .sent(6))
        #expect(try receive(6, pair.client) == Array("answer".utf8))
        #expect(pair.server.finishSending() == .finished)
        #expect(pair.server.finishSending() == .finished)
        #expect(nextOutcome(pair.client) == .ended)
        #expect(nextOutcome(pair.client) == .ended)
        #expect(pair.client.endedWithoutNotice == false)
    }

    @Test func `an end without a notice is an end, but marked`() throws {
        let pair = try established()
        #expect(pair.client.send(Array("body".utf8).span) == .sent(4))
        pair.sockets.client.finishSending()
        #expect(try receive(4, pair.server) == Array("body".utf8))
        #expect(nextOutcome(pair.server) == .ended)
        #expect(pair.server.endedWithoutNotice == true)
        // The client can still be answered: it has closed one direction only.
        #expect(pair.server.send(Array("late".utf8).span) == .sent(4))
        #expect(try receive(4, pair.client) == Array("late".utf8))
    }

    @Test func `an end in the middle of a record is an end without a notice`() throws {
        let pair = try established()
        // The head of a record and a part of what it announces.
        #expect(pair.sockets.client.send([23, 3, 3, 0, 100, 1, 2, 3].span) == .sent(8))
        pair.sockets.client.finishSending()
        #expect(nextOutcome(pair.server) == .ended)
        #expect(pair.server.endedWithoutNotice == true)
    }

    @Test func `a reset is a failure of the system, and stays one`() throws {
        let sockets = try SocketPair()
        let server = try Contexts.server().makeSession(sockets.server)
        do {
            let client = try Contexts.client().makeSession(sockets.client, serverName: "first.example")
            for _ in 0..<Patience.turns {
                let outcomes = (client.handshake(), server.handshake())
                if outcomes.0 == .done && outcomes.1 == .done { break }
            }
        }
        sockets.client.resetOnClose()
        let kept = sockets.closeClient()
        #expect(nextOutcome(server) == .failed(SystemError(code: 104)))
        #expect(nextOutcome(server) == .failed(SystemError(code: 104)))
        #expect(server.failure?.kind == .system)
        #expect(server.send([1].span) == .failed(SystemError(code: 104)))
        withExtendedLifetime(kept) {}
    }

    @Test func `a record that was changed on its way ends the session on both sides`() throws {
        let pair = try established()
        #expect(pair.client.send([1, 2, 3].span) == .sent(3))
        #expect(pair.sockets.client.send([23, 3, 3, 0, 20].span) == .sent(5))
        #expect(pair.sockets.client.send([UInt8](repeating: 9, count: 20).span) == .sent(20))
        #expect(try receive(3, pair.server) == [1, 2, 3])
        #expect(nextOutcome(pair.server) == .failed(SystemError(code: 71)))
        #expect(pair.server.failure?.kind == .violation)
        #expect(pair.server.mayReceiveMore == false)
        #expect(pair.server.finishSending() == .finished)
        #expect(nextOutcome(pair.client) == .failed(SystemError(code: 71)))
        #expect(pair.client.failure?.alert == 20)
        // The sessions of this thread do not find each other's errors.
        let other = try established()
        #expect(try other.echo() == "hello")
    }
}
