import Declarations
import Testing
import Upstreams

@Suite struct HealthMachineTests {
    private static let second: UInt64 = 1_000_000_000

    private func machine(
        _ count: Int, active: Bool = false, _ adjust: (inout PassiveHealthDeclaration) -> Void = { _ in }
    ) -> HealthMachine {
        HealthMachine(declaration(active: active, adjust), endpoints: names(count))
    }

    private func declaration(
        active: Bool, _ adjust: (inout PassiveHealthDeclaration) -> Void = { _ in }
    ) -> HealthDeclaration {
        var declaration = HealthDeclaration()
        var passive = PassiveHealthDeclaration()
        adjust(&passive)
        declaration.passive = passive
        if active { declaration.active = ActiveHealthDeclaration(path: "/health") }
        return declaration
    }

    private func names(_ count: Int) -> [String] { (0..<count).map { "e\($0)" } }

    private func failures(_ count: Int, inRow: Int? = nil, of exchanges: Int? = nil) -> PassiveReport {
        PassiveReport(exchanges: exchanges ?? count, gatewayFailures: count, consecutiveFailures: inRow ?? count)
    }

    private let success = PassiveReport(exchanges: 1, gatewayFailures: 0, consecutiveFailures: 0)

    private func kinds(_ machine: HealthMachine) -> String {
        machine.endpoints.map { machine.health(of: $0)?.word.description.prefix(1) ?? "?" }.joined()
    }

    // MARK: - Exchanges

    @Test func `enough failures in a row eject, and the change says why`() {
        var machine = machine(3)
        machine.passiveReport("e1", failures(4), now: Self.second)
        #expect(machine.health(of: "e1") == .available)
        machine.passiveReport("e1", failures(1, inRow: 5), now: Self.second)
        let ejected = EndpointHealth.ejected(
            until: 31 * Self.second, reason: "5 gateway failures in a row", times: 1)
        #expect(machine.health(of: "e1") == ejected)
        #expect(
            machine.takeChanges() == [
                HealthChange(endpoint: "e1", from: .available, to: ejected, reason: "5 gateway failures in a row")
            ])
        #expect(machine.takeChanges().isEmpty)
        #expect(machine.availableCount == 2)
    }

    @Test func `failures on several shards add up unless one saw a success`() {
        var machine = machine(3)
        machine.passiveReport("e0", failures(3), now: 1)
        machine.passiveReport("e0", failures(2), now: 2)
        #expect(kinds(machine) == "eaa")
        machine.passiveReport("e1", failures(3), now: 3)
        machine.passiveReport("e1", success, now: 4)
        machine.passiveReport("e1", failures(3), now: 5)
        // Of four exchanges the last failed; with the three of another shard it would be one too few.
        machine.passiveReport("e1", failures(3, inRow: 1, of: 4), now: 6)
        machine.passiveReport("e1", failures(3), now: 7)
        #expect(machine.health(of: "e1") == .available)
    }

    @Test func `a share of failures ejects when there were enough exchanges`() {
        var machine = machine(3) {
            $0.consecutiveFailures = 0
            $0.failurePercent = 30
        }
        machine.passiveReport("e0", failures(9, of: 19), now: 1)
        #expect(kinds(machine) == "aaa")
        machine.passiveReport("e0", success, now: 2)
        #expect(kinds(machine) == "eaa", "9 of 20")
        machine.passiveReport("e1", failures(29, of: 100), now: 3)
        #expect(kinds(machine) == "eaa")
        machine.passiveReport("e1", failures(100), now: 60 * Self.second)
        #expect(machine.health(of: "e1")?.word.description == "available", "the bound of ejected endpoints")
        machine.passiveReport("e2", failures(10, of: 20), now: 60 * Self.second)
        _ = machine.advance(60 * Self.second)
        machine.passiveReport("e2", success, now: 61 * Self.second)
        #expect(kinds(machine) == "aae")
    }

    @Test func `what lies before the window does not count`() {
        var machine = machine(2) {
            $0.consecutiveFailures = 0
            $0.failurePercent = 50
        }
        machine.passiveReport("e0", failures(15), now: Self.second)
        machine.passiveReport("e0", failures(15), now: 12 * Self.second)
        #expect(kinds(machine) == "aa")
        machine.passiveReport("e0", failures(5), now: 13 * Self.second)
        #expect(kinds(machine) == "ea")
    }

    @Test func `an ejection ends with its time, and later ones last longer`() {
        var machine = machine(2)
        var now = Self.second
        for length: UInt64 in [30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300] {
            machine.passiveReport("e0", failures(5), now: now)
            #expect(machine.advance(now) == now + length * Self.second)
            #expect(machine.advance(now + length * Self.second - 1) == now + length * Self.second)
            now += length * Self.second
            #expect(machine.advance(now) == nil)
            #expect(kinds(machine) == "aa")
        }
        #expect(machine.takeChanges().last?.reason == "the ejection is over")
    }

    @Test func `ejections are forgiven with time`() {
        var machine = machine(2)
        var now = Self.second
        for _ in 0..<4 {
            machine.passiveReport("e0", failures(5), now: now)
            now += 400 * Self.second
            _ = machine.advance(now)
        }
        // Forgiven in part: every 30 s take one away.
        machine.passiveReport("e0", failures(5), now: now)
        _ = machine.advance(now + 400 * Self.second)
        let returned = now + 400 * Self.second
        machine.passiveReport("e0", failures(5), now: returned + Self.second)
        guard case .ejected(_, _, let soon)? = machine.health(of: "e0") else { return #expect(Bool(false)) }
        _ = machine.advance(returned + 1_000 * Self.second)
        machine.passiveReport("e0", failures(5), now: returned + 1_060 * Self.second)
        guard case .ejected(_, _, let later)? = machine.health(of: "e0") else { return #expect(Bool(false)) }
        _ = machine.advance(returned + 2_000 * Self.second)
        machine.passiveReport("e0", failures(5), now: returned + 9_000 * Self.second)
        guard case .ejected(_, _, let last)? = machine.health(of: "e0") else { return #expect(Bool(false)) }
        #expect(later == soon - 2 + 1 && last == 1)
    }

    @Test func `exchanges that began before an ejection do not lengthen it`() {
        var machine = machine(2)
        machine.passiveReport("e0", failures(5), now: 1)
        let before = machine.health(of: "e0")
        machine.passiveReport("e0", failures(50), now: 2)
        #expect(machine.health(of: "e0") == before)
        _ = machine.advance(100 * Self.second)
        machine.passiveReport("e0", failures(4), now: 100 * Self.second)
        #expect(kinds(machine) == "aa", "it begins anew")
    }

    @Test(arguments: [
        (1, 50, 0), (1, 100, 1), (2, 0, 1), (2, 50, 1), (3, 50, 1), (4, 50, 2), (10, 10, 1), (10, 100, 10),
    ])
    func `so many may be ejected at a time`(count: Int, percent: Int, expected: Int) {
        var machine = machine(count) { $0.ejectedPercentMax = percent }
        for endpoint in names(count) { machine.passiveReport(endpoint, failures(9), now: 1) }
        #expect(machine.availableCount == count - expected)
    }

    // MARK: - Checks

    @Test func `checks need several results in a row, both ways`() {
        var machine = machine(2, active: true)
        for _ in 0..<2 { machine.activeResult("e0", passed: false, reason: "refused", now: 1) }
        machine.activeResult("e0", passed: true, reason: "", now: 1)
        for _ in 0..<2 { machine.activeResult("e0", passed: false, reason: "refused", now: 1) }
        #expect(kinds(machine) == "aa")
        machine.activeResult("e0", passed: false, reason: "timed out", now: 1)
        #expect(machine.health(of: "e0") == .unhealthy(reason: "timed out"))
        #expect(machine.takeChanges().map(\.reason) == ["3 failed checks in a row, the last: timed out"])
        machine.activeResult("e0", passed: true, reason: "", now: 1)
        machine.activeResult("e0", passed: false, reason: "status 500", now: 1)
        machine.activeResult("e0", passed: true, reason: "", now: 1)
        #expect(machine.health(of: "e0") == .unhealthy(reason: "status 500"))
        machine.activeResult("e0", passed: true, reason: "", now: 1)
        #expect(machine.health(of: "e0") == .available)
        #expect(machine.takeChanges().map(\.reason) == ["2 good checks in a row"])
    }

    @Test func `checks that pass after an ejection end it`() {
        var machine = machine(2, active: true)
        machine.activeResult("e0", passed: true, reason: "", now: 0)
        machine.passiveReport("e0", failures(5), now: 1)
        machine.activeResult("e0", passed: true, reason: "", now: 2)
        #expect(kinds(machine) == "ea", "the check before the ejection does not count")
        machine.activeResult("e0", passed: true, reason: "", now: 3)
        #expect(kinds(machine) == "aa")
        machine.passiveReport("e1", failures(5), now: 4)
        #expect(kinds(machine) == "ae", "and makes room for another")
    }

    @Test func `an endpoint that is both ejected and unhealthy needs both to end`() {
        var machine = machine(2, active: true)
        machine.passiveReport("e0", failures(5), now: 1)
        for _ in 0..<3 { machine.activeResult("e0", passed: false, reason: "refused", now: 2) }
        #expect(machine.health(of: "e0") == .unhealthy(reason: "refused"))
        #expect(machine.advance(31 * Self.second) == nil)
        #expect(machine.health(of: "e0") == .unhealthy(reason: "refused"))
        for _ in 0..<2 { machine.activeResult("e0", passed: true, reason: "", now: 40 * Self.second) }
        #expect(kinds(machine) == "aa")
        #expect(
            machine.takeChanges().map { "\($0.from.word)>\($0.to.word)" } == [
                "available>ejected", "ejected>unhealthy", "unhealthy>available",
            ])
    }

    @Test func `results and reports nobody asked for are ignored`() {
        var silent = HealthDeclaration()
        silent.passive = nil
        var machine = HealthMachine(silent, endpoints: ["a"])
        for _ in 0..<9 { machine.activeResult("a", passed: false, reason: "", now: 1) }
        machine.passiveReport("a", failures(99), now: 1)
        machine.passiveReport("b", failures(99), now: 1)
        machine.activeResult("b", passed: false, reason: "", now: 1)
        #expect(machine.health(of: "a") == .available && machine.health(of: "b") == nil)
        #expect(machine.takeChanges().isEmpty)
    }

    // MARK: - The list

    @Test func `endpoints that stay keep their state`() {
        var machine = machine(4, active: true)
        machine.passiveReport("e1", failures(5), now: 1)
        for _ in 0..<3 { machine.activeResult("e2", passed: false, reason: "x", now: 1) }
        machine.passiveReport("e3", failures(4), now: 1)
        _ = machine.takeChanges()
        machine.replaceEndpoints(["new", "e3", "e2", "e1", "e1"], now: 2)
        #expect(machine.endpoints == ["new", "e3", "e2", "e1"])
        #expect(kinds(machine) == "aaue")
        #expect(machine.takeChanges().isEmpty)
        machine.passiveReport("e3", failures(1), now: 3)
        #expect(kinds(machine) == "aeue", "its row of failures was kept as well")
        machine.replaceEndpoints([], now: 4)
        #expect(machine.advance(5) == nil && machine.availableCount == 0)
    }

    @Test func `a shorter list lets those come back that would be first`() {
        var machine = machine(4) { $0.ejectedPercentMax = 50 }
        machine.passiveReport("e0", failures(5), now: 2)
        machine.passiveReport("e1", failures(5), now: 1)
        machine.replaceEndpoints(["e0", "e1"], now: 3)
        #expect(kinds(machine) == "ea")
        machine.replaceEndpoints(["e0"], now: 4)
        #expect(kinds(machine) == "a")
    }

    @Test func `without a judge the sentence ends`() {
        var machine = machine(4, active: true)
        machine.passiveReport("e0", failures(5), now: 1)
        for _ in 0..<3 { machine.activeResult("e1", passed: false, reason: "x", now: 1) }
        var silent = HealthDeclaration()
        silent.passive = nil
        machine.replaceEndpoints(names(4), declaration: silent, now: 2)
        #expect(kinds(machine) == "aaaa")
    }
}
