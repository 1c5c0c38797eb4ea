internal import Fetch
public import Upstreams

/// What other threads have put before the keeper. Every method takes a constant time, for a shard may be waiting.
struct HealthInbox: Sendable {
    /// Reports that may wait; what comes on top is dropped. At most one report per endpoint and shard in a tenth of a second: as many
    /// as 1,600 failing endpoints send in that time from 10 shards.
    static let reportsMax = 16_384

    /// What the keeper takes out at once.
    struct Content: Sendable {
        var targets: [HealthTarget]?
        var batches: [[EndpointReport]] = []
        var isStopping = false
    }

    private var content = Content()
    private var reportCount = 0
    private(set) var reportsDropped: UInt64 = 0
    /// Set while something is in the box; who puts the first thing in wakes the keeper.
    private(set) var isWaiting = false
    /// Set while the keeper waits on its transfers.
    var waker: FetchWaker?

    /// Whether the keeper is to be woken.
    enum Urgency: Sendable {
        case wake, none
    }

    /// The newest configuration takes the place of one that nobody has looked at.
    mutating func put(_ targets: [HealthTarget]) -> Urgency {
        content.targets = targets
        return filled()
    }

    /// All of a batch, or none when there is no room.
    mutating func put(_ batch: [EndpointReport]) -> Urgency {
        guard !batch.isEmpty else { return .none }
        guard reportCount + batch.count <= Self.reportsMax else {
            reportsDropped += UInt64(batch.count)
            return .none
        }
        reportCount += batch.count
        content.batches.append(batch)
        return filled()
    }

    /// The keeper is to end.
    mutating func putStop() -> Urgency {
        content.isStopping = true
        return filled()
    }

    /// Empties the box.
    mutating func take() -> Content {
        let taken = content
        content = Content()
        // A stop is not taken back.
        content.isStopping = taken.isStopping
        reportCount = 0
        isWaiting = false
        return taken
    }

    private mutating func filled() -> Urgency {
        defer { isWaiting = true }
        return isWaiting ? .none : .wake
    }
}
