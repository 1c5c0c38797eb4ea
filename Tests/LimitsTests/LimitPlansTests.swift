import Kernel
import Limits
import Testing

@Suite struct LimitPlansTests {
    private static let seed = LimitSeed(low: 3, high: 4)

    private func limit(_ count: Int) throws -> GCRALimit { try GCRALimit(count: count, periodNanoseconds: second) }

    @Test func `a value has its own limit, every other the standard one`() throws {
        let plans = LimitPlans(
            standard: try limit(1), overrides: [("gold", try limit(2)), ("", try limit(3)), ("gol", try limit(4))],
            seed: Self.seed)
        func count(_ value: String) -> Int { plans.limit(of: Array(value.utf8).span).count }
        #expect(count("gold") == 2 && count("") == 3 && count("gol") == 4)
        #expect(count("golden") == 1 && count("Gold") == 1 && count("old") == 1 && count("g") == 1)
        #expect(plans.plan(of: Array("gol".utf8).span) == 3 && plans.plan(of: Array("x".utf8).span) == 0)
    }

    @Test func `without overrides all have the standard limit`() throws {
        let plans = LimitPlans(standard: try limit(1), seed: Self.seed)
        #expect(plans.limit(of: Array("x".utf8).span).count == 1 && plans.limits.count == 1)
    }

    @Test func `many overrides are all found`() throws {
        let overrides = try (0..<5_000).map { ("tenant-\($0)", try limit($0 + 1)) }
        let plans = LimitPlans(standard: try limit(999_999), overrides: overrides, seed: Self.seed)
        for number in 0..<5_000 { #expect(plans.limit(of: Array("tenant-\(number)".utf8).span).count == number + 1) }
        for number in 5_000..<6_000 { #expect(plans.plan(of: Array("tenant-\(number)".utf8).span) == 0) }
    }
}
