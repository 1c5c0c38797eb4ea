import Declarations
import Kernel
import Testing
import Upstreams

@Suite struct ActiveCheckScheduleTests {
    private let seed = UInt64.random(in: 0...UInt64.max)
    private static let interval: UInt64 = 5_000_000_000

    private func names(_ count: Int) -> [String] { (0..<count).map { "e\($0)" } }

    /// Runs simulated time up to `end`; each check takes `taking`. Returns the times of the checks by endpoint.
    private func run(
        _ schedule: inout ActiveCheckSchedule, from start: UInt64, to end: UInt64, taking: UInt64 = 0,
        _ random: inout FastRandom
    ) -> [String: [UInt64]] {
        var times: [String: [UInt64]] = [:]
        var running: [(String, UInt64)] = []
        var now = start
        while now < end {
            for (endpoint, ends) in running where ends <= now { schedule.checkEnded(endpoint) }
            running.removeAll { $0.1 <= now }
            for endpoint in schedule.takeDue(now, random: &random) {
                times[endpoint, default: []].append(now)
                running.append((endpoint, now + taking))
            }
            let nextEnd = running.map(\.1).min() ?? .max
            now = max(now + 1, min(schedule.nextDueAt ?? .max, nextEnd, end))
        }
        return times
    }

    @Test func `first checks are spread over the interval`() {
        var random = FastRandom(seed: seed)
        var schedule = ActiveCheckSchedule(
            ActiveHealthDeclaration(path: "/"), endpoints: names(10), now: 7, random: &random)
        let times = run(&schedule, from: 7, to: 7 + Self.interval, taking: 1, &random)
        #expect(times.count == 10)
        // One in each tenth.
        let tenths = times.values.map { ($0[0] - 7) * 10 / Self.interval }
        #expect(Set(tenths).count == 10, "seed \(seed)")
    }

    @Test func `checks follow each other by the interval, give or take a tenth`() {
        var random = FastRandom(seed: seed)
        var schedule = ActiveCheckSchedule(
            ActiveHealthDeclaration(path: "/"), endpoints: names(3), now: 0, random: &random)
        let times = run(&schedule, from: 0, to: 200 * Self.interval, taking: 1_000, &random)
        for list in times.values {
            let gaps = zip(list.dropFirst(), list).map { $0 - $1 }
            #expect(
                gaps.allSatisfy { $0 >= Self.interval * 9 / 10 && $0 <= Self.interval * 11 / 10 + 1 }, "seed \(seed)")
            #expect(Set(gaps).count > 100, "seed \(seed)")
            #expect(abs(list.count - 200) < 10, "seed \(seed)")
        }
    }

    @Test func `a check that takes long is not overtaken`() {
        var random = FastRandom(seed: seed)
        var schedule = ActiveCheckSchedule(
            ActiveHealthDeclaration(path: "/"), endpoints: ["a"], now: 0, random: &random)
        let taking = Self.interval * 3
        let times = run(&schedule, from: 0, to: 100 * Self.interval, taking: taking, &random)["a"] ?? []
        #expect(times.count >= 30)
        #expect(zip(times.dropFirst(), times).allSatisfy { $0 - $1 >= taking }, "seed \(seed)")
    }

    @Test func `after a stall there is no volley`() {
        var random = FastRandom(seed: seed)
        var schedule = ActiveCheckSchedule(
            ActiveHealthDeclaration(path: "/"), endpoints: ["a"], now: 0, random: &random)
        #expect(schedule.takeDue(50 * Self.interval, random: &random) == ["a"])
        schedule.checkEnded("a")
        #expect(schedule.takeDue(50 * Self.interval + 1, random: &random).isEmpty)
    }

    @Test func `who stays keeps its turn, who is new gets one`() {
        var random = FastRandom(seed: seed)
        var declaration = ActiveHealthDeclaration(path: "/")
        var schedule = ActiveCheckSchedule(declaration, endpoints: ["a"], now: 0, random: &random)
        let due = schedule.nextDueAt
        schedule.replaceEndpoints(["a"], declaration: declaration, now: 1, random: &random)
        #expect(schedule.nextDueAt == due)
        schedule.replaceEndpoints(["b", "a", "b"], declaration: declaration, now: 1, random: &random)
        #expect(Set(schedule.takeDue(2 * Self.interval, random: &random)) == ["a", "b"])
        #expect(schedule.nextDueAt == nil)
        schedule.checkEnded("nobody")
        schedule.checkEnded("b")
        #expect(schedule.nextDueAt != nil)
        declaration.intervalMilliseconds = 10
        schedule.replaceEndpoints(["b"], declaration: declaration, now: 2 * Self.interval, random: &random)
        #expect(schedule.nextDueAt.map { $0 <= 2 * Self.interval + 10_000_000 } == true)
        schedule.replaceEndpoints([], declaration: declaration, now: 0, random: &random)
        #expect(schedule.nextDueAt == nil)
    }
}
