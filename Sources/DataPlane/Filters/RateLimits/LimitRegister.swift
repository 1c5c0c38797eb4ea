public import Declarations
public import Limits

/// The tables of all limits of a configuration: made by the control plane, shared by the shards (law 10), and kept over reloads that do
/// not change them.
public struct LimitRegister: Sendable {
    private struct Entry: Sendable {
        let declaration: RateLimitDeclaration
        let table: LimitTable
        let tallies: LimitTallies
    }

    private var entries: [String: Entry] = [:]
    let seed: LimitSeed

    /// Without limits. The seed is the process's, so that no client can look for keys that meet.
    public init(seed: LimitSeed) {
        self.seed = seed
    }

    /// The tables of these routes. A limit that is what it was keeps what it has counted.
    public func next(_ routes: [RouteDeclaration]) -> LimitRegister {
        var register = LimitRegister(seed: seed)
        for case .rateLimit(let limit) in routes.lazy.flatMap(\.filters) where register.entries[limit.name] == nil {
            if let known = entries[limit.name], known.declaration == limit {
                register.entries[limit.name] = known
            } else if let rate = GCRALimit(limit.rate, burst: limit.burst) {
                register.entries[limit.name] = Entry(
                    declaration: limit, table: LimitTable(limit: rate, keys: limit.keysMax),
                    tallies: entries[limit.name]?.tallies ?? LimitTallies())
            }
        }
        return register
    }

    /// A handle on the table of a limit, for one shard.
    func table(_ name: String) -> LimitTable? { entries[name]?.table.handle() }

    func tallies(_ name: String) -> LimitTallies? { entries[name]?.tallies }

    /// What each limit has done, by name, in order.
    public var figures: [(name: String, figures: LimitFigures)] {
        entries.map { name, entry in
            var figures = entry.tallies.figures
            figures.evictions = entry.table.evictions
            return (name, figures)
        }.sorted { $0.name < $1.name }
    }
}

/// What a limit has done.
public struct LimitFigures: Sendable, Equatable {
    public var allowed: UInt64 = 0
    public var refused: UInt64 = 0
    /// It would have refused, and was told not to.
    public var shadowRefused: UInt64 = 0
    /// Keys in debt that were forgotten for want of room.
    public var evictions: UInt64 = 0
}

extension GCRALimit {
    /// From a declaration that was checked; `nil` for what no limit can be.
    init?(_ rate: RateDeclaration, burst: Int) {
        do throws(Problem) {
            try self.init(
                count: rate.count, periodNanoseconds: UInt64(rate.periodMilliseconds) * 1_000_000,
                burst: burst > 0 ? burst : nil)
        } catch {
            return nil
        }
    }
}
