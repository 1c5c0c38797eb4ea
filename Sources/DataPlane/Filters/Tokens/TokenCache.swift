internal import Kernel

/// Tokens that were found valid, with what followed from them, so that the next request with the same token costs a comparison.
///
/// Bounded in entries and octets. A token is found by the end of its signature, which nobody without the issuer's key can choose, and
/// compared as a whole. An entry lives until its token expires or its issuer's keys change. A token that several issuers accept (the
/// same one, configured twice) has an entry for each of them: what one says of it is not what another says.
struct TokenCache: ~Copyable {
    /// What a gate says of the claims of a valid token.
    struct Judgement {
        var gate: Int
        var verdict: GateVerdict
        /// Field lines for the upstream, with their CRLFs.
        var lines: [UInt8]
        /// The claims that other filters want, in the gate's order; empty for what is no text.
        var values: [[UInt8]] = []

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

        var bytes: Int { token.count + subject.count + judgements.reduce(0) { $0 + $1.bytes } }
    }

    /// What is remembered of a token that was checked in full.
    struct Visa {
        var issuer: Int
        var keyGeneration: Int
        /// With the allowance for skewed clocks.
        var validUntilSeconds: Int64
        var subject: [UInt8]
    }

    private static let ways = 4
    /// Judgements of one token: a token that more routes see is judged anew for some of them.
    private static let judgementsMax = 16

    private let sets: Int
    private let bytesMax: Int
    private var entries: [Entry?] = []
    /// Octets of tokens, subjects and lines.
    private(set) var bytes = 0
    private var clock: UInt64 = 0
    /// Where room is made next.
    private var hand = 0

    init(entriesMax: Int = 4_096, bytesMax: Int = 16 << 20) {
        sets = max(1, entriesMax / Self.ways)
        self.bytesMax = bytesMax
    }

    /// What a gate said of a token that is still good; `keyGeneration` tells that of an issuer. `nil` when it has not been asked.
    mutating func judgement(
        of token: Span<UInt8>, gate: Int, nowSeconds: Int64, keyGeneration: (Int) -> Int
    ) -> (Judgement, subject: [UInt8])? {
        guard !entries.isEmpty, let first = firstSlot(token) else { return nil }
        for slot in first..<first + Self.ways {
            guard let entry = entries[slot], ByteSearch.equal(entry.token.span, token) else { continue }
            guard nowSeconds < entry.validUntilSeconds, entry.keyGeneration == keyGeneration(entry.issuer) else {
                remove(slot)
                continue
            }
            for judgement in entry.judgements where judgement.gate == gate {
                clock &+= 1
                entries[slot]?.usedAt = clock
                return (judgement, entry.subject)
            }
        }
        return nil
    }

    /// Remembers what a gate says of a token.
    mutating func add(_ judgement: Judgement, of token: Span<UInt8>, _ visa: Visa) {
        guard let first = firstSlot(token) else { return }
        if entries.isEmpty { entries = Array(repeating: nil, count: sets * Self.ways) }
        let slot = known(token, visa, first) ?? place(first)
        clock &+= 1
        var entry =
            entries[slot]
            ?? Entry(
                token: token.indices.map { token[$0] }, issuer: visa.issuer, keyGeneration: visa.keyGeneration,
                validUntilSeconds: visa.validUntilSeconds, subject: visa.subject, judgements: [], usedAt: clock)
        guard entry.judgements.count < Self.judgementsMax else { return }
        entry.judgements.append(judgement)
        entry.usedAt = clock
        // Taken out, lest the room that is made be its own.
        remove(slot)
        guard makeRoom(for: entry.bytes) else { return }
        bytes += entry.bytes
        entries[slot] = entry
    }

    /// The entry of the token for this issuer, with the keys in force.
    private func known(_ token: Span<UInt8>, _ visa: Visa, _ first: Int) -> Int? {
        for slot in first..<first + Self.ways {
            guard let entry = entries[slot], entry.issuer == visa.issuer, entry.keyGeneration == visa.keyGeneration,
                ByteSearch.equal(entry.token.span, token)
            else { continue }
            return slot
        }
        return nil
    }

    /// An empty place of a set, made empty by removing the entry that was not used for the longest time.
    private mutating func place(_ first: Int) -> Int {
        var oldest = first
        for slot in first..<first + Self.ways {
            guard let entry = entries[slot] else { return slot }
            if entry.usedAt < entries[oldest]?.usedAt ?? 0 { oldest = slot }
        }
        remove(oldest)
        return oldest
    }

    /// Removes entries in turn until there is room; false when there can be none.
    private mutating func makeRoom(for count: Int) -> Bool {
        guard count <= bytesMax else { return false }
        while bytes + count > bytesMax {
            remove(hand)
            hand = (hand + 1) % entries.count
        }
        return true
    }

    private mutating func remove(_ slot: Int) {
        guard let entry = entries[slot] else { return }
        bytes -= entry.bytes
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
