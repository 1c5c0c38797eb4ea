internal import Declarations
internal import EventLoop
internal import Forwarding
internal import HTTP1
internal import HTTPModel
internal import Kernel
internal import Telemetry

// Read: bytes of a client become a request head, or pieces of a request body.
extension ShardLoop {
    /// Notes what epoll says, then serves the connection as its state wants.
    func downstreamEvent(_ downstream: Downstream, _ event: PollEvent) {
        if event.isReadable || event.isReadHangup { downstream.mayRead = true }
        if event.isReadHangup || event.isHangup { downstream.sawHangup = true }
        if downstream.state == .tunnelling { return tunnelEvent(downstream, event) }
        if event.isHangup {
            downstream.mayRead = true
            if downstream.state == .exchanging { return abandoned(downstream) }
            if downstream.isParked { return close(downstream) }
        }
        if event.isWritable, downstream.transport.wantsToSend { downstream.mayRead = true }
        if event.isWritable, !downstream.output.isEmpty {
            flush(downstream)
            if downstream.isClosed { return }
        }
        serve(downstream)
    }

    /// Does the next thing that the connection's state asks for, at most one receive.
    func serve(_ downstream: Downstream) {
        guard !downstream.isClosed else { return }
        switch downstream.state {
        case .readingProxyHeader:
            if downstream.mayRead { readProxyHeader(downstream) }
        case .handshaking:
            awaitTurn(downstream)
        case .idle, .readingHead:
            // Nothing new is begun while an answer waits to be taken.
            // What follows a request that waits stays in the kernel, which has more patience than a buffer has room.
            guard downstream.output.isEmpty, !downstream.isParked else { return }
            if !downstream.input.isEmpty,
                downstream.state == .idle || downstream.keyWait != nil || downstream.delay == .over
            {
                return readHead(downstream, from: .kept)
            }
            if downstream.mayRead { receiveHead(downstream) }
        case .exchanging:
            if let exchange = downstream.exchange { pumpRequestBody(exchange) }
        case .tunnelling:
            if let exchange = downstream.exchange { relay(exchange) }
        case .discarding, .lingering:
            if downstream.hasInputToServe { discard(downstream) }
        }
    }

    /// Reads more behind an input that is only a part; false when there is no more yet.
    func completeInput(_ downstream: Downstream) -> Bool {
        guard downstream.inputIsPartial else { return true }
        guard downstream.mayRead, makeRoom(downstream) else { return false }
        let asked = downstream.input.writableCount
        let outcome = downstream.transport.receive(into: &downstream.input, atMost: asked)
        guard note(outcome, downstream, asked: asked) else { return false }
        downstream.inputIsPartial = false
        return true
    }

    // MARK: - Heads

    /// Where the bytes to look at are.
    enum ByteSource {
        /// In the connection's own buffer.
        case kept
        /// In the shard's receive buffer, fresh from the kernel.
        case received
    }

    /// One receive for a head: into the shard's buffer, or behind the part of the head that is already here.
    private func receiveHead(_ downstream: Downstream) {
        if downstream.input.hasStorage {
            downstream.inputIsPartial = false
            guard makeRoom(downstream) else { return refuse(downstream, .headTooLarge) }
            let asked = min(Self.headReceiveBytes, downstream.input.writableCount)
            let outcome = downstream.transport.receive(into: &downstream.input, atMost: asked)
            guard note(outcome, downstream, asked: asked) else { return }
            readHead(downstream, from: .kept)
        } else {
            receiveBuffer.clear()
            let outcome = downstream.transport.receive(into: &receiveBuffer, atMost: Self.headReceiveBytes)
            guard note(outcome, downstream, asked: Self.headReceiveBytes) else { return }
            readHead(downstream, from: .received)
        }
    }

    /// Room for more of a head: a usual one gets by with a small buffer, so that many slow heads cost little.
    func makeRoom(_ downstream: Downstream) -> Bool {
        if downstream.input.writableCount > 0 { return true }
        downstream.input.compact()
        if downstream.input.writableCount > 0 { return true }
        guard downstream.input.capacity < BufferStore.largeBytes else { return false }
        let isTiny = downstream.input.capacity < BufferStore.smallBytes
        var larger = buffers.take(room: isTiny ? BufferStore.smallBytes : BufferStore.largeBytes)
        larger.append(downstream.input)
        swap(&larger, &downstream.input)
        buffers.give(larger)
        return true
    }

    /// Looks for a head in the bytes at hand and begins its exchange, or keeps what there is.
    private func readHead(_ downstream: Downstream, from source: ByteSource) {
        now = SystemClock.monotonicNanoseconds()
        if downstream.state == .idle {
            downstream.state = .readingHead
            downstream.requestStarted = now
            setDeadline(downstream, after: table.timeouts.requestHeadMilliseconds)
        }
        var bytes = source == .kept ? downstream.input.take() : receiveBuffer.take()
        let outcome = RequestHeadParser.parse(bytes.readable, into: &requestHead, limits: headLimits)
        switch outcome {
        case .complete(let headEnd):
            let consumed = beginExchange(downstream, bytes, headEnd: headEnd)
            bytes.consume(consumed)
        case .incomplete: break
        case .failed(let error):
            refuseHead(downstream, error, bytes)
            bytes.clear()
        }
        keepRest(downstream, &bytes, source)
        if source == .received { receiveBuffer = bytes }
        guard !downstream.isClosed else { return }
        if outcome == .incomplete { return headIncomplete(downstream) }
        continueAfterBegin(downstream)
    }

    /// What is left of the bytes stays with the connection: a part of a head, a piece of a body, the next request.
    private func keepRest(_ downstream: Downstream, _ bytes: inout ByteBuffer, _ source: ByteSource) {
        if downstream.isClosed || bytes.isEmpty {
            if source == .kept { buffers.give(bytes.take()) }
            return
        }
        if source == .kept {
            downstream.input = bytes.take()
        } else {
            downstream.input = buffers.take(room: bytes.count)
            downstream.input.append(bytes)
        }
    }

    private func headIncomplete(_ downstream: Downstream) {
        if downstream.readEnded { return close(downstream) }
        if downstream.mayRead { schedule(downstream) }
    }

    /// The client may have sent more than the head, and the kernel may hold more still.
    private func continueAfterBegin(_ downstream: Downstream) {
        switch downstream.state {
        case .exchanging:
            // A request body goes on as soon as the upstream can take it; see `pumpRequestBody`.
            if let exchange = downstream.exchange, !exchange.machine.requestIsComplete { schedule(downstream) }
        case .readingProxyHeader, .handshaking: break
        case .idle, .readingHead:
            // Answered at once: a pipelined request may wait already.
            if downstream.hasInputToServe { schedule(downstream) }
        case .discarding, .lingering, .tunnelling:
            schedule(downstream)
        }
    }

    /// Takes note of a receive; false when there is nothing to work on.
    func note(_ outcome: ReceiveOutcome, _ downstream: Downstream, asked: Int) -> Bool {
        switch outcome {
        case .received(let count):
            metrics.receivedFromDownstream(bytes: count)
            downstream.windowBytes &+= count
            // The end may be what follows.
            if !downstream.sawHangup, !downstream.transport.mayReceiveMore(count, asked: asked) {
                downstream.mayRead = false
            }
            return true
        case .wouldBlock:
            downstream.mayRead = false
        case .ended:
            downstream.mayRead = false
            downstream.readEnded = true
            ended(downstream)
        case .failed:
            downstream.mayRead = false
            downstream.readEnded = true
            if downstream.exchange != nil { abandoned(downstream) } else { close(downstream) }
        }
        return false
    }

    /// The client has finished sending. Half-closed is not gone: an answer in progress still reaches it.
    private func ended(_ downstream: Downstream) {
        switch downstream.state {
        case .readingProxyHeader, .handshaking, .idle, .readingHead, .discarding, .lingering: close(downstream)
        // The other direction may go on.
        case .tunnelling: break
        case .exchanging:
            guard let exchange = downstream.exchange else { return close(downstream) }
            exchange.machine.closesDownstream = true
            // Nobody will ever send the rest of this body.
            if !exchange.machine.requestIsComplete, exchange.ending == nil { abandoned(downstream) }
        }
    }

    // MARK: - Thrown away

    /// Reads on without use: the rest of an unwanted body, or whatever comes before a close.
    private func discard(_ downstream: Downstream) {
        if downstream.state == .discarding, !downstream.input.isEmpty {
            guard completeInput(downstream) else { return }
        } else {
            receiveBuffer.clear()
            let outcome = downstream.transport.receive(into: &receiveBuffer, atMost: Self.receiveBytes)
            guard note(outcome, downstream, asked: Self.receiveBytes) else { return }
        }
        if downstream.state == .lingering {
            buffers.give(downstream.input.take())
            downstream.discardBudget -= receiveBuffer.count
            if downstream.discardBudget < 0 { return close(downstream) }
        } else {
            discardBody(downstream)
        }
        if !downstream.isClosed, downstream.mayRead || downstream.state == .idle { schedule(downstream) }
    }

    private func discardBody(_ downstream: Downstream) {
        let fromInput = !downstream.input.isEmpty
        var bytes = fromInput ? downstream.input.take() : receiveBuffer.take()
        var index = 0
        var step = BodyStep.needsMore(consumed: 0)
        repeat {
            step = downstream.discardReader.step(bytes.readable, from: index, trailers: &trailers)
            if case .content(let range) = step { index = range.upperBound }
            if downstream.discardReader.isFinished, case .content = step { step = .finished(consumed: index) }
        } while step.isContent
        switch step {
        case .needsMore(let consumed), .finished(let consumed): index = consumed
        case .content, .failed: break
        }
        downstream.discardBudget -= index
        bytes.consume(index)
        if step == .failed || downstream.discardBudget < 0 { bytes.clear() }
        keepRest(downstream, &bytes, fromInput ? .kept : .received)
        downstream.inputIsPartial = !downstream.discardReader.isFinished
        if !fromInput { receiveBuffer = bytes }
        if step == .failed || downstream.discardBudget < 0 { return linger(downstream) }
        if case .finished = step { becomeIdle(downstream) }
    }
}

extension BodyStep {
    /// More of the input may follow at once.
    fileprivate var isContent: Bool {
        if case .content = self { return true }
        return false
    }
}
