import Testing

@testable import Admin
@testable import Filters

struct PolicyMetricsTextTests {
    private func lines(_ figures: [(name: String, figures: LimitFigures)], limitsMax: Int) -> [String] {
        String(decoding: PolicyMetricsText.limits(figures, limitsMax: limitsMax), as: UTF8.self)
            .split(separator: "\n").map(String.init)
    }

    private func figures(_ count: Int) -> [(name: String, figures: LimitFigures)] {
        (0..<count).map {
            ("limit-\($0)", LimitFigures(allowed: 10, refused: 2, shadowRefused: 1, evictions: UInt64($0)))
        }
    }

    @Test(arguments: [2, 3]) func `limits within the bound have series of their own`(limitsMax: Int) {
        let shown = lines(figures(2), limitsMax: limitsMax)
        #expect(shown.contains(#"martlet_rate_limit_evictions_total{limit="limit-1"} 1"#))
        #expect(!shown.contains { $0.contains("__other__") })
    }

    @Test func `limits beyond the bound are summed up`() {
        let shown = lines(figures(5), limitsMax: 2)
        let name = #"martlet_rate_limit_decisions_total{limit="__other__""#
        #expect(shown.contains(name + #",decision="allowed"} 30"#))
        #expect(shown.contains(name + #",decision="refused"} 6"#))
        #expect(shown.contains(name + #",decision="shadow-refused"} 3"#))
        #expect(shown.contains(#"martlet_rate_limit_evictions_total{limit="__other__"} 9"#))
        #expect(shown.count == 2 * 2 + 3 * 4)
    }

    @Test func `a name with a quote is escaped`() {
        let shown = lines([("a\"b", LimitFigures())], limitsMax: 1)
        #expect(shown.contains(#"martlet_rate_limit_evictions_total{limit="a\"b"} 0"#))
    }
}
