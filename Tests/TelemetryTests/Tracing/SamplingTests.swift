import HTTPModel
import Kernel
import Telemetry
import Testing
import TraceContext

@Suite struct SamplingTests {
    private func policy(
        rate: Double = 0, caller: CallerRule = .follow, tail: TailRules = TailRules()
    ) -> SamplingPolicy {
        var policy = SamplingPolicy()
        policy.rate = SamplingRate(rate)
        policy.caller = caller
        policy.tail = tail
        return policy
    }

    // MARK: - The rate

    @Test func `the rate's ends keep nothing and everything`() {
        for low: UInt64 in [0, 1, 1 << 56 - 1, 1 << 56, .max] {
            #expect(!SamplingRate.none.keeps(traceIDLow: low))
            #expect(SamplingRate.all.keeps(traceIDLow: low))
        }
        #expect(SamplingRate(-3) == .none && SamplingRate(.nan) == .none && SamplingRate(-0.0) == .none)
        #expect(SamplingRate(7) == .all && SamplingRate(.infinity) == .all)
    }

    @Test(arguments: [0.5, 0.1, 0.01, 0.999])
    func `a rate keeps its share of random ids`(rate: Double) {
        var random = FastRandom(seed: 11)
        let total = 200_000
        let sampler = SamplingRate(rate)
        var kept = 0
        for _ in 0..<total where sampler.keeps(traceIDLow: random.next()) { kept += 1 }
        let deviation = (Double(total) * rate * (1 - rate)).squareRoot()
        #expect((Double(kept) - Double(total) * rate).magnitude < 5 * deviation)
    }

    @Test func `a higher rate keeps all that a lower one keeps, and the upper bits do not matter`() {
        var random = FastRandom(seed: 12)
        for _ in 0..<10_000 {
            let low = random.next()
            if SamplingRate(0.2).keeps(traceIDLow: low) { #expect(SamplingRate(0.3).keeps(traceIDLow: low)) }
            #expect(
                SamplingRate(0.3).keeps(traceIDLow: low)
                    == SamplingRate(0.3).keeps(traceIDLow: low & (1 << 56 - 1) | 0xAB << 56))
        }
    }

    @Test func `half of the ids begins where OpenTelemetry lets it begin`() {
        #expect(!SamplingRate(0.5).keeps(traceIDLow: 1 << 55 - 1))
        #expect(SamplingRate(0.5).keeps(traceIDLow: 1 << 55))
    }

    // MARK: - The head

    @Test(arguments: [
        (SamplingState.accept, CallerRule.follow, HeadDecision.kept(.caller), SamplingState.accept),
        (.debug, .follow, .kept(.debug), .debug), (.deny, .follow, .dropped, .deny),
        (.deferred, .follow, .undecided, .deny),
        (.accept, .followIDs, .undecided, .deny), (.debug, .followIDs, .undecided, .deny),
        (.deny, .followIDs, .undecided, .deny), (.deferred, .followIDs, .undecided, .deny),
        (.accept, .ignore, .undecided, .deny), (.deny, .ignore, .undecided, .deny),
    ])
    func `the caller is followed as far as the policy says, and only the tail decides on the rest`(
        caller: SamplingState, rule: CallerRule, expected: HeadDecision, propagated: SamplingState
    ) {
        let policy = policy(caller: rule, tail: .standard)
        let decision = SamplingDecision.head(caller: caller, traceIDLow: .max, policy: policy)
        #expect(decision == expected)
        #expect(decision.propagated == propagated)
        #expect(decision.collectsSpans == (expected != .dropped))
    }

    @Test func `what the rate keeps is accepted, and without tail rules the rest is dropped`() {
        let half = policy(rate: 0.5)
        #expect(SamplingDecision.head(caller: .deferred, traceIDLow: 1 << 55, policy: half) == .kept(.rate))
        #expect(HeadDecision.kept(.rate).propagated == .accept)
        #expect(SamplingDecision.head(caller: .deferred, traceIDLow: 0, policy: half) == .dropped)
        for rule in [CallerRule.follow, .followIDs] {
            let all = policy(rate: 1, caller: rule)
            #expect(SamplingDecision.head(caller: .deny, traceIDLow: .max, policy: all) == .dropped)
        }
    }

    // MARK: - The tail

    private func facts(
        failed: Bool = false, attempts: Int = 1, limited: Bool = false, milliseconds: UInt64 = 1
    ) -> ExchangeFacts {
        ExchangeFacts(
            isFailed: failed, attempts: attempts, isLimited: limited, durationNanoseconds: milliseconds * 1_000_000)
    }

    @Test func `the tail keeps what is out of the ordinary`() {
        let policy = policy(tail: .standard)
        #expect(SamplingDecision.tail(.undecided, facts(), policy: policy) == nil)
        #expect(SamplingDecision.tail(.undecided, facts(failed: true, attempts: 3), policy: policy) == .failed)
        #expect(SamplingDecision.tail(.undecided, facts(limited: true), policy: policy) == .limited)
        #expect(SamplingDecision.tail(.undecided, facts(failed: true, limited: true), policy: policy) == .limited)
        #expect(SamplingDecision.tail(.undecided, facts(attempts: 2), policy: policy) == .retried)
        #expect(SamplingDecision.tail(.undecided, facts(milliseconds: 1_001), policy: policy) == .slow)
        #expect(SamplingDecision.tail(.undecided, facts(milliseconds: 1_000), policy: policy) == nil)
    }

    @Test(
        arguments: [
            (200, nil, false, false), (404, .routeNotFound, false, false), (400, .badRequest, false, false),
            (0, .downstreamClosed, false, false), (499, nil, false, false), (429, nil, false, true),
            (500, nil, true, false), (503, nil, true, false), (502, .connectFailed, true, false),
            (200, .upstreamBodyBroken, true, false), (503, .circuitOpen, true, true), (503, .queueTimeout, true, true),
            (503, .poolExhausted, true, true), (503, .overloaded, true, true), (503, .noEndpoint, true, false),
        ] as [(Int, GatewayError?, Bool, Bool)])
    func `what failed and what was limited follows from the end`(
        status: Int, error: GatewayError?, isFailed: Bool, isLimited: Bool
    ) {
        let facts = ExchangeFacts(status: status, error: error, attempts: 1, durationNanoseconds: 5)
        #expect(
            facts
                == ExchangeFacts(isFailed: isFailed, attempts: 1, isLimited: isLimited, durationNanoseconds: 5))
    }

    @Test func `each rule can stand alone`() {
        let odd = facts(failed: true, attempts: 2, limited: true, milliseconds: 60_000)
        var rules = TailRules()
        #expect(rules.isEmpty)
        #expect(SamplingDecision.tail(.undecided, odd, policy: policy(tail: rules)) == nil)
        rules.keepsRetried = true
        #expect(SamplingDecision.tail(.undecided, odd, policy: policy(tail: rules)) == .retried)
        rules = TailRules()
        rules.slowNanoseconds = 0
        #expect(!rules.isEmpty)
        #expect(SamplingDecision.tail(.undecided, odd, policy: policy(tail: rules)) == .slow)
    }

    @Test func `the tail changes nothing that the head has decided`() {
        let policy = policy(tail: .standard)
        #expect(SamplingDecision.tail(.dropped, facts(failed: true), policy: policy) == nil)
        for reason in KeepReason.allCases {
            #expect(SamplingDecision.tail(.kept(reason), facts(failed: true), policy: policy) == reason)
        }
    }

    @Test func `a route changes only what it names`() {
        var route = RouteSampling()
        let whole = policy(rate: 0.5, caller: .followIDs, tail: .standard)
        #expect(whole.overridden(by: route) == whole)
        route.rate = SamplingRate.none
        #expect(whole.overridden(by: route) == policy(caller: .followIDs, tail: .standard))
        route.tail = TailRules()
        route.caller = .ignore
        #expect(whole.overridden(by: route) == policy(caller: .ignore))
    }

    // MARK: - The start

    private var caller: TraceExtraction {
        var extraction = TraceExtraction()
        extraction.context = SpanContext(
            traceIDHigh: 5, traceIDLow: 6, spanID: 7, parentSpanID: 8, sampling: .accept)
        extraction.sampling = .accept
        return extraction
    }

    @Test func `a trace is continued below the caller's span`() {
        var random = FastRandom(seed: 1)
        let start = TraceStart(caller, policy: policy(), random: &random)
        #expect(start.head == .kept(.caller))
        #expect(start.context.traceIDHigh == 5 && start.context.traceIDLow == 6)
        #expect(start.context.parentSpanID == 7 && start.context.spanID != 7)
        #expect(start.context.sampling == .accept)
    }

    @Test func `a trace begins where there is none, and where the caller is ignored`() {
        var random = FastRandom(seed: 2)
        for (extraction, rule) in [(TraceExtraction(), CallerRule.follow), (caller, .ignore)] {
            let start = TraceStart(extraction, policy: policy(caller: rule), random: &random)
            #expect(start.context.parentSpanID == 0 && start.context.traceIDLow != 6)
            #expect(start.context.isTraceIDRandom)
            #expect(start.head == .dropped && start.context.sampling == .deny)
        }
    }

    @Test func `a decision without ids counts for the new trace`() {
        var random = FastRandom(seed: 3)
        var extraction = TraceExtraction()
        extraction.sampling = .debug
        let start = TraceStart(extraction, policy: policy(), random: &random)
        #expect(start.head == .kept(.debug) && start.context.sampling == .debug)
        #expect(start.context.parentSpanID == 0)
    }

    @Test func `a stranger's trace is continued, its wish to be recorded is not granted`() {
        var random = FastRandom(seed: 4)
        let start = TraceStart(caller, policy: policy(caller: .followIDs, tail: .standard), random: &random)
        #expect(start.context.traceIDLow == 6)
        #expect(start.head == .undecided && start.context.sampling == .deny)
    }
}
