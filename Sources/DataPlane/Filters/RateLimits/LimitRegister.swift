public import Declarations
public import Limits

/// The tables of all limits of a configuration: made by the control plane, shared by the shards (law 10), and kept over reloads that do
/// not change them.
public struct LimitRegister: Sendable {
    private struct Entry: Sendable {
        /// A filter that counts.
        let declaration: FilterDeclaration
        /// Of a rate limit.
        var table: LimitTable?
        /// Of a limit of what is in progress.
        var concurrency: KeyedConcurrencyLimit?
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
        for filter in routes.lazy.flatMap(\.filters) {
            guard let name = filter.counting?.name, register.entries[name] == nil else { continue }
            if let known = entries[name], known.declaration == filter {
                register.entries[name] = known
            } else {
                register.entries[name] = Self.entry(filter, tallies: entries[name]?.tallies ?? LimitTallies())
            }
        }
        return register
    }

    private static func entry(_ filter: FilterDeclaration, tallies: LimitTallies) -> Entry? {
        switch filter {
        case .rateLimit(let limit):
            GCRALimit(limit.rate, burst: limit.burst).map {
                Entry(declaration: filter, table: LimitTable(limit: $0, keys: limit.keysMax), tallies: tallies)
            }
        case .concurrencyLimit(let limit):
            Entry(
                declaration: filter, concurrency: KeyedConcurrencyLimit(limit: limit.limit, keys: limit.keysMax),
                tallies: tallies)
        default: nil
        }
    }

    /// A handle on the table of a limit, for one shard.
    func table(_ name: String) -> LimitTable? { entries[name]?.table?.handle() }

    func concurrency(_ name: String) -> KeyedConcurrencyLimit? { entries[name]?.concurrency?.handle() }

    func tallies(_ name: String) -> LimitTallies? { entries[name]?.tallies }

    /// What each limit has done, by name, in order.
    public var figures: [(name: String, figures: LimitFigures)] {
        entries.map { name, entry in
            var figures = entry.tallies.figures
            figures.evictions = entry.table?.evictions ?? 0
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
