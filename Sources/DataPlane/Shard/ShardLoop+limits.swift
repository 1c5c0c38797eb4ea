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
        // What had to wait was charged before it waited, by the limits that stand before the filter that it waited in.
        let hasWaited = downstream.keyWait != nil || downstream.delay != .none
        let isCharged = !hasWaited || plan.chain.countsAfterWait(group)
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

    /// Takes a place among those in progress; false when there is none, and the answer is given.
    func takesPlace(_ gate: ConcurrencyGate, _ exchange: Exchange, _ input: Span<UInt8>) -> Bool {
        let key = gate.acquire(head: input) { component in limitValue(component, exchange, input) }
        guard let key else {
            answerLater(exchange, .concurrencyLimited, milliseconds: 1_000)
            return false
        }
        exchange.places.append(HeldPlace(gate: gate, key: key))
        return true
    }

    /// Gives back the places of an exchange that is over, or has to wait.
    func leavePlaces(_ exchange: Exchange) {
        for place in exchange.places { place.gate.release(place.key) }
        exchange.places.removeAll(keepingCapacity: true)
    }

    private func limitValue(
        _ component: LimitComponent, _ exchange: Exchange, _ input: Span<UInt8>
    ) -> LimitValue {
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
        }
    }
}

/// A place among those in progress.
struct HeldPlace {
    let gate: ConcurrencyGate
    let key: LimitKey
}
