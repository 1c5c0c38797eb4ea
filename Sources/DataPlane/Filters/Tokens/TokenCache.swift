internal import Kernel

/// Tokens that were found valid, with what followed from them, so that the next request with the same token costs a comparison.
///
/// Bounded in entries and octets. A token is found by the end of its signature, which nobody without the issuer's key can choose, and
/// compared as a whole. An entry lives until its token expires or its issuer's keys change.
struct TokenCache: ~Copyable {
    /// What a gate says of the claims of a valid token.
    struct Judgement {
        var gate: Int
        var verdict: GateVerdict
        /// Field lines for the upstream, with their CRLFs.
        var lines: [UInt8]
        /// The claims that other filters want, in the gate's order; empty for what is no text.
        var values: [[UInt8]]

        var bytes: Int { lines.count + values.reduce(0) { $0 + $1.count } }
    }

    private struct Entry {
        var token: [UInt8]
        var issuer: Int
        var keyGeneration: Int
        /// With the allowance for skewed clocks.
        var validUntilSeconds: Int64
        var subject: [UInt8]
        var judgements: [Judgement]
        var usedAt: UInt64
    }

    /// What was found.
    struct Hit {
        var slot: Int
        var issuer: Int
    }

    private static let ways = 4
    private let sets: Int
    private let bytesMax: Int
    private var entries: [Entry?]
    private var bytes = 0
    private var clock: UInt64 = 0

    /// Judgements of one token: a token that many routes see is judged anew for some of them.
    private static let judgementsMax = 16

    init(entriesMax: Int = 4_096, bytesMax: Int = 16 << 20) {
        sets = max(1, entriesMax / Self.ways)
        self.bytesMax = bytesMax
        entries = []
    }

    /// The entry of a token that is still good; `keyGeneration` tells that of an issuer.
    mutating func find(_ token: Span<UInt8>, nowSeconds: Int64, keyGeneration: (Int) -> Int) -> Hit? {
        guard !entries.isEmpty, let first = firstSlot(token) else { return nil }
        for slot in first..<first + Self.ways {
            guard let entry = entries[slot], ByteSearch.equal(entry.token.span, token) else { continue }
            guard nowSeconds < entry.validUntilSeconds, entry.keyGeneration == keyGeneration(entry.issuer) else {
                remove(slot)
                return nil
            }
            clock &+= 1
            entries[slot]?.usedAt = clock
            return Hit(slot: slot, issuer: entry.issuer)
        }
        return nil
    }

    /// What a gate said of the entry's token before; `nil` when it has not been asked.
    func judgement(_ slot: Int, gate: Int) -> Judgement? {
        guard let judgements = entries[slot]?.judgements else { return nil }
        for index in judgements.indices where judgements[index].gate == gate { return judgements[index] }
        return nil
    }

    func subject(_ slot: Int) -> [UInt8] { entries[slot]?.subject ?? [] }

    /// Remembers a judgement of a token that is there.
    mutating func add(_ judgement: Judgement, slot: Int) {
        guard var entry = entries[slot], entry.judgements.count < Self.judgementsMax else { return }
        entry.judgements.append(judgement)
        bytes += judgement.bytes
        entries[slot] = entry
    }

    /// Remembers a valid token in the place of the one of its set that was not used for the longest time.
    mutating func insert(
        _ token: Span<UInt8>, issuer: Int, keyGeneration: Int, validUntilSeconds: Int64, subject: [UInt8]
    ) -> Int? {
        guard let first = firstSlot(token) else { return nil }
        if entries.isEmpty { entries = Array(repeating: nil, count: sets * Self.ways) }
        var place = first
        for slot in first..<first + Self.ways {
            guard let entry = entries[slot] else {
                place = slot
                break
            }
            if entry.usedAt < entries[place]?.usedAt ?? 0 { place = slot }
        }
        remove(place)
        guard bytes + token.count <= bytesMax else { return nil }
        var octets: [UInt8] = []
        octets.reserveCapacity(token.count)
        for index in token.indices { octets.append(token[index]) }
        clock &+= 1
        bytes += octets.count
        entries[place] = Entry(
            token: octets, issuer: issuer, keyGeneration: keyGeneration, validUntilSeconds: validUntilSeconds,
            subject: subject, judgements: [], usedAt: clock)
        return place
    }

    private mutating func remove(_ slot: Int) {
        guard let entry = entries[slot] else { return }
        bytes -= entry.token.count + entry.judgements.reduce(0) { $0 + $1.bytes }
        entries[slot] = nil
    }

    /// The first place of a token's set, by the last octets of its signature; `nil` for what is too short to be a token.
    private func firstSlot(_ token: Span<UInt8>) -> Int? {
        guard token.count >= 16 else { return nil }
        var hash: UInt64 = 0
        for index in (token.count - 16)..<token.count {
            hash = (hash ^ UInt64(token[index])) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash &>> 29
        }
        return Int(hash % UInt64(sets)) * Self.ways
    }
}
