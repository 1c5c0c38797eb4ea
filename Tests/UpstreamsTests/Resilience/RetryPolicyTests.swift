import Declarations
import Kernel
import Testing
import Upstreams

@Suite struct RetryPolicyTests {
    private let seed = UInt64.random(in: 0...UInt64.max)

    private func situation(
        attempts: Int = 1, idempotent: Bool = true, sent: Bool = true, holds: Bool = true, deadline: UInt64 = 0
    ) -> RetrySituation {
        RetrySituation(
            attempts: attempts, isIdempotent: idempotent, sentBytes: sent, holdsWholeRequest: holds, deadline: deadline)
    }

    private func decide(
        _ failure: AttemptFailure, _ situation: RetrySituation, now: UInt64 = 0, budgetMinimum: Int = 3,
        _ adjust: (inout RetryDeclaration) -> Void = { _ in }
    ) -> RetryDecision {
        var declaration = RetryDeclaration()
        declaration.onTimeout = true
        declaration.onStatuses = [502, 503]
        adjust(&declaration)
        var budgetDeclaration = RetryBudgetDeclaration()
        budgetDeclaration.minimum = budgetMinimum
        var budget = RetryBudget(budgetDeclaration)
        budget.exchangeStarted(now)
        var random = FastRandom(seed: seed)
        let decision = RetryPolicy(declaration).afterFailure(
            failure, situation, now: now, budget: &budget, random: &random)
        if case .again = decision { #expect(budget.extraAttempts == 1) } else { #expect(budget.extraAttempts == 0) }
        return decision
    }

    private func isAgain(_ decision: RetryDecision) -> Bool { if case .again = decision { true } else { false } }

    @Test(arguments: [
        AttemptFailure.connectFailed, .reset, .timedOut, .refusedUnprocessed, .status(503, retryAfterMilliseconds: nil),
    ])
    func `what is idempotent is sent again after any failure`(failure: AttemptFailure) {
        #expect(isAgain(decide(failure, situation())))
    }

    @Test(arguments: [
        (AttemptFailure.connectFailed, false, true), (.reset, false, true), (.timedOut, false, true),
        (.reset, true, false), (.timedOut, true, false), (.connectFailed, true, false),
        (.refusedUnprocessed, true, true), (.status(503, retryAfterMilliseconds: nil), true, false),
        (.status(503, retryAfterMilliseconds: nil), false, false),
    ])
    func `what is not idempotent is sent again only if the origin cannot have begun with it`(
        failure: AttemptFailure, sent: Bool, isAllowed: Bool
    ) {
        let decision = decide(failure, situation(idempotent: false, sent: sent))
        #expect(isAllowed ? isAgain(decision) : decision == .giveUp(.notSafe))
    }

    @Test func `a body that is no longer held cannot be sent again`() {
        #expect(decide(.connectFailed, situation(holds: false)) == .giveUp(.requestNotHeld))
    }

    @Test func `each cause has its switch`() {
        #expect(decide(.connectFailed, situation()) { $0.onConnectFailure = false } == .giveUp(.notConfigured))
        #expect(decide(.reset, situation()) { $0.onReset = false } == .giveUp(.notConfigured))
        #expect(decide(.refusedUnprocessed, situation()) { $0.onReset = false } == .giveUp(.notConfigured))
        #expect(decide(.timedOut, situation()) { $0.onTimeout = false } == .giveUp(.notConfigured))
        #expect(decide(.status(504, retryAfterMilliseconds: nil), situation()) == .giveUp(.notConfigured))
    }

    @Test func `attempts are counted with the first`() {
        #expect(decide(.reset, situation(attempts: 2)) == .giveUp(.attemptsUsedUp))
        #expect(isAgain(decide(.reset, situation(attempts: 2)) { $0.attempts = 3 }))
        #expect(decide(.reset, situation()) { $0.attempts = 1 } == .giveUp(.attemptsUsedUp))
    }

    @Test func `the wait doubles up to its maximum and is drawn between half and all of it`() {
        var random = FastRandom(seed: seed)
        var declaration = RetryDeclaration()
        declaration.attempts = 100
        let policy = RetryPolicy(declaration)
        for (attempts, most) in [(1, 25), (2, 50), (3, 100), (4, 200), (5, 250), (60, 250)] {
            var waits: Set<Int> = []
            for _ in 0..<2_000 {
                var budget = RetryBudget(RetryBudgetDeclaration())
                let decision = policy.afterFailure(
                    .reset, situation(attempts: attempts), now: 0, budget: &budget, random: &random)
                if case .again(let wait) = decision { waits.insert(wait) }
            }
            #expect(waits.min() == most / 2 && waits.max() == most, "seed \(seed)")
        }
    }

    @Test func `no back-off is no wait`() {
        #expect(decide(.reset, situation()) { $0.backOffMilliseconds = 0 } == .again(afterMilliseconds: 0))
    }

    @Test func `Retry-After is waited for, unless it is too long`() {
        #expect(decide(.status(503, retryAfterMilliseconds: 1_000), situation()) == .again(afterMilliseconds: 1_000))
        #expect(decide(.status(503, retryAfterMilliseconds: 1_001), situation()) == .giveUp(.retryAfterTooLong))
        guard case .again(let wait) = decide(.status(503, retryAfterMilliseconds: 0), situation()) else {
            return #expect(Bool(false))
        }
        #expect(wait >= 12, "the own wait still holds")
    }

    @Test func `nothing begins at or after the deadline`() {
        let now: UInt64 = 1_000_000_000
        let late = situation(deadline: now + 25_000_000)
        let decision = decide(.status(503, retryAfterMilliseconds: 25), late, now: now)
        #expect(decision == .giveUp(.deadline))
        #expect(isAgain(decide(.reset, situation(deadline: now + 26_000_000), now: now)))
    }

    @Test func `an empty budget ends it`() {
        #expect(decide(.reset, situation(), budgetMinimum: 0) == .giveUp(.budget))
    }

    @Test func `every refusal has a word of its own`() {
        #expect(Set(RetryRefusal.allCases.map(\.word.description)).count == RetryRefusal.allCases.count)
    }
}
