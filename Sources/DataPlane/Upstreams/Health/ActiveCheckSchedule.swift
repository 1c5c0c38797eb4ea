public import Declarations
public import Kernel

/// When each endpoint of an upstream is checked next. One per upstream, in the control plane.
///
/// The first checks are spread over the interval, so that a process with many endpoints does not check all of them at once; each
/// later one is moved by up to a tenth of the interval, so that several gateways do not fall into step. A check that is not over
/// when the next is due is not followed by another until it is.
public struct ActiveCheckSchedule: Sendable {
    private struct Entry: Sendable {
        let endpoint: String
        var dueAt: UInt64
        var isRunning = false
    }

    private var intervalNanoseconds: UInt64
    private var entries: [Entry] = []

    /// The first check of each lies within one interval from now.
    public init(
        _ declaration: ActiveHealthDeclaration, endpoints: [String], now: UInt64, random: inout FastRandom
    ) {
        intervalNanoseconds = Self.interval(declaration)
        replaceEndpoints(endpoints, declaration: declaration, now: now, random: &random)
    }

    private static func interval(_ declaration: ActiveHealthDeclaration) -> UInt64 {
        UInt64(max(1, declaration.intervalMilliseconds)) * 1_000_000
    }

    /// Another list. Endpoints that stay are checked when they would have been, but not later than one interval from now; the first
    /// checks of the new ones are spread over an interval.
    public mutating func replaceEndpoints(
        _ endpoints: [String], declaration: ActiveHealthDeclaration, now: UInt64, random: inout FastRandom
    ) {
        intervalNanoseconds = Self.interval(declaration)
        var known: [String: Entry] = [:]
        for entry in entries { known[entry.endpoint] = entry }
        var isListed: Set<String> = []
        let list = endpoints.filter { isListed.insert($0).inserted }
        let newCount = UInt64(list.count { known[$0] == nil })
        var place: UInt64 = 0
        entries = list.map { endpoint in
            if var entry = known[endpoint] {
                entry.dueAt = min(entry.dueAt, now &+ intervalNanoseconds)
                return entry
            }
            // Each new one has a part of the interval to itself, and a random place within that part.
            let part = intervalNanoseconds / newCount
            let dueAt = now &+ part &* place &+ UInt64(random.below(Int(max(1, part))))
            place += 1
            return Entry(endpoint: endpoint, dueAt: dueAt)
        }
    }

    /// When `takeDue` has something to give, in monotonic nanoseconds; `nil` when all checks are running or there is none.
    public var nextDueAt: UInt64? {
        var next: UInt64?
        for entry in entries where !entry.isRunning { next = min(next ?? .max, entry.dueAt) }
        return next
    }

    /// The endpoints whose check is to begin now. Each counts as running until `checkEnded`.
    public mutating func takeDue(_ now: UInt64, random: inout FastRandom) -> [String] {
        var due: [String] = []
        for index in entries.indices where !entries[index].isRunning && entries[index].dueAt <= now {
            entries[index].isRunning = true
            // From now, not from when it was due: after a stall there is no volley to make up for lost checks.
            let tenth = intervalNanoseconds / 10
            let drawn = UInt64(random.below(Int(2 * tenth + 1)))
            entries[index].dueAt = now &+ (intervalNanoseconds - tenth) &+ drawn
            due.append(entries[index].endpoint)
        }
        return due
    }

    /// A check is over, however it ended. An endpoint that is not in the list is ignored.
    public mutating func checkEnded(_ endpoint: String) {
        guard let index = entries.firstIndex(where: { $0.endpoint == endpoint }) else { return }
        entries[index].isRunning = false
    }
}
