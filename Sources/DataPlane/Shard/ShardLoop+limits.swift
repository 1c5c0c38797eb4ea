internal import Filters
internal import HTTP1
internal import HTTPModel
internal import Kernel
internal import Limits

// Limits: how many requests of whom. One atomic word for each key, shared by all shards (law 10).
extension ShardLoop {
    /// Charges the request to limits; false when one of them refuses, and the answer is given.
    func isWithin(_ group: LimitGroup, _ exchange: Exchange, _ plan: RoutePlan, _ input: Span<UInt8>) -> Bool {
        guard let downstream = exchange.downstream else { return false }
        let method = input.extracting(requestHead.methodToken.indices)
        // What had to wait for keys was charged before it waited, by the limits that stand before the token.
        let isCharged = !downstream.hasAwaitedKeys || plan.countsAfterToken(group)
        let outcome = group.charge(method: method, head: input, isCharged: isCharged, now: now) { component in
            limitValue(component, exchange, input)
        }
        addAnswerLines(exchange, bytes: group.linesBytesMax) { out in
            group.appendLines(wallMilliseconds: wallMilliseconds, to: &out)
        }
        guard outcome == .refused else { return true }
        answer(exchange, .rateLimited)
        return false
    }

    private func limitValue(
        _ component: LimitGroup.Component, _ exchange: Exchange, _ input: Span<UInt8>
    ) -> LimitGroup.Value {
        switch component {
        case .clientAddress: return .address(clientAddress(exchange, input))
        case .header(let name, let known):
            for entry in requestHead.fields.entries where known == .other || entry.known == known {
                guard ByteSearch.equalIgnoringCase(input.extracting(entry.name.indices), name.span) else { continue }
                return .range(entry.value)
            }
            return .missing
        case .cookie(let name):
            return CookiePairs.value(of: name.span, in: requestHead.fields, head: input).map { .range($0) } ?? .missing
        case .claim(let number):
            let values = table.tokens.values
            guard number >= 0, number < values.count, !values[number].isEmpty else { return .missing }
            return .text(values[number])
        case .route, .everybody: return .missing
        }
    }
}
