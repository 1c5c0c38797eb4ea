internal import Declarations
internal import EventLoop
internal import Filters
internal import Forwarding
internal import HTTP1
internal import HTTPModel
internal import Kernel
internal import Telemetry
internal import Upstreams

// Request body: piece by piece, from the client to the origin, at the pace of the slower one.
extension ShardLoop {
    /// Moves one piece of the request body, when both sides are ready for it: reading pulls (law 6).
    func pumpRequestBody(_ exchange: Exchange) {
        guard !exchange.machine.requestIsComplete, exchange.isOpen,
            let downstream = exchange.downstream, let upstream = exchange.upstream, upstream.takesRequest,
            exchange.requestSent == exchange.request.count
        else { return updateWindow(exchange) }
        var bytes: ByteBuffer
        let fromInput = !downstream.input.isEmpty
        if fromInput {
            guard completeInput(downstream) else { return updateWindow(exchange) }
            bytes = downstream.input.take()
        } else {
            guard downstream.mayRead else { return updateWindow(exchange) }
            uploadBuffer.clear()
            let outcome = downstream.transport.receive(into: &uploadBuffer, atMost: BufferStore.largeBytes)
            guard note(outcome, downstream, asked: BufferStore.largeBytes) else { return updateWindow(exchange) }
            bytes = uploadBuffer.take()
        }
        exchange.awaitsContinue = false
        let outcome = passRequestBody(exchange, upstream, bytes)
        bytes.consume(outcome.consumed)
        if fromInput {
            if bytes.isEmpty || downstream.isClosed { buffers.give(bytes) } else { downstream.input = bytes }
        } else {
            if !bytes.isEmpty, !downstream.isClosed {
                downstream.input = buffers.take(room: bytes.count)
                downstream.input.append(bytes)
            }
            uploadBuffer = bytes
        }
        // What the relay left for want of more is part of a trailer section; what it left for want of room is work.
        downstream.inputIsPartial = outcome.status == .needsMore
        afterRequestBody(exchange, downstream)
    }

    private func afterRequestBody(_ exchange: Exchange, _ downstream: Downstream) {
        guard downstream.exchange === exchange, exchange.isOpen else { return }
        updateWindow(exchange)
        if exchange.requestSent == exchange.request.count, downstream.hasInputToServe,
            !exchange.machine.requestIsComplete
        {
            schedule(downstream)
        }
    }

    /// Sends the piece; what the kernel does not take waits in `exchange.request`. Tells what was used up.
    private func passRequestBody(
        _ exchange: Exchange, _ upstream: UpstreamConnection, _ bytes: borrowing ByteBuffer
    ) -> RelayOutcome {
        // The first part is out and will not be needed again: a body that flows is not repeated.
        exchange.machine.holdsWholeRequest = false
        exchange.request.clear()
        exchange.requestSent = 0
        if exchange.requestPackaging == .plain, let outcome = passPlainBody(exchange, upstream, bytes.readable) {
            return outcome
        }
        scratch.clear()
        let outcome = BodyRelay.relay(
            &exchange.requestReader, bytes.readable, from: 0, as: exchange.requestPackaging, into: &scratch,
            trailers: &trailers, takesTrailers: true, edits: exchange.plan?.chain.requestEdits)
        noteRequestBody(exchange, outcome.contentBytes, outcome.status)
        guard exchange.isOpen, !scratch.isEmpty else { return outcome }
        sendBody(exchange, upstream, scratch)
        return outcome
    }

    /// Content that needs no packaging goes out from where it was received; `nil` when the step is no content.
    private func passPlainBody(
        _ exchange: Exchange, _ upstream: UpstreamConnection, _ input: Span<UInt8>
    ) -> RelayOutcome? {
        guard case .content(let range) = exchange.requestReader.step(input, from: 0, trailers: &trailers) else {
            return nil
        }
        let status: RelayOutcome.Status = exchange.requestReader.isFinished ? .finished : .needsMore
        noteRequestBody(exchange, range.count, status)
        if exchange.isOpen { sendBody(exchange, upstream, input.extracting(range)) }
        return RelayOutcome(consumed: range.upperBound, contentBytes: range.count, status: status)
    }

    private func sendBody(_ exchange: Exchange, _ upstream: UpstreamConnection, _ bytes: borrowing ByteBuffer) {
        sendBody(exchange, upstream, bytes.readable)
    }

    /// Sends a piece of the body; what the kernel does not take waits in `exchange.request`.
    private func sendBody(_ exchange: Exchange, _ upstream: UpstreamConnection, _ bytes: Span<UInt8>) {
        if upstream.exchange === exchange, exchange.machine.answer == .awaited {
            setDeadline(upstream, after: responseHeadLimit(upstream.cluster))
        }
        switch upstream.transport.send(bytes) {
        case .failed: sendFailed(exchange, upstream)
        case .sent(let count):
            metrics.sentToUpstream(bytes: count)
            upstream.mayWrite = count == bytes.count
            guard count < bytes.count else { return }
            if exchange.request.capacity < bytes.count - count {
                buffers.give(exchange.request.take())
                exchange.request = buffers.take(room: bytes.count - count)
            }
            exchange.request.append(bytes.extracting(count...))
        }
    }
}
