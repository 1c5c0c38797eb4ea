import Declarations
import Testing
import Upstreams

@Suite struct PassiveTallyTests {
    private static let millisecond: UInt64 = 1_000_000

    @Test func `there is nothing to report before something happened`() {
        #expect(PassiveTally(PassiveHealthDeclaration()).dueAt == .max)
    }

    @Test func `failures are due soon, successes later`() {
        var tally = PassiveTally(PassiveHealthDeclaration())
        tally.succeeded(5 * Self.millisecond)
        #expect(tally.dueAt == 1_005 * Self.millisecond)
        tally.succeeded(6 * Self.millisecond)
        #expect(tally.dueAt == 1_005 * Self.millisecond)
        #expect(tally.failed(7 * Self.millisecond) == .later)
        #expect(tally.dueAt == 107 * Self.millisecond)
        #expect(tally.failed(50 * Self.millisecond) == .later)
        #expect(tally.dueAt == 107 * Self.millisecond)
        #expect(tally.takeReport() == PassiveReport(exchanges: 4, gatewayFailures: 2, consecutiveFailures: 2))
        #expect(tally.dueAt == .max)
    }

    @Test func `enough failures in a row are told at once, and again after as many`() {
        var tally = PassiveTally(PassiveHealthDeclaration())
        for _ in 0..<3 { #expect(tally.failed(1) == .later) }
        _ = tally.takeReport()
        #expect(tally.failed(2) == .later)
        #expect(tally.failed(3) == .atOnce)
        #expect(tally.dueAt == 3)
        #expect(tally.takeReport() == PassiveReport(exchanges: 2, gatewayFailures: 2, consecutiveFailures: 5))
        for _ in 0..<4 { #expect(tally.failed(4) == .later) }
        #expect(tally.failed(4) == .atOnce)
    }

    @Test func `a success breaks the row`() {
        var tally = PassiveTally(PassiveHealthDeclaration())
        for _ in 0..<50 {
            for _ in 0..<4 { #expect(tally.failed(1) == .later) }
            tally.succeeded(1)
        }
        #expect(tally.takeReport() == PassiveReport(exchanges: 250, gatewayFailures: 200, consecutiveFailures: 0))
    }

    @Test func `where rows are not judged nothing is urgent`() {
        var declaration = PassiveHealthDeclaration()
        declaration.consecutiveFailures = 0
        var tally = PassiveTally(declaration)
        for _ in 0..<100 { #expect(tally.failed(1) == .later) }
        #expect(tally.takeReport().consecutiveFailures == 100)
    }

    @Test func `cleared, it knows nothing`() {
        var tally = PassiveTally(PassiveHealthDeclaration())
        for _ in 0..<4 { _ = tally.failed(1) }
        tally.clear()
        #expect(tally.dueAt == .max)
        #expect(tally.failed(2) == .later)
        #expect(tally.takeReport() == PassiveReport(exchanges: 1, gatewayFailures: 1, consecutiveFailures: 1))
    }
}
