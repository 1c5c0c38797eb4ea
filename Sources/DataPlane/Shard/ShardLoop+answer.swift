internal import Filters
internal import Forwarding
internal import HTTPModel
internal import Kernel
internal import Routing
internal import Telemetry

// Answers of the gateway's own: problems, redirects, fixed responses, local services.
extension ShardLoop {
    /// Ends the exchange with a problem document, as long as no head has gone out.
    func answer(_ exchange: Exchange, _ error: GatewayError) {
        precondition(exchange.machine.answer == .awaited)
        failed(exchange, error)
        if error.breaksFraming || isDraining { exchange.machine.closesDownstream = true }
        writeProblem(exchange, error) { _ in }
    }

    /// The same, and when it is worth coming back (RFC 9110 §10.2.3).
    func answerLater(_ exchange: Exchange, _ error: GatewayError, milliseconds: Int) {
        failed(exchange, error)
        if isDraining { exchange.machine.closesDownstream = true }
        writeProblem(exchange, error) { out in
            out.append("Retry-After: ")
            out.appendDecimal(max(1, (milliseconds + 999) / 1_000))
            out.append("\r\n")
        }
    }

    /// The same with further field lines, of at most half a small buffer.
    func answer(_ exchange: Exchange, _ error: GatewayError, _ furtherFields: (inout ByteBuffer) -> Void) {
        precondition(exchange.machine.answer == .awaited)
        failed(exchange, error)
        if isDraining { exchange.machine.closesDownstream = true }
        writeProblem(exchange, error, furtherFields)
    }

    /// A problem with another status than its own.
    func answerFault(_ exchange: Exchange, status: Int) {
        failed(exchange, .faultInjected)
        if isDraining { exchange.machine.closesDownstream = true }
        writeProblem(exchange, .faultInjected, status: status) { _ in }
    }

    /// 405 with the methods there are (RFC 9110 §15.5.6).
    func answerNotAllowed(_ exchange: Exchange, _ allow: MethodSet) {
        failed(exchange, .methodNotAllowed)
        let routes = table.routes
        writeProblem(exchange, .methodNotAllowed) { out in
            out.append("Allow: ")
            routes.write(allow: allow, into: &out)
            out.append("\r\n")
        }
    }

    /// What a preflight asks is answered by its lines alone.
    func answerPreflight(_ exchange: Exchange, _ plan: RoutePlan) {
        answerFixed(exchange, plan, status: 204, lines: [], body: [])
    }

    /// Notes the error for log and metrics.
    func failed(_ exchange: Exchange, _ error: GatewayError) {
        exchange.error = error
        metrics.failed(error)
    }

    private func writeProblem(
        _ exchange: Exchange, _ error: GatewayError, status other: Int? = nil,
        _ furtherFields: (inout ByteBuffer) -> Void
    ) {
        let status = other ?? error.status
        scratch.clear()
        var id = exchange.requestID.take()
        LocalAnswerWriter.appendProblem(
            error, status: status, detail: error.detail, requestID: id.readable, into: &scratch)
        let body = scratch.take()
        var out = buffers.take(room: BufferStore.smallBytes + exchange.answerLines.count)
        startHead(exchange, status, error.title, id, into: &out)
        out.append("Content-Type: application/problem+json\r\nCache-Control: no-store\r\n")
        furtherFields(&out)
        out.append(exchange.answerLines)
        finishHead(exchange, status, contentLength: body.count, into: &out)
        if exchange.method != .head {
            out.append(body)
            exchange.responseBytes = body.count
        }
        scratch = body
        scratch.clear()
        scratch.append(out)
        buffers.give(out)
        swap(&exchange.requestID, &id)
        sendAnswer(exchange)
    }

    private func startHead(
        _ exchange: Exchange, _ status: Int, _ reason: StaticString, _ id: borrowing ByteBuffer,
        into out: inout ByteBuffer
    ) {
        exchange.status = status
        if exchange.awaitsContinue { exchange.machine.closesDownstream = true }
        dateText.update(wallMilliseconds: wallMilliseconds)
        LocalAnswerWriter.startHead(
            status: status, reason: reason, requestID: id, date: dateText.text, into: &out)
    }

    private func finishHead(
        _ exchange: Exchange, _ status: Int, contentLength: Int, into out: inout ByteBuffer
    ) {
        LocalAnswerWriter.finishHead(
            status: status, contentLength: contentLength, notice: notice(exchange), into: &out)
    }

    /// Sends the answer in `scratch` and ends the exchange; an upstream connection it still had is closed.
    private func sendAnswer(_ exchange: Exchange) {
        if let upstream = exchange.upstream { drop(upstream) }
        flushScratch(exchange)
        guard exchange.downstream != nil else { return }
        finish(exchange, exchange.machine.answeredLocally())
    }

    // MARK: - What routes say

    func respond(_ exchange: Exchange, _ plan: RoutePlan, _ fixed: RoutePlan.FixedAnswer) {
        answerFixed(exchange, plan, status: fixed.status, lines: fixed.lines, body: fixed.body)
    }

    func redirect(
        _ exchange: Exchange, _ plan: RoutePlan, _ template: PathTemplate, _ status: Int, _ keepsQuery: Bool,
        _ input: Span<UInt8>, path: Span<UInt8>
    ) {
        let host = input.extracting(requestHead.host.indices)
        let query = keepsQuery && requestHead.hasQuery ? requestHead.query.count + 1 : 0
        let length = template.length(captures: captures, path: path, host: host)
        guard length + query <= BufferStore.largeBytes / 2 else { return answer(exchange, .targetTooLong) }
        var lines = buffers.take(room: BufferStore.largeBytes)
        lines.append("Location: ")
        template.write(into: &lines, captures: captures, path: path, host: host)
        if query > 0 {
            // The location may bring a query of its own.
            let mark = ByteSearch.firstIndex(of: 0x3F, in: lines.readable, from: 0)
            lines.append(mark < lines.count ? "&" : "?")
            lines.append(input.extracting(requestHead.query.indices))
        }
        lines.append("\r\n")
        scratch.clear()
        writeFixedHead(exchange, plan, status: status, lines: lines.readable, contentLength: 0)
        buffers.give(lines)
        sendAnswer(exchange)
    }

    func answerLocally(_ exchange: Exchange, _ service: any LocalService, _ input: Span<UInt8>, path: Span<UInt8>) {
        guard let plan = exchange.plan else { return }
        let answer = service.answer(
            LocalRequest(
                method: ByteText.string(input.extracting(requestHead.methodToken.indices)),
                path: ByteText.string(path), query: ByteText.string(input.extracting(requestHead.query.indices))))
        now = SystemClock.monotonicNanoseconds()
        answerFixed(
            exchange, plan, status: answer.status, lines: Array("Content-Type: \(answer.contentType)\r\n".utf8),
            body: answer.body)
    }

    /// A body that is held as a whole goes out as the client takes it; nothing of it is copied but what the first packet has.
    private func answerFixed(_ exchange: Exchange, _ plan: RoutePlan, status: Int, lines: [UInt8], body: [UInt8]) {
        scratch.clear()
        writeFixedHead(exchange, plan, status: status, lines: lines.span, contentLength: body.count)
        let hasBody = exchange.method != .head && status != 204 && status != 304 && !body.isEmpty
        guard hasBody else { return sendAnswer(exchange) }
        exchange.responseBytes = body.count
        let fits = min(body.count, scratch.writableCount)
        scratch.append(body.span.extracting(0..<fits))
        if fits < body.count {
            exchange.fixedBody = body
            exchange.fixedBodySent = fits
        }
        sendAnswer(exchange)
    }

    private func writeFixedHead(
        _ exchange: Exchange, _ plan: RoutePlan, status: Int, lines: Span<UInt8>, contentLength: Int
    ) {
        var id = exchange.requestID.take()
        startHead(exchange, status, Self.reason(status), id, into: &scratch)
        scratch.append(lines)
        plan.chain.responseEdits.write(into: &scratch)
        scratch.append(exchange.answerLines)
        finishHead(exchange, status, contentLength: contentLength, into: &scratch)
        swap(&exchange.requestID, &id)
    }

    /// Reason phrases of the statuses that routes usually give; none is needed (RFC 9112 §4).
    private static func reason(_ status: Int) -> StaticString {
        switch status {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 410: "Gone"
        case 429: "Too Many Requests"
        case 500: "Internal Server Error"
        case 503: "Service Unavailable"
        default: ""
        }
    }
}
