import EventLoop
import Kernel
import Testing

@Suite struct SlotTableTests {
    private final class Tenant {
        let token: SlotToken
        init(_ token: SlotToken) { self.token = token }
    }

    @Test(arguments: [(UInt8(0), UInt32(0), 0), (255, 0xFF_FFFF, 0xFFFF_FFFF), (3, 0x12_3456, 789)])
    func `a token carries kind, generation and index`(kind: UInt8, generation: UInt32, index: Int) {
        let token = SlotToken(kind: kind, generation: generation, index: index)
        #expect(token.kind == kind)
        #expect(token.generation == generation)
        #expect(token.index == index)
        #expect(SlotToken(bits: token.bits) == token)
    }

    @Test func `a generation is cut to 24 bits`() {
        #expect(SlotToken(kind: 1, generation: 0x0100_0002, index: 3) == SlotToken(kind: 1, generation: 2, index: 3))
    }

    @Test func `an object is found by its token until it is removed`() {
        var table = SlotTable<Tenant>(kind: 4)
        let tenants = (0..<10).map { _ in table.insert { Tenant($0) } }
        #expect(Set(tenants.map(\.token.bits)).count == 10)
        #expect(tenants.allSatisfy { $0.token.kind == 4 && table[$0.token] === $0 })
        table.remove(tenants[3].token)
        #expect(table[tenants[3].token] == nil)
        #expect(table.count == 9)
        #expect(table.all.count == 9)
    }

    @Test func `the next tenant of a slot is not taken for the last`() {
        var table = SlotTable<Tenant>(kind: 1)
        let first = table.insert { Tenant($0) }
        table.remove(first.token)
        let second = table.insert { Tenant($0) }
        #expect(second.token.index == first.token.index)
        #expect(table[first.token] == nil)
        // A late removal by the old token must not evict the new tenant.
        table.remove(first.token)
        #expect(table[second.token] === second)
        #expect(table.count == 1)
    }

    @Test func `removing twice counts once`() {
        var table = SlotTable<Tenant>(kind: 1)
        let tenant = table.insert { Tenant($0) }
        table.remove(tenant.token)
        table.remove(tenant.token)
        #expect(table.count == 0)
        let next = [table.insert { Tenant($0) }, table.insert { Tenant($0) }]
        #expect(next[0].token.index != next[1].token.index)
    }

    @Test func `a token from nowhere leads to nothing`() {
        var table = SlotTable<Tenant>(kind: 1)
        #expect(table[SlotToken(kind: 1, generation: 0, index: 0)] == nil)
        _ = table.insert { Tenant($0) }
        #expect(table[SlotToken(kind: 1, generation: 1, index: 0)] == nil)
        #expect(table[SlotToken(kind: 1, generation: 0, index: 7)] == nil)
        table.remove(SlotToken(kind: 1, generation: 0, index: 7))
        #expect(table.count == 1)
    }

    @Test func `random moves in and out agree with a dictionary`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = FastRandom(seed: seed)
        var table = SlotTable<Tenant>(kind: 2)
        var present: [UInt64: Tenant] = [:]
        var gone: [SlotToken] = []
        for _ in 0..<5_000 {
            if random.below(2) == 0 || present.isEmpty {
                let tenant = table.insert { Tenant($0) }
                #expect(present.updateValue(tenant, forKey: tenant.token.bits) == nil, "seed \(seed)")
            } else if let (_, tenant) = present.randomElement() {
                table.remove(tenant.token)
                present[tenant.token.bits] = nil
                gone.append(tenant.token)
            }
            if let token = gone.randomElement() { #expect(table[token] == nil, "seed \(seed)") }
            if let (_, tenant) = present.randomElement() { #expect(table[tenant.token] === tenant, "seed \(seed)") }
            #expect(table.count == present.count, "seed \(seed)")
        }
    }
}
