internal import Filters
internal import HTTPModel
internal import Kernel
internal import Routing

// Keys that clients show to be known by name.
extension ShardLoop {
    /// Looks for the request's key; false when it has none that is known, and the answer is given.
    func isKnown(_ gate: APIKeyGate, _ exchange: Exchange, _ input: Span<UInt8>) -> Bool {
        var range = ByteRange()
        if gate.header.isEmpty {
            let query = input.extracting(requestHead.query.indices)
            if case .one(let value) = SecretParameters.only(gate.query, in: query) {
                let start = requestHead.query.indices.lowerBound
                range = ByteRange(start + value.lowerBound, start + value.upperBound)
            }
        } else {
            let name = gate.header
            for entry in requestHead.fields.entries
            where ByteSearch.equalIgnoringCase(input.extracting(entry.name.indices), name.span) {
                // Of several keys none is the request's.
                guard range.isEmpty else {
                    range = ByteRange()
                    break
                }
                range = entry.value
            }
        }
        guard let owner = gate.owner(of: input.extracting(range.indices)) else {
            answer(exchange, .keyInvalid) { out in out.append("WWW-Authenticate: ApiKey\r\n") }
            return false
        }
        exchange.requestLines = exchange.requestLines.isEmpty ? owner.line : exchange.requestLines + owner.line
        noteSubject(exchange, owner.name)
        return true
    }
}
