internal import Kernel

/// Counts the connections of each client address on one shard, so that one client cannot take all there are. An IPv6 client has a
/// whole /64 to itself, and counts as one.
struct ClientTable {
    /// What a connection gives back when it leaves.
    struct Ticket {
        fileprivate var key: Key?
    }

    fileprivate struct Key: Hashable {
        let high: UInt64
        let low: UInt64

        init(_ address: SocketAddress) {
            high = address.high
            low = address.isIPv4 ? address.low : 0
        }
    }

    /// Connections of one client; 0: not counted.
    var limit = 0
    private var counts: [Key: Int] = [:]

    /// Counts a connection; `nil` when its client has as many as it may have.
    mutating func admit(_ address: SocketAddress) -> Ticket? {
        guard limit > 0 else { return Ticket() }
        let key = Key(address)
        let count = counts[key, default: 0]
        guard count < limit else { return nil }
        counts[key] = count + 1
        return Ticket(key: key)
    }

    /// A connection is gone.
    mutating func left(_ ticket: Ticket) {
        guard let key = ticket.key, let count = counts[key] else { return }
        counts[key] = count > 1 ? count - 1 : nil
    }
}
