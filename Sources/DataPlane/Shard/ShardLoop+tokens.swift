internal import Filters
internal import HTTP1
internal import HTTPModel
internal import Kernel
internal import Routing
internal import Telemetry
internal import Tokens

// Tokens: who asks, and what they may.
extension ShardLoop {
    /// Checks the request's token.
    func passToken(
        _ exchange: Exchange, _ plan: RoutePlan, _ gate: Int, _ source: FilterChain.TokenSource, _ input: Span<UInt8>
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
    private func token(_ source: FilterChain.TokenSource, _ input: Span<UInt8>) -> ByteRange? {
        switch source {
        case .authorization:
            var found: ByteRange?
            for entry in requestHead.fields.entries where entry.known == .authorization {
                if found != nil { return nil }
                found = entry.value
            }
            return found.map { Self.bearer($0, input) } ?? ByteRange()
        case .cookie(let name):
            switch CookiePairs.only(name.span, in: requestHead.fields, head: input) {
            case .none: return ByteRange()
            case .one(let value): return value
            case .several: return nil
            }
        case .query(let name):
            let query = input.extracting(requestHead.query.indices)
            let start = requestHead.query.indices.lowerBound
            switch SecretParameters.only(name, in: query) {
            case .none: return ByteRange()
            case .one(let value): return ByteRange(start + value.lowerBound, start + value.upperBound)
            case .several: return nil
            }
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

    /// The subject goes into the log's line; that of the first of several tokens.
    func noteSubject(_ exchange: Exchange, _ subject: [UInt8]) {
        guard let log, !subject.isEmpty, !exchange.hasSubject, exchange.record.hasStorage else { return }
        exchange.hasSubject = true
        growRecord(exchange, by: log.format.subjectBytesMax(subject))
        log.format.appendSubject(subject, into: &exchange.record)
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
