public import Declarations

/// The connections to one endpoint on one shard: which are idle, how many may be opened. Pure: connections are numbers.
public struct ConnectionPool: Sendable {
    /// What to do for an exchange that needs a connection.
    public enum Decision: Sendable, Equatable {
        /// Use this idle connection; it is the one used most recently, hence the least likely to be stale.
        case reuse(UInt64)
        /// Open another; it counts from now on, until `closed()`.
        case open
        /// There are as many as there may be, and all are busy.
        case exhausted
    }

    private var idle: [UInt64] = []
    private let limits: PoolDeclaration
    /// Connections that are open or being opened, idle ones included.
    public private(set) var openCount = 0

    /// An empty pool.
    public init(_ limits: PoolDeclaration) {
        self.limits = limits
        // Room for all that may be idle, so that giving back never allocates.
        idle.reserveCapacity(min(limits.idleMax, limits.connectionsMax))
    }

    /// Idle connections.
    public var idleCount: Int { idle.count }

    /// Finds a connection for an exchange. `fresh` asks for a new one: the last try was on an idle one that turned out dead.
    public mutating func acquire(fresh: Bool) -> Decision {
        if !fresh, let connection = idle.popLast() { return .reuse(connection) }
        if openCount < limits.connectionsMax {
            openCount += 1
            return .open
        }
        // A full pool may still hold idle ones: another try on an idle connection beats none.
        if let connection = idle.popLast() { return .reuse(connection) }
        return .exhausted
    }

    /// What to do with a connection whose exchange ended well.
    public enum Return: Sendable, Equatable {
        case kept
        /// There are enough idle ones: close it, then call `closed()`.
        case close
    }

    /// Takes a connection back.
    public mutating func giveBack(_ connection: UInt64) -> Return {
        guard idle.count < limits.idleMax else { return .close }
        idle.append(connection)
        return .kept
    }

    /// Takes over an idle connection of another pool; it counts as open from now on, also when it is to be closed.
    public mutating func adopt(_ connection: UInt64) -> Return {
        openCount += 1
        guard openCount <= limits.connectionsMax else { return .close }
        return giveBack(connection)
    }

    /// An idle connection went away by itself or was too long idle; false when it was not idle.
    public mutating func removeIdle(_ connection: UInt64) -> Bool {
        // From the end: the one that just died was often just used.
        guard let place = idle.lastIndex(of: connection) else { return false }
        idle.remove(at: place)
        return true
    }

    /// A connection that counted as open is closed.
    public mutating func closed() {
        precondition(openCount > 0)
        openCount -= 1
    }

    /// All idle connections, for closing; they stay counted until `closed()`.
    public mutating func takeAllIdle() -> [UInt64] {
        defer { idle.removeAll() }
        return idle
    }
}
