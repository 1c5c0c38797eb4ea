internal import EventLoop
internal import Forwarding
internal import HTTPModel
internal import Kernel
internal import Routing
internal import Telemetry
internal import TraceContext

// Tracing: a span for each exchange and one for each of its attempts. They are collected in the exchange; at its end it is decided
// whether they are reported. Where no traces are reported, an exchange has no `trace`, and all of this is one comparison.
extension ShardLoop {
    static func spanChannel(_ destination: SpanDestination) -> SpanChannel {
        SpanChannel(
            queue: destination.queue, metrics: destination.metrics,
            clock: SpanClock(
                monotonicNanoseconds: SystemClock.monotonicNanoseconds(),
                wallMilliseconds: SystemClock.wallMilliseconds()))
    }

    /// Spans have the time of day that the log has. Both clocks are read anew: this turn may have begun a while ago.
    func followWallClock() {
        spans?.clock.follow(
            monotonicNanoseconds: SystemClock.monotonicNanoseconds(), wallMilliseconds: SystemClock.wallMilliseconds())
    }

    // MARK: - The head

    /// Reads the trace headers of the head in `requestHead` and takes a place in the trace.
    func beginTrace(_ exchange: Exchange, _ route: RouteTracing?, _ input: Span<UInt8>) {
        guard let route, let destination = options.spans else { return }
        let extraction = TraceFields(requestHead.fields, in: input).extraction(in: input)
        if !extraction.problems.isEmpty { destination.metrics.headersIgnored(extraction.problems) }
        let start = TraceStart(extraction, policy: route.policy, random: &random)
        traceState = start.state
        exchange.trace = ExchangeTrace(start, route: route)
        guard log != nil, exchange.record.hasStorage else { return }
        growRecord(exchange, by: AccessLogFormat.traceBytesMax)
        AccessLogFormat.appendTrace(start.context, into: &exchange.record)
    }

    /// Makes room in the first half of the log's line.
    func growRecord(_ exchange: Exchange, by bytes: Int) {
        guard exchange.record.writableCount < bytes else { return }
        var larger = buffers.take(room: exchange.record.count + bytes)
        larger.append(exchange.record)
        swap(&larger, &exchange.record)
        buffers.give(larger)
    }

    /// What the upstream is told: the span of the first attempt.
    func tracePassage(_ exchange: Exchange) -> TracePassage? {
        guard let trace = exchange.trace, let cluster = exchange.cluster else { return nil }
        let first = trace.server.child(random: random.next())
        exchange.trace?.first = first
        guard !cluster.traceHeaders.isEmpty else { return nil }
        return TracePassage(first, formats: cluster.traceHeaders, state: traceState)
    }

    // MARK: - Attempts

    /// The current attempt begins.
    func beginSpan(_ exchange: Exchange, _ endpoint: Int) {
        guard let trace = exchange.trace else { return }
        let context = trace.first ?? trace.server.child(random: random.next())
        exchange.trace?.current = collect(
            exchange, trace, context, endpoint, number: exchange.machine.attempts - 1, isHedge: false)
        if trace.first != nil {
            exchange.trace?.first = nil
        } else if exchange.machine.holdsWholeRequest {
            // Once a body flows, the head's bytes are gone; then nothing is sent again either.
            exchange.trace?.writeCurrent(into: &exchange.request)
        }
    }

    /// An attempt begins beside the current one.
    func beginRivalSpan(_ exchange: Exchange, _ endpoint: Int) {
        guard let trace = exchange.trace else { return }
        exchange.trace?.rival = collect(
            exchange, trace, trace.server.child(random: random.next()), endpoint, number: 0, isHedge: true)
    }

    private func collect(
        _ exchange: Exchange, _ trace: ExchangeTrace, _ context: SpanContext, _ endpoint: Int, number: Int,
        isHedge: Bool
    ) -> ExchangeTrace.Attempt {
        guard trace.head.collectsSpans, exchange.clientSpans.count < ExchangeTrace.clientSpansMax else {
            return ExchangeTrace.Attempt(spanID: context.spanID)
        }
        var span = ClientSpan(context: context, startNanoseconds: now, method: exchange.method, number: number)
        span.isHedge = isHedge
        span.endpoint = endpoint
        exchange.clientSpans.append(span)
        return ExchangeTrace.Attempt(spanID: context.spanID, index: exchange.clientSpans.count - 1)
    }

    /// The place of a connection's span; -1 for none.
    private func span(_ exchange: Exchange, _ upstream: UpstreamConnection) -> Int {
        guard let trace = exchange.trace else { return -1 }
        return upstream.isRival ? trace.rival.index : trace.current.index
    }

    /// A new connection can carry its exchange.
    func noteConnected(_ exchange: Exchange, _ upstream: UpstreamConnection) {
        let index = span(exchange, upstream)
        if index >= 0 { exchange.clientSpans[index].connectedNanoseconds = now }
    }

    /// The head in `responseHead` is the current attempt's.
    func noteHead(_ exchange: Exchange) {
        guard let trace = exchange.trace, trace.current.index >= 0 else { return }
        exchange.clientSpans[trace.current.index].headNanoseconds = now
        exchange.clientSpans[trace.current.index].status = responseHead.status
    }

    /// A connection broke under its exchange.
    func noteSpanError(_ exchange: Exchange, _ upstream: UpstreamConnection, _ error: GatewayError) {
        let index = span(exchange, upstream)
        if index >= 0 { exchange.clientSpans[index].error = error }
    }

    /// A connection leaves its exchange: what ends the exchange with an error ends the attempt with it.
    func endSpan(_ exchange: Exchange, _ upstream: UpstreamConnection) {
        let index = span(exchange, upstream)
        guard index >= 0, exchange.clientSpans[index].endNanoseconds == 0 else { return }
        exchange.clientSpans[index].endNanoseconds = now
        if exchange.clientSpans[index].error == nil { exchange.clientSpans[index].error = exchange.error }
    }

    /// The current attempt got no connection.
    func endSpan(_ exchange: Exchange, _ error: GatewayError) {
        guard let trace = exchange.trace, trace.current.index >= 0 else { return }
        exchange.clientSpans[trace.current.index].endNanoseconds = now
        exchange.clientSpans[trace.current.index].error = error
    }

    // MARK: - The end

    /// Reports the spans of an exchange, or forgets them.
    func concludeTrace(_ exchange: Exchange, _ downstream: Downstream, duration: UInt64) {
        guard let trace = exchange.trace, let spans, let service = downstream.listener.span else { return }
        // A tunnel may be open for days; what counts as slow is how long it took to open.
        let waited = exchange.tunnel == nil ? duration : UInt64(max(0, exchange.upstreamNanoseconds))
        let facts = ExchangeFacts(
            status: exchange.status, error: exchange.error, attempts: exchange.machine.attempts,
            durationNanoseconds: waited)
        guard let reason = SamplingDecision.tail(trace.head, facts, policy: trace.route.policy) else { return }
        options.spans?.metrics.exchangeKept(reason)
        // The clock that spans have their times from follows the time of day now and then.
        _ = wallMilliseconds
        var server = ServerSpan(
            context: trace.server, startNanoseconds: exchange.started, endNanoseconds: now, method: exchange.method,
            kept: reason)
        server.status = exchange.status
        server.error = exchange.error
        server.attempts = exchange.machine.attempts
        server.client = downstream.identity.address
        spans.append(server, service: service, route: trace.route.text, requestID: exchange.requestID.readable)
        explainLast(exchange, trace)
        for index in exchange.clientSpans.indices { report(exchange.clientSpans[index], exchange, trace, service) }
    }

    /// An attempt that was given up before its answer was whole ended with the exchange's error, even where its connection was
    /// closed before the error was known.
    private func explainLast(_ exchange: Exchange, _ trace: ExchangeTrace) {
        let index = trace.current.index
        guard index >= 0, exchange.clientSpans[index].error == nil else { return }
        if exchange.clientSpans[index].status == 0 || exchange.machine.answer == .flowing {
            exchange.clientSpans[index].error = exchange.error
        }
    }

    private func report(
        _ span: ClientSpan, _ exchange: Exchange, _ trace: ExchangeTrace, _ service: SpanServiceText
    ) {
        guard let spans, let cluster = exchange.cluster, span.endpoint < cluster.endpoints.count,
            let upstream = cluster.endpoints[span.endpoint].span
        else { return }
        spans.append(span, service: service, route: trace.route.text, upstream: upstream)
    }
}
