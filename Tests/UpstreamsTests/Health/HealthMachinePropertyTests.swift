import Declarations
import Kernel
import Testing
import Upstreams

@Suite struct HealthMachinePropertyTests {
    @Test func `whatever happens, no more are ejected than may be, and the changes tell all`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = FastRandom(seed: seed)
        for _ in 0..<60 {
            var declaration = HealthDeclaration()
            var passive = PassiveHealthDeclaration()
            passive.ejectedPercentMax = random.below(101)
            passive.consecutiveFailures = random.below(4)
            passive.failurePercent = random.below(100)
            passive.minimumRequests = random.below(20)
            passive.ejectMilliseconds = 1 + random.below(3_000)
            declaration.passive = passive
            if random.below(2) == 0 { declaration.active = ActiveHealthDeclaration(path: "/") }
            var list = (0..<(1 + random.below(10))).map { "e\($0)" }
            var machine = HealthMachine(declaration, endpoints: list)
            var told: [String: EndpointHealth] = [:]
            var now: UInt64 = 0
            for _ in 0..<300 {
                now += UInt64(random.below(500)) * 1_000_000
                let endpoint = "e\(random.below(11))"
                switch random.below(10) {
                case 0:
                    list = (0..<11).map { "e\($0)" }.filter { _ in random.below(2) == 0 }
                    machine.replaceEndpoints(list, now: now)
                    told = told.filter { list.contains($0.key) }
                case 1, 2:
                    machine.activeResult(endpoint, passed: random.below(2) == 0, reason: "chance", now: now)
                case 3:
                    if let next = machine.advance(now) { #expect(next > now, "seed \(seed)") }
                default:
                    let exchanges = 1 + random.below(10)
                    let failed = random.below(exchanges + 1)
                    machine.passiveReport(
                        endpoint,
                        PassiveReport(
                            exchanges: exchanges, gatewayFailures: failed,
                            consecutiveFailures: failed == exchanges
                                ? failed + random.below(3) : random.below(failed + 1)),
                        now: now)
                }
                for change in machine.takeChanges() {
                    #expect(
                        (told[change.endpoint] ?? .available).word.description == change.from.word.description,
                        "seed \(seed)")
                    told[change.endpoint] = change.to
                }
                check(machine, told, passive, seed)
            }
        }
    }

    private func check(
        _ machine: HealthMachine, _ told: [String: EndpointHealth], _ passive: PassiveHealthDeclaration, _ seed: UInt64
    ) {
        var ejected = 0
        for endpoint in machine.endpoints {
            guard let health = machine.health(of: endpoint) else { return #expect(Bool(false), "seed \(seed)") }
            if case .ejected = health { ejected += 1 }
            #expect((told[endpoint] ?? .available).word.description == health.word.description, "seed \(seed)")
        }
        let count = machine.endpoints.count
        let share = count * passive.ejectedPercentMax / 100
        #expect(ejected <= (count >= 2 ? max(1, share) : share), "seed \(seed)")
    }
}
