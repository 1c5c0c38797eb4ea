internal import Declarations
internal import EventLoop
internal import Forwarding
internal import HTTP1
internal import HTTPModel
internal import Kernel
internal import Telemetry

// Response: the origin's head and body on their way to the client.
extension ShardLoop {
    /// Works through what the origin sent; returns the bytes used up. What is left is part of a head or of a trailer section.
    func responseReceived(
        _ exchange: Exchange, _ upstream: UpstreamConnection, _ bytes: borrowing ByteBuffer
    ) -> Int {
        let input = bytes.readable
        var index = 0
        exchange.machine.responseBytesReceived()
        if exchange.attempt.rival != nil { dropRival(exchange) }
        upstream.inputIsPartial = true
        scratch.clear()
        while exchange.machine.answer == .awaited {
            let outcome = ResponseHeadParser.parse(
                input.extracting(index...), into: &responseHead, toHead: exchange.method == .head,
                headBytesMax: table.limits.responseHeadBytes)
            switch outcome {
            case .incomplete:
                flushScratch(exchange)
                return index
            case .failed:
                upstreamBroke(upstream, .badResponse)
                return input.count
            case .complete(let headEnd):
                guard takeHead(exchange, upstream, input.extracting(index...)) else { return input.count }
                index += headEnd
                if upstream.state == .tunnelling {
                    flushScratch(exchange)
                    upstream.inputIsPartial = false
                    return index
                }
            }
        }
        return index + passResponseBody(exchange, upstream, input, from: index)
    }

    /// Writes a head for the client into `scratch`; false when the response cannot go on.
    private func takeHead(_ exchange: Exchange, _ upstream: UpstreamConnection, _ head: Span<UInt8>) -> Bool {
        guard let plan = exchange.plan else { return false }
        let writer = ResponseHeadWriter(edits: plan.chain.responseEdits)
        if responseHead.isInterim {
            // Only what was asked for may be changed to.
            if responseHead.status == 101, isUpgradeGranted(exchange, head) {
                startTunnel(exchange, upstream, head)
                return true
            }
            exchange.interimAnswers += 1
            guard responseHead.status != 101, exchange.interimAnswers <= Exchange.interimAnswersMax,
                scratch.writableCount >= head.count + 64
            else {
                upstreamBroke(upstream, .badResponse)
                return false
            }
            // An HTTP/1.0 client does not know interim answers (RFC 9110 §15.2).
            if exchange.version == .http11 { writer.writeInterim(responseHead, in: head, into: &scratch) }
            exchange.awaitsContinue = false
            setDeadline(upstream, after: responseHeadLimit(upstream.cluster))
            return true
        }
        let cookieBytes = Self.stickyCookieBytesMax + upstream.cluster.stickyName.count
        guard
            scratch.writableCount >= writer.bytesMax(headBytes: min(head.count, table.limits.responseHeadBytes))
                + cookieBytes + exchange.answerLines.count
        else {
            upstreamBroke(upstream, .badResponse)
            return false
        }
        now = SystemClock.monotonicNanoseconds()
        noteHead(exchange)
        if isRepeated(exchange, upstream, head) { return false }
        exchange.upstreamNanoseconds = Int64(now &- exchange.upstreamStarted)
        exchange.status = responseHead.status
        upstream.cluster.metrics.headReceived(
            status: responseHead.status, durationNanoseconds: now &- exchange.upstreamStarted)
        frame(exchange)
        var id = exchange.requestID.take()
        dateText.update(wallMilliseconds: wallMilliseconds)
        writer.write(
            responseHead, in: head, requestID: id.readable, date: dateText.text, notice: notice(exchange),
            announcesChunks: exchange.responsePackaging == .chunked, into: &scratch
        ) { out in
            if upstream.cluster.sticky != nil { appendStickyCookie(exchange, into: &out) }
            if exchange.answerLines.hasStorage { out.append(exchange.answerLines) }
        }
        headAnswered(exchange, upstream)
        swap(&exchange.requestID, &id)
        exchange.machine.responseHeadForwarded()
        exchange.keepsUpstream = responseHead.keepsAlive
        setDeadline(upstream, after: upstream.cluster.timeouts.stallMilliseconds)
        return true
    }

    /// How the body goes to the client: chunked when its length is not known, or to the end of an HTTP/1.0 connection.
    private func frame(_ exchange: Exchange) {
        exchange.responseReader = BodyReader(responseHead.framing)
        exchange.responsePackaging = .plain
        switch responseHead.framing {
        case .none, .length: break
        case .chunked, .untilClose:
            if exchange.version == .http11 {
                exchange.responsePackaging = .chunked
            } else {
                exchange.machine.closesDownstream = true
            }
        }
        // A client that waits to be told may or may not send its body now: what follows could not be told apart.
        if exchange.awaitsContinue || isDraining { exchange.machine.closesDownstream = true }
        // A client that was so sure of its upgrade that it went on in the other protocol wrote no request: nothing of that is read.
        if exchange.upgrade >= 0, exchange.downstream?.hasInputToServe == true {
            exchange.machine.closesDownstream = true
        }
    }

    /// What the head says about the downstream connection.
    func notice(_ exchange: Exchange) -> ConnectionNotice {
        if exchange.machine.closesDownstream { return .close }
        return exchange.version == .http10 ? .keepAlive : .none
    }

    // MARK: - Body

    /// Passes body bytes on, behind whatever head is in `scratch`; returns the bytes used up.
    private func passResponseBody(
        _ exchange: Exchange, _ upstream: UpstreamConnection, _ input: Span<UInt8>, from start: Int
    ) -> Int {
        if exchange.responsePackaging == .plain, input.count - start > Self.copyBytesMax,
            let consumed = passPlain(exchange, upstream, input, from: start)
        {
            return consumed
        }
        let outcome = BodyRelay.relay(
            &exchange.responseReader, input, from: start, as: exchange.responsePackaging, into: &scratch,
            trailers: &trailers, takesTrailers: exchange.acceptsTrailers)
        exchange.responseBytes += outcome.contentBytes
        flushScratch(exchange)
        guard exchange.downstream != nil else { return outcome.consumed }
        switch outcome.status {
        case .failed:
            upstreamBroke(upstream, .upstreamBodyBroken)
        case .finished:
            responseCompleted(exchange, upstream, extra: start + outcome.consumed < input.count)
            return input.count - start
        case .needsMore, .outputFull:
            upstream.inputIsPartial = outcome.status == .needsMore
            bodyAwaited(exchange, upstream)
        }
        return outcome.consumed
    }

    /// Runs of content this long go to the kernel from where they were received; shorter ones are copied behind the head.
    static let copyBytesMax = 2_048

    /// A long run of plain content, in one system call with the head; `nil` when the step is no content.
    private func passPlain(
        _ exchange: Exchange, _ upstream: UpstreamConnection, _ input: Span<UInt8>, from start: Int
    ) -> Int? {
        guard let downstream = exchange.downstream,
            case .content(let range) = exchange.responseReader.step(input, from: start, trailers: &trailers)
        else { return nil }
        let content = input.extracting(range)
        exchange.responseBytes += content.count
        let isFinished = exchange.responseReader.isFinished
        var head = scratch.take()
        let outcome =
            head.isEmpty ? downstream.transport.send(content) : downstream.transport.send(head.readable, content)
        let headCount = head.count
        swap(&scratch, &head)
        switch outcome {
        case .failed:
            abandoned(downstream)
            return input.count - start
        case .sent(let count):
            noteSent(downstream, count)
            if count < headCount + content.count {
                downstream.output = buffers.take(room: BufferStore.largeBytes)
                if count < headCount { downstream.output.append(scratch.readable.extracting(count...)) }
                downstream.output.append(content.extracting(max(0, count - headCount)...))
                updateWindow(exchange)
            }
        }
        scratch.clear()
        if isFinished {
            responseCompleted(exchange, upstream, extra: range.upperBound < input.count)
            return input.count - start
        }
        bodyAwaited(exchange, upstream)
        return content.count
    }

    /// The origin's time for the next piece runs, unless the client holds everything up.
    private func bodyAwaited(_ exchange: Exchange, _ upstream: UpstreamConnection) {
        guard let downstream = exchange.downstream, downstream.output.isEmpty else { return }
        setDeadline(upstream, after: upstream.cluster.timeouts.stallMilliseconds)
    }

    /// Sends what is in `scratch`; what the kernel does not take waits in the connection's output.
    func flushScratch(_ exchange: Exchange) {
        guard !scratch.isEmpty, let downstream = exchange.downstream else { return }
        if downstream.output.isEmpty {
            switch downstream.transport.send(scratch) {
            case .failed: return abandoned(downstream)
            case .sent(let count):
                noteSent(downstream, count)
                scratch.consume(count)
            }
        }
        guard !scratch.isEmpty else { return }
        if !downstream.output.hasStorage { downstream.output = buffers.take(room: BufferStore.largeBytes) }
        downstream.output.append(scratch)
        scratch.clear()
        updateWindow(exchange)
    }

    /// Takes note of bytes that the client's kernel took.
    func noteSent(_ downstream: Downstream, _ count: Int) {
        metrics.sentToDownstream(bytes: count)
        downstream.windowBytes &+= count
    }

    // MARK: - Ends

    /// A body without a length ended with its connection.
    func responseEndedByClose(_ exchange: Exchange, _ upstream: UpstreamConnection) {
        scratch.clear()
        if exchange.responsePackaging == .chunked { BodyRelay.appendLastChunk(to: &scratch) }
        exchange.keepsUpstream = false
        flushScratch(exchange)
        if exchange.downstream != nil { responseCompleted(exchange, upstream, extra: false) }
    }

    /// The answer is complete. `extra`: the origin sent more than it announced; the connection cannot be trusted with another.
    private func responseCompleted(_ exchange: Exchange, _ upstream: UpstreamConnection, extra: Bool) {
        let ending = exchange.machine.responseCompleted(
            upstreamKeepsAlive: exchange.keepsUpstream && !extra && !exchange.responseReader.endsWithConnection)
        if ending.keepsUpstream { giveBack(upstream) } else { drop(upstream) }
        finish(exchange, ending.downstream)
    }
}
