internal import EventLoop
internal import Filters
internal import HTTP1
internal import HTTPModel
internal import Kernel
internal import Routing
internal import Signatures
internal import Telemetry
internal import Tokens

// Tokens: who asks, and what they may. A key that is not known yet is waited for, without holding anything but the head's bytes.
extension ShardLoop {
    /// Checks the request's token.
    func passToken(
        _ exchange: Exchange, _ plan: RoutePlan, _ gate: Int, _ source: RoutePlan.TokenSource, _ input: Span<UInt8>
    ) -> Passage {
        guard let range = token(source, input) else {
            answerUnauthorized(exchange, plan, .tokenInvalid, "The request has several tokens")
            return .answered
        }
        let tokens = table.tokens
        switch tokens.check(input.extracting(range.indices), gate: gate, nowSeconds: wallMilliseconds / 1_000) {
        case .allowed:
            // Shared, not copied, as long as one filter alone has lines.
            if exchange.requestLines.isEmpty {
                exchange.requestLines = tokens.lines
            } else {
                exchange.requestLines += tokens.lines
            }
            noteSubject(exchange, tokens.subject)
            return .passed
        case .missing: answerUnauthorized(exchange, plan, .tokenMissing, nil)
        case .invalid(let failure): answerUnauthorized(exchange, plan, .tokenInvalid, failure.summary)
        case .forbidden(let failure):
            noteSubject(exchange, tokens.subject)
            answerForbidden(exchange, plan, failure.summary, scope: tokens.scopeText(gate: gate))
        case .unknownKey(let issuers):
            if awaitKeys(exchange, issuers) { return .postponed }
            answerUnauthorized(exchange, plan, .tokenInvalid, "The key of the token is not known")
        case .noKeys(let issuers):
            if awaitKeys(exchange, issuers) { return .postponed }
            answerLater(exchange, .keysUnavailable, milliseconds: 1_000)
        }
        return .answered
    }

    /// Where the token lies in the head, empty when there is none; `nil` when there are several.
    private func token(_ source: RoutePlan.TokenSource, _ input: Span<UInt8>) -> ByteRange? {
        switch source {
        case .authorization:
            var found: ByteRange?
            for entry in requestHead.fields.entries where entry.known == .authorization {
                if found != nil { return nil }
                found = entry.value
            }
            return found.map { Self.bearer($0, input) } ?? ByteRange()
        case .cookie(let name):
            return CookiePairs.value(of: name.span, in: requestHead.fields, head: input) ?? ByteRange()
        case .query(let name):
            let query = input.extracting(requestHead.query.indices)
            guard let value = SecretParameters.value(of: name, in: query) else { return ByteRange() }
            let start = requestHead.query.indices.lowerBound
            return ByteRange(start + value.lowerBound, start + value.upperBound)
        }
    }

    /// What stands behind `Bearer` (RFC 6750 §2.1, the scheme in any case); empty under another scheme.
    private static func bearer(_ value: ByteRange, _ input: Span<UInt8>) -> ByteRange {
        let scheme: StaticString = "bearer"
        var start = value.indices.lowerBound + scheme.utf8CodeUnitCount
        let end = value.indices.upperBound
        guard start < end, input[start] == 0x20,
            ByteSearch.equalIgnoringCase(input.extracting(value.indices.lowerBound..<start), scheme)
        else { return ByteRange() }
        while start < end, input[start] == 0x20 { start += 1 }
        return ByteRange(start, end)
    }

    /// The subject goes into the log's line.
    func noteSubject(_ exchange: Exchange, _ subject: [UInt8]) {
        guard let log, !subject.isEmpty, exchange.record.hasStorage else { return }
        growRecord(exchange, by: log.format.subjectBytesMax(subject))
        log.format.appendSubject(subject, into: &exchange.record)
    }

    // MARK: - Waiting for keys

    /// Requests of one shard that wait for keys at a time; beyond, they are answered by what is known.
    static let awaitingKeysMax = 1_024
    /// How long one waits.
    static let keysWaitMilliseconds = 5_000

    /// Puts the request back to where it was before its head was read, until the issuers have been asked; false when it has waited
    /// already, or too many do.
    private func awaitKeys(_ exchange: Exchange, _ issuers: [Int]) -> Bool {
        guard let downstream = exchange.downstream, let identity = options.identity, !downstream.hasAwaitedKeys,
            downstream.awaitsKeys || awaitingKeys.count < Self.awaitingKeysMax
        else { return false }
        for issuer in issuers { identity.keysWanted(source: table.tokens.source(ofIssuer: issuer)) }
        if !downstream.awaitsKeys {
            downstream.awaitsKeys = true
            awaitingKeys.append(downstream.token)
        }
        buffers.give(exchange.record.take())
        if exchange.answerLines.hasStorage { buffers.give(exchange.answerLines.take()) }
        leavePlaces(exchange)
        downstream.exchange = nil
        downstream.requests -= 1
        downstream.state = .readingHead
        downstream.inputIsPartial = true
        exchange.reset()
        if exchanges.count < Self.exchangesKept { exchanges.append(exchange) }
        setDeadline(downstream, after: Self.keysWaitMilliseconds)
        return true
    }

    /// Keys of a source have come, or will not come.
    func keysArrived(_ keys: [KeyMaterial]?, source: String) {
        if let keys {
            keySets[source] = keys
            table.tokens.replaceKeys(keys, source: source)
        }
        let waiting = awaitingKeys
        awaitingKeys.removeAll(keepingCapacity: true)
        for token in waiting { if let downstream = downstreams[token] { resume(downstream) } }
    }

    /// Looks at a request anew that has waited for keys.
    func resume(_ downstream: Downstream) {
        guard downstream.awaitsKeys, !downstream.isClosed else { return }
        downstream.awaitsKeys = false
        downstream.hasAwaitedKeys = true
        downstream.inputIsPartial = false
        schedule(downstream)
    }

    // MARK: - Answers (RFC 6750 §3)

    private func answerUnauthorized(
        _ exchange: Exchange, _ plan: RoutePlan, _ error: GatewayError, _ description: StaticString?
    ) {
        answer(exchange, error) { out in
            out.append("WWW-Authenticate: Bearer realm=\"")
            out.append(plan.realm)
            if let description {
                out.append("\", error=\"invalid_token\", error_description=\"")
                out.append(description)
            }
            out.append("\"\r\n")
        }
    }

    private func answerForbidden(
        _ exchange: Exchange, _ plan: RoutePlan, _ description: StaticString, scope: String
    ) {
        let scopes = Array(scope.utf8.filter { $0 > 0x1F && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }.prefix(1_024))
        answer(exchange, .accessDenied) { out in
            out.append("WWW-Authenticate: Bearer realm=\"")
            out.append(plan.realm)
            out.append("\", error=\"insufficient_scope\", error_description=\"")
            out.append(description)
            if !scopes.isEmpty {
                out.append("\", scope=\"")
                out.append(scopes)
            }
            out.append("\"\r\n")
        }
    }
}
