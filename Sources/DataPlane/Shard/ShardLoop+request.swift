internal import Declarations
internal import EventLoop
internal import Forwarding
internal import HTTP1
internal import HTTPModel
internal import Kernel
internal import Routing
internal import Telemetry
internal import Upstreams

// Request: a head has been read; find its route and do what the route says. The path is normalised once, here, and the same bytes
// are routed and forwarded (law 7).
extension ShardLoop {
    /// Begins the exchange of the head in `requestHead`; returns how many of `bytes` are used up.
    func beginExchange(_ downstream: Downstream, _ bytes: borrowing ByteBuffer, headEnd: Int) -> Int {
        let input = bytes.readable
        let exchange = openExchange(downstream, input)
        // One that has waited was counted before.
        if downstream.keyWait == nil { for _ in 0..<requestHead.droppedFields { metrics.fieldDropped() } }
        let isSecure = downstream.transport.isEncrypted
        let otherScheme = isSecure ? TargetForm.absoluteHTTP : .absoluteHTTPS
        if requestHead.form == otherScheme || requestHead.form == .absoluteOther
            || isSecure && !requestHead.host.isEmpty
                && !downstream.transport.serves(host: input.extracting(requestHead.host.indices))
        {
            beginTrace(exchange, table.tracing?.unrouted, input)
            answer(exchange, .misdirectedRequest)
            return headEnd
        }
        switch normalizePath(input) {
        case .rejected:
            beginTrace(exchange, table.tracing?.unrouted, input)
            answer(exchange, .badRequest)
            return headEnd
        case .alreadyNormal:
            return route(exchange, bytes, path: input.extracting(requestHead.path.indices), headEnd: headEnd)
        case .normalized:
            let path = normalizedPath
            return route(exchange, bytes, path: path.span, headEnd: headEnd)
        }
    }

    /// `*` is routed as it is; an absolute form without a path means the root (RFC 9112 §3.2.1).
    private func normalizePath(_ input: Span<UInt8>) -> PathOutcome {
        if requestHead.path.isEmpty {
            normalizedPath.removeAll(keepingCapacity: true)
            normalizedPath.append(requestHead.form == .asterisk ? 0x2A : 0x2F)
            return .normalized
        }
        return PathNormalization.normalize(input.extracting(requestHead.path.indices), into: &normalizedPath)
    }

    // MARK: - Opening

    private func openExchange(_ downstream: Downstream, _ input: Span<UInt8>) -> Exchange {
        let exchange = exchanges.popLast() ?? Exchange()
        downstream.requests += 1
        let limit = table.limits.requestsPerConnection
        exchange.machine = ExchangeMachine(
            isIdempotent: requestHead.method.isIdempotent, requestIsComplete: requestHead.framing == .none,
            closesDownstream: !requestHead.keepsAlive || isDraining || downstream.readEnded
                || (limit > 0 && downstream.requests >= limit))
        exchange.downstream = downstream
        exchange.method = requestHead.method
        exchange.version = requestHead.version
        exchange.acceptsTrailers = requestHead.acceptsTrailers
        exchange.awaitsContinue = requestHead.expectsContinue
        exchange.requestReader = BodyReader(requestHead.framing)
        exchange.requestPackaging = requestHead.framing == .chunked ? .chunked : .plain
        exchange.requestBodyBytesMax = table.limits.requestBodyBytes
        exchange.started = downstream.requestStarted
        downstream.exchange = exchange
        downstream.state = .exchanging
        downstream.inputIsPartial = false
        setDeadline(downstream, after: 0)
        identify(exchange, downstream, input)
        record(
            exchange, downstream, method: input.extracting(requestHead.methodToken.indices),
            host: input.extracting(requestHead.authority.indices), target: input.extracting(requestHead.target.indices),
            version: requestHead.version)
        return exchange
    }

    /// A trusted peer's `X-Request-Id` is kept when it is harmless; anyone else's is replaced.
    private func identify(_ exchange: Exchange, _ downstream: Downstream, _ input: Span<UInt8>) {
        if downstream.identity.isTrusted {
            for entry in requestHead.fields.entries where entry.known == .requestID {
                let value = input.extracting(entry.value.indices)
                guard Self.isHarmless(value) else { break }
                exchange.requestID.append(value)
                return
            }
        }
        newRequestID(exchange)
    }

    /// 128 random bits as 32 hexadecimal digits.
    func newRequestID(_ exchange: Exchange) {
        exchange.requestID.clear()
        exchange.requestID.appendHexadecimal(random.next())
        exchange.requestID.appendHexadecimal(random.next())
    }

    private static func isHarmless(_ value: Span<UInt8>) -> Bool {
        guard value.count > 0, value.count <= Exchange.requestIDBytesMax else { return false }
        for index in value.indices {
            let byte = value[index]
            let isPlain = byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26
            guard
                isPlain || byte == 0x2D || byte == 0x5F || byte == 0x2E || byte == 0x3A || byte == 0x2F || byte == 0x2B
                    || byte == 0x3D
            else { return false }
        }
        return true
    }

    /// Writes the first half of the access log's line, because the head's bytes will be gone when the second is known.
    func record(
        _ exchange: Exchange, _ downstream: Downstream, method: Span<UInt8>, host: Span<UInt8>, target: Span<UInt8>,
        version: HTTPVersion?
    ) {
        guard let log else { return }
        if !table.secretParameters.isEmpty, ByteSearch.firstIndex(of: 0x3F, in: target, from: 0) < target.count {
            return recordRedacted(exchange, downstream, method: method, host: host, target: target, version: version)
        }
        record(exchange, downstream, log, method: method, host: host, loggedTarget: target, version: version)
    }

    private func recordRedacted(
        _ exchange: Exchange, _ downstream: Downstream, method: Span<UInt8>, host: Span<UInt8>, target: Span<UInt8>,
        version: HTTPVersion?
    ) {
        guard let log else { return }
        var redacted = buffers.take(room: min(BufferStore.largeBytes, 2 * target.count))
        SecretParameters.append(target, without: table.secretParameters, to: &redacted)
        record(
            exchange, downstream, log, method: method, host: host, loggedTarget: redacted.readable, version: version)
        buffers.give(redacted)
    }

    private func record(
        _ exchange: Exchange, _ downstream: Downstream, _ log: AccessLogChannel, method: Span<UInt8>,
        host: Span<UInt8>, loggedTarget target: Span<UInt8>, version: HTTPVersion?
    ) {
        let name = downstream.listener.plan.quotedName
        let peer = downstream.identity.peerAndPort
        let bound = AccessLogFormat.requestBound(
            listener: name.count, client: peer.count, method: method.count, host: host.count, target: target.count,
            requestID: exchange.requestID.count)
        // The id of a trace comes behind it, once the route is known.
        exchange.record = buffers.take(room: bound + (spans == nil ? 0 : AccessLogFormat.traceBytesMax))
        log.format.appendRequest(
            into: &exchange.record, wallMilliseconds: wallMilliseconds, listener: name.span, client: peer.span,
            method: method, host: host, target: target, version: version, requestID: exchange.requestID)
    }

    /// The time of day, read together with the monotonic clock at most once a second.
    var wallMilliseconds: Int64 {
        if now &- wallReadAt > 1_000_000_000 || wallReadAt == 0 {
            wallReadAt = now
            wallOffset = SystemClock.wallMilliseconds() - Int64(now / 1_000_000)
            followWallClock()
        }
        return wallOffset + Int64(now / 1_000_000)
    }

    // MARK: - Routing

    private func route(
        _ exchange: Exchange, _ bytes: borrowing ByteBuffer, path: Span<UInt8>, headEnd: Int
    ) -> Int {
        let input = bytes.readable
        if isPreflight(exchange, input, path: path) { return headEnd }
        let match = table.routes.match(
            method: requestHead.method, methodToken: input.extracting(requestHead.methodToken.indices),
            host: input.extracting(requestHead.host.indices), path: path,
            query: input.extracting(requestHead.query.indices), fields: requestHead.fields, head: input,
            captures: &captures)
        switch match {
        case .notFound:
            beginTrace(exchange, table.tracing?.unrouted, input)
            answer(exchange, .routeNotFound)
        case .methodNotAllowed(let allow):
            beginTrace(exchange, table.tracing?.unrouted, input)
            answerNotAllowed(exchange, allow)
        case .route(let index):
            let plan = table.plans[index]
            beginTrace(exchange, table.tracing?.routes[index], input)
            exchange.plan = plan
            if plan.chain.hasFilters {
                switch pass(exchange, plan, input) {
                case .passed: break
                case .answered: return headEnd
                case .postponed: return 0
                }
            }
            exchange.requestBodyBytesMax = plan.chain.requestBodyBytesMax
            if case .length(let count) = requestHead.framing, plan.chain.requestBodyBytesMax > 0,
                count > plan.chain.requestBodyBytesMax
            {
                answer(exchange, .bodyTooLarge)
                return headEnd
            }
            return follow(plan, exchange, bytes, path: path, headEnd: headEnd)
        }
        return headEnd
    }

    private func follow(
        _ plan: RoutePlan, _ exchange: Exchange, _ bytes: borrowing ByteBuffer, path: Span<UInt8>, headEnd: Int
    ) -> Int {
        switch plan.action {
        case .forward(let index):
            return forward(exchange, plan, to: clusters[index], bytes, path: path, headEnd: headEnd)
        case .split(let indices, let draw):
            let index = indices[draw.draw(random: &random)]
            return forward(exchange, plan, to: clusters[index], bytes, path: path, headEnd: headEnd)
        case .redirect(let template, let status, let keepsQuery):
            redirect(exchange, plan, template, status, keepsQuery, bytes.readable, path: path)
        case .respond(let fixed):
            respond(exchange, plan, fixed)
        case .local(let index):
            answerLocally(exchange, table.services[index], bytes.readable, path: path)
        }
        return headEnd
    }
}
