import Declarations
import Kernel
import Testing
import Upstreams

@Suite struct RetryBudgetTests {
    private static let second: UInt64 = 1_000_000_000

    private func budget(percent: Int, minimum: Int) -> RetryBudget {
        var declaration = RetryBudgetDeclaration()
        declaration.percent = percent
        declaration.minimum = minimum
        return RetryBudget(declaration)
    }

    @Test func `the minimum may always be in flight`() {
        var budget = budget(percent: 20, minimum: 3)
        budget.exchangeStarted(0)
        #expect((0..<4).map { _ in budget.takeExtraAttempt(0) } == [.granted, .granted, .granted, .refused])
        budget.extraAttemptEnded()
        #expect(budget.takeExtraAttempt(0) == .granted)
    }

    @Test func `beyond it, a share of the exchanges in progress`() {
        var budget = budget(percent: 20, minimum: 3)
        for _ in 0..<99 { budget.exchangeStarted(0) }
        #expect((0..<30).count { _ in budget.takeExtraAttempt(0) == .granted } == 19)
        for _ in 0..<50 { budget.exchangeEnded() }
        #expect(budget.takeExtraAttempt(0) == .refused)
        #expect(budget.exchanges == 49 && budget.extraAttempts == 19)
    }

    @Test func `nothing allowed is nothing`() {
        var budget = budget(percent: 0, minimum: 0)
        for _ in 0..<100 { budget.exchangeStarted(0) }
        #expect(budget.takeExtraAttempt(0) == .refused)
    }

    @Test func `attempts that fail at once do not multiply the load of an outage`() {
        var budget = budget(percent: 20, minimum: 3)
        var now: UInt64 = 0
        var granted = 0
        // A minute at 1,000 exchanges a second, all of which fail at once and are tried again at once, up to nine times.
        for _ in 0..<60_000 {
            now += Self.second / 1_000
            budget.exchangeStarted(now)
            for _ in 0..<9 where budget.takeExtraAttempt(now) == .granted {
                granted += 1
                budget.extraAttemptEnded()
            }
            budget.exchangeEnded()
        }
        #expect(granted <= 12_000 + 2_000 && granted > 9_000, "\(granted)")
    }

    @Test func `ending what never began ends the process`() async {
        await #expect(processExitsWith: .failure) {
            var budget = RetryBudget(RetryBudgetDeclaration())
            budget.extraAttemptEnded()
        }
        await #expect(processExitsWith: .failure) {
            var budget = RetryBudget(RetryBudgetDeclaration())
            budget.exchangeEnded()
        }
    }

    @Test func `neither bound is ever exceeded`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = FastRandom(seed: seed)
        for _ in 0..<30 {
            let percent = random.below(101)
            let minimum = random.below(6)
            var budget = budget(percent: percent, minimum: minimum)
            var begun: [UInt64] = []
            var extra: [UInt64] = []
            var now: UInt64 = 0
            for _ in 0..<2_000 {
                now += UInt64(random.below(100)) * 1_000_000
                switch random.below(5) {
                case 0, 1:
                    budget.exchangeStarted(now)
                    begun.append(now)
                case 2: if budget.exchanges > 0 { budget.exchangeEnded() }
                case 3: if budget.extraAttempts > 0 { budget.extraAttemptEnded() }
                default:
                    guard budget.takeExtraAttempt(now) == .granted else { continue }
                    extra.append(now)
                    #expect(budget.extraAttempts <= max(minimum, budget.exchanges * percent / 100), "seed \(seed)")
                    // The window may be up to a tenth shorter than ten seconds; the shorter one is the one that is surely kept.
                    let recent = extra.count { $0 + 9 * Self.second > now }
                    let allowed = max(minimum * 10, begun.count { $0 + 10 * Self.second >= now } * percent / 100)
                    #expect(recent <= allowed, "seed \(seed)")
                }
            }
        }
    }
}
