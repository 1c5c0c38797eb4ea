import Kernel
import Testing

@testable import Filters

@Suite struct TokenCacheTests {
    private func text(_ number: Int, count: Int = 40) -> [UInt8] {
        let digits = String(number)
        return Array((String(repeating: "t", count: count - digits.count) + digits).utf8)
    }

    private func visa(issuer: Int = 0, until: Int64 = 100, generation: Int = 1) -> TokenCache.Visa {
        TokenCache.Visa(issuer: issuer, keyGeneration: generation, validUntilSeconds: until, subject: [1, 2])
    }

    private func judgement(gate: Int = 0, lines: Int = 3) -> TokenCache.Judgement {
        TokenCache.Judgement(gate: gate, verdict: .allowed, lines: [UInt8](repeating: 1, count: lines))
    }

    private func knows(
        _ cache: inout TokenCache, _ token: [UInt8], gate: Int = 0, at time: Int64 = 0, generation: Int = 1
    ) -> Bool {
        cache.judgement(of: token.span, gate: gate, nowSeconds: time, keyGeneration: { _ in generation }) != nil
    }

    @Test func `entries are bounded in number, and the one not used for the longest time goes first`() {
        var cache = TokenCache(entriesMax: 4)
        for number in 0..<4 { cache.add(judgement(), of: text(number).span, visa()) }
        for number in 0..<4 { #expect(knows(&cache, text(number))) }
        #expect(knows(&cache, text(0)))
        cache.add(judgement(), of: text(4).span, visa())
        #expect(cache.bytes == 4 * 45)
        let known = [0, 1, 2, 3, 4].map { knows(&cache, text($0)) }
        #expect(known == [true, false, true, true, true])
    }

    @Test func `octets are bounded, and room is made`() {
        var cache = TokenCache(entriesMax: 4_096, bytesMax: 1_000)
        for number in 0..<200 {
            cache.add(judgement(lines: 100), of: text(number).span, visa())
            #expect(cache.bytes <= 1_000 && cache.bytes > 0)
            #expect(knows(&cache, text(number)))
        }
        // What has no room even alone is not kept, and what has no room any more goes.
        cache.add(judgement(lines: 1_000), of: text(200).span, visa())
        #expect(!knows(&cache, text(200)))
        for gate in 0..<8 {
            cache.add(judgement(gate: gate, lines: 200), of: text(201).span, visa())
            #expect(cache.bytes <= 1_000)
        }
        cache.add(judgement(), of: text(202).span, visa())
        #expect(knows(&cache, text(202)))
    }

    @Test func `an entry goes with its time, its keys, and gives its octets back`() {
        var cache = TokenCache()
        cache.add(judgement(), of: text(1).span, visa(until: 10))
        #expect(knows(&cache, text(1), at: 9))
        #expect(!knows(&cache, text(1), at: 10))
        #expect(cache.bytes == 0)
        #expect(!knows(&cache, text(1), at: 9))
        cache.add(judgement(), of: text(1).span, visa())
        #expect(!knows(&cache, text(1), generation: 2))
        #expect(cache.bytes == 0)
    }

    @Test func `a token has an entry for each issuer`() {
        var cache = TokenCache()
        let token = text(1)
        cache.add(judgement(gate: 0), of: token.span, visa(issuer: 0, until: 10))
        cache.add(judgement(gate: 1), of: token.span, visa(issuer: 1, until: 20))
        cache.add(judgement(gate: 2), of: token.span, visa(issuer: 0, until: 10))
        #expect(cache.bytes == 2 * 42 + 3 * 3)
        #expect(knows(&cache, token, gate: 0) && knows(&cache, token, gate: 1) && knows(&cache, token, gate: 2))
        #expect(!knows(&cache, token, gate: 3))
        #expect(!knows(&cache, token, gate: 2, at: 15) && knows(&cache, token, gate: 1, at: 15))
    }

    @Test func `what is too short to be a token is not kept`() {
        var cache = TokenCache()
        let short = [UInt8](repeating: 1, count: 15)
        cache.add(judgement(), of: short.span, visa())
        #expect(!knows(&cache, short) && cache.bytes == 0)
        #expect(!knows(&cache, []))
    }

    @Test func `a token keeps a bounded number of judgements`() {
        var cache = TokenCache()
        for gate in 0..<100 { cache.add(judgement(gate: gate), of: text(1).span, visa()) }
        let known = (0..<100).filter { knows(&cache, text(1), gate: $0) }
        #expect(known == Array(0..<16))
    }
}
