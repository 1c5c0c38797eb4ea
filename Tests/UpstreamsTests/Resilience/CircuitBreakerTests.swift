import Declarations
import Kernel
import Testing
import Upstreams

@Suite struct CircuitBreakerTests {
    private static let second: UInt64 = 1_000_000_000

    /// Admits and records at once; `nil` when refused.
    private func exchange(
        _ breaker: inout CircuitBreaker, _ outcome: CircuitBreaker.Outcome, at now: UInt64
    ) -> CircuitBreaker.Admission {
        let admission = breaker.admit(now)
        switch admission {
        case .admitted(let ticket), .probe(let ticket): breaker.record(outcome, ticket, now: now)
        case .refused: break
        }
        return admission
    }

    private func openBreaker(at now: UInt64) -> CircuitBreaker {
        var breaker = CircuitBreaker(BreakerDeclaration())
        for _ in 0..<20 { _ = exchange(&breaker, .gatewayFailure, at: now) }
        return breaker
    }

    @Test func `it opens at the share of failures, with enough exchanges`() {
        var breaker = CircuitBreaker(BreakerDeclaration())
        for _ in 0..<10 { _ = exchange(&breaker, .success, at: 1) }
        for _ in 0..<9 { _ = exchange(&breaker, .gatewayFailure, at: 1) }
        #expect(breaker.state == .closed)
        _ = exchange(&breaker, .gatewayFailure, at: 1)
        #expect(breaker.state == .open(until: 5 * Self.second + 1))
        #expect(breaker.openings == 1)
    }

    @Test func `neither broken off exchanges nor old ones count`() {
        var breaker = CircuitBreaker(BreakerDeclaration())
        for _ in 0..<100 { _ = exchange(&breaker, .abandoned, at: 1) }
        for _ in 0..<19 { _ = exchange(&breaker, .gatewayFailure, at: 1) }
        for _ in 0..<19 { _ = exchange(&breaker, .gatewayFailure, at: 11 * Self.second) }
        #expect(breaker.state == .closed)
    }

    @Test func `an open one refuses and says for how long`() {
        var breaker = openBreaker(at: Self.second)
        #expect(breaker.admit(Self.second) == .refused(retryAfterMilliseconds: 5_000))
        #expect(breaker.admit(Self.second + 1) == .refused(retryAfterMilliseconds: 5_000))
        #expect(breaker.admit(6 * Self.second - 1) == .refused(retryAfterMilliseconds: 1))
        guard case .probe = breaker.admit(6 * Self.second) else { return #expect(Bool(false)) }
        #expect(breaker.state == .halfOpen(wellProbed: 0))
    }

    @Test func `probes go one by one, and enough of them close it`() {
        var breaker = openBreaker(at: 0)
        for round in 0..<3 {
            #expect(breaker.state == (round == 0 ? .open(until: 5 * Self.second) : .halfOpen(wellProbed: round)))
            guard case .probe(let ticket) = breaker.admit(6 * Self.second) else { return #expect(Bool(false)) }
            #expect(ticket.isProbe)
            #expect(breaker.admit(6 * Self.second) == .refused(retryAfterMilliseconds: 5_000))
            breaker.record(.success, ticket, now: 6 * Self.second)
        }
        #expect(breaker.state == .closed)
        _ = exchange(&breaker, .gatewayFailure, at: 6 * Self.second)
        #expect(breaker.state == .closed, "failures of before are forgotten")
    }

    @Test func `one bad probe opens it again`() {
        var breaker = openBreaker(at: 0)
        _ = exchange(&breaker, .success, at: 5 * Self.second)
        _ = exchange(&breaker, .gatewayFailure, at: 5 * Self.second)
        #expect(breaker.state == .open(until: 10 * Self.second))
        #expect(breaker.openings == 2)
    }

    @Test func `a probe that is broken off makes room for the next`() {
        var breaker = openBreaker(at: 0)
        _ = exchange(&breaker, .abandoned, at: 5 * Self.second)
        guard case .probe = breaker.admit(5 * Self.second) else { return #expect(Bool(false)) }
    }

    @Test func `a probe that never reports costs one rest`() {
        var breaker = openBreaker(at: 0)
        _ = breaker.admit(5 * Self.second)
        #expect(breaker.admit(10 * Self.second - 1) == .refused(retryAfterMilliseconds: 1))
        guard case .probe = breaker.admit(10 * Self.second) else { return #expect(Bool(false)) }
    }

    @Test func `late reports of another time are ignored`() {
        var breaker = CircuitBreaker(BreakerDeclaration())
        guard case .admitted(let early) = breaker.admit(0) else { return #expect(Bool(false)) }
        for _ in 0..<20 { _ = exchange(&breaker, .gatewayFailure, at: 0) }
        breaker.record(.success, early, now: 1)
        #expect(breaker.state == .open(until: 5 * Self.second))
        guard case .probe(let probe) = breaker.admit(5 * Self.second) else { return #expect(Bool(false)) }
        breaker.record(.gatewayFailure, early, now: 5 * Self.second)
        #expect(breaker.state == .halfOpen(wellProbed: 0))
        breaker.record(.gatewayFailure, probe, now: 5 * Self.second)
        breaker.record(.gatewayFailure, probe, now: 9 * Self.second)
        #expect(breaker.state == .open(until: 10 * Self.second))
    }

    @Test func `random exchanges follow the rules of a model, and a healthy upstream always closes it`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = FastRandom(seed: seed)
        for _ in 0..<50 {
            var declaration = BreakerDeclaration()
            declaration.failurePercent = 1 + random.below(100)
            declaration.minimumRequests = 1 + random.below(30)
            declaration.probes = 1 + random.below(4)
            declaration.openMilliseconds = 1 + random.below(3_000)
            var breaker = CircuitBreaker(declaration)
            var tickets: [CircuitBreaker.Ticket] = []
            var now: UInt64 = 0
            for _ in 0..<2_000 {
                now += UInt64(random.below(20_000_000))
                let before = breaker.state
                if random.below(2) == 0 {
                    switch (before, breaker.admit(now)) {
                    case (.closed, .admitted(let ticket)), (.halfOpen, .probe(let ticket)): tickets.append(ticket)
                    case (.open(let until), .probe(let ticket)):
                        #expect(now >= until, "seed \(seed)")
                        tickets.append(ticket)
                    case (.open(let until), .refused(let wait)):
                        #expect(now < until && wait >= 1 && wait <= declaration.openMilliseconds, "seed \(seed)")
                    case (.halfOpen, .refused(let wait)):
                        #expect(wait >= 1 && wait <= declaration.openMilliseconds, "seed \(seed)")
                    default: #expect(Bool(false), "seed \(seed)")
                    }
                } else if !tickets.isEmpty {
                    let ticket = tickets.remove(at: random.below(tickets.count))
                    let outcome: CircuitBreaker.Outcome =
                        random.below(10) == 0 ? .abandoned : random.below(2) == 0 ? .success : .gatewayFailure
                    breaker.record(outcome, ticket, now: now)
                }
            }
            for _ in 0..<(declaration.probes + 1) {
                now += UInt64(declaration.openMilliseconds) * 1_000_000
                _ = exchange(&breaker, .success, at: now)
            }
            #expect(breaker.state == .closed, "seed \(seed)")
        }
    }
}
