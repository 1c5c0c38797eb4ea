internal import Filters
internal import Forwarding
internal import HTTP1
internal import HTTPModel
internal import Kernel
internal import Routing

// Filters: what a route does between its match and its action. A filter that refuses answers, and nothing behind it is asked.
extension ShardLoop {
    /// What became of a request in the filters of its route.
    enum Passage {
        case passed
        /// One of them has answered.
        case answered
        /// One of them must wait for something; the request is looked at anew when it is there.
        case postponed
    }

    /// Asks the filters of a route in order.
    func pass(_ exchange: Exchange, _ plan: RoutePlan, _ input: Span<UInt8>) -> Passage {
        if !plan.chain.transportLine.isEmpty, exchange.downstream?.transport.isEncrypted == true {
            addAnswerLines(exchange, bytes: plan.chain.transportLine.count) { $0.append(plan.chain.transportLine) }
        }
        // Even a refusal is for the page to read.
        if let policy = plan.chain.crossOrigin {
            let origin = originField(input)
            let verdict = policy.verdict(
                method: exchange.method, origin: input.extracting(origin.indices), asksMethod: false)
            addCrossOriginLines(exchange, policy, verdict, input, origin)
        }
        for gate in plan.chain.gates {
            if case .token(let number, let source) = gate {
                let passage = passToken(exchange, plan, number, source, input)
                if passage != .passed { return passage }
            } else if case .limits(let group) = gate {
                guard isWithin(group, exchange, plan, input) else { return .answered }
            } else if case .fault(let fault) = gate {
                let passage = passFault(exchange, fault)
                if passage != .passed { return passage }
            } else if case .apiKey(let keys) = gate {
                guard isKnown(keys, exchange, input) else { return .answered }
            } else if case .concurrency(let gate) = gate {
                guard takesPlace(gate, exchange, input) else { return .answered }
            } else if let refusal = refusal(exchange, gate, input) {
                answer(exchange, refusal)
                return .answered
            }
        }
        return .passed
    }

    private func refusal(_ exchange: Exchange, _ gate: FilterChain.Gate, _ input: Span<UInt8>) -> GatewayError? {
        switch gate {
        case .allow(let addresses): addresses.contains(clientAddress(exchange, input)) ? nil : .addressRefused
        case .deny(let addresses): addresses.contains(clientAddress(exchange, input)) ? .addressRefused : nil
        // A browser's question before the request has no token.
        case .token: nil
        // The question is not the request.
        case .limits, .concurrency: nil
        case .apiKey, .fault: nil
        }
    }

    // MARK: - Pages of other origins

    /// Answers a preflight, by the route that the request would take that the browser asks about; false when this is none, or that
    /// route leaves such questions to the origin.
    func isPreflight(_ exchange: Exchange, _ input: Span<UInt8>, path: Span<UInt8>) -> Bool {
        guard table.answersPreflights, requestHead.method == .options else { return false }
        let origin = originField(input)
        guard !origin.isEmpty, let asked = field("access-control-request-method", input) else { return false }
        let token = input.extracting(asked.indices)
        let match = table.routes.match(
            method: Method(token), methodToken: token, host: input.extracting(requestHead.host.indices), path: path,
            query: input.extracting(requestHead.query.indices), fields: requestHead.fields, head: input,
            captures: &captures)
        guard case .route(let index) = match, let policy = table.plans[index].chain.crossOrigin else { return false }
        let plan = table.plans[index]
        beginTrace(exchange, table.tracing?.routes[index], input)
        exchange.plan = plan
        // A browser sends no credentials along, so only what needs none is asked.
        for gate in plan.chain.gates {
            if let refusal = refusal(exchange, gate, input) {
                answer(exchange, refusal)
                return true
            }
        }
        let verdict = policy.verdict(method: .options, origin: input.extracting(origin.indices), asksMethod: true)
        addCrossOriginLines(exchange, policy, verdict, input, origin)
        if verdict == .preflight(isAllowed: true) {
            answerPreflight(exchange, plan)
        } else {
            answer(exchange, .originRefused)
        }
        return true
    }

    private func addCrossOriginLines(
        _ exchange: Exchange, _ policy: CrossOriginPolicy, _ verdict: CrossOriginPolicy.Verdict, _ input: Span<UInt8>,
        _ origin: ByteRange
    ) {
        let bytes = policy.bytesMax(originBytes: min(origin.count, CrossOriginPolicy.originBytesMax))
        addAnswerLines(exchange, bytes: bytes) { [origin = input.extracting(origin.indices)] out in
            policy.appendLines(verdict, origin: origin, into: &out)
        }
    }

    /// The only `Origin`; a request with several is no browser's.
    private func originField(_ input: Span<UInt8>) -> ByteRange {
        var found = ByteRange()
        for entry in requestHead.fields.entries where entry.known == .origin {
            if !found.isEmpty { return ByteRange() }
            found = entry.value
        }
        return found
    }

    private func field(_ name: StaticString, _ input: Span<UInt8>) -> ByteRange? {
        for entry in requestHead.fields.entries
        where entry.known == .other && ByteSearch.equalIgnoringCase(input.extracting(entry.name.indices), name) {
            return entry.value
        }
        return nil
    }

    // MARK: - What filters share

    /// Appends field lines to whatever answer the exchange will get.
    func addAnswerLines(_ exchange: Exchange, bytes: Int, _ write: (inout ByteBuffer) -> Void) {
        if exchange.answerLines.writableCount < bytes {
            var larger = buffers.take(room: exchange.answerLines.count + bytes)
            larger.append(exchange.answerLines)
            swap(&larger, &exchange.answerLines)
            buffers.give(larger)
        }
        write(&exchange.answerLines)
    }

    /// Who asks. Behind trusted proxies that is the last address that they name and that is none of theirs; what cannot be read is
    /// nobody's, so the proxy stands for it.
    func clientAddress(_ exchange: Exchange, _ input: Span<UInt8>) -> SocketAddress {
        guard let downstream = exchange.downstream else { preconditionFailure("an exchange in progress has a client") }
        let identity = downstream.identity
        guard identity.isTrusted else { return identity.address }
        var client: SocketAddress?
        var first: SocketAddress?
        var isReadable = true
        for entry in requestHead.fields.entries where entry.known == .forwardedFor {
            var walker = ListWalker(entry.value)
            while let element = walker.element(in: input) {
                guard let address = ForwardedFor.address(input.extracting(element.indices)) else {
                    (client, isReadable) = (nil, false)
                    continue
                }
                if first == nil { first = address }
                if !downstream.listener.plan.trusts(address) { (client, isReadable) = (address, true) }
            }
        }
        guard isReadable else { return identity.address }
        return client ?? first ?? identity.address
    }
}
