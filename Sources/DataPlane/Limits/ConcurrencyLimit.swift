internal import Kernel

/// How many may be in progress at once, counted for all shards together in one word.
public struct ConcurrencyLimit: Sendable {
    /// Most in progress.
    public let limit: Int
    private let words: SharedWords

    /// Whether one more may begin.
    public enum Admission: Sendable, Equatable {
        /// It counts from now on, until one `release`.
        case acquired
        case refused
    }

    /// With nothing in progress; at most this many, at least 1.
    public init(limit: Int) {
        precondition(limit >= 1)
        self.limit = limit
        words = SharedWords(count: 1)
    }

    private init(_ other: ConcurrencyLimit) {
        limit = other.limit
        words = other.words.handle()
    }

    /// The same count for another shard.
    public func handle() -> ConcurrencyLimit { ConcurrencyLimit(self) }

    /// In progress now.
    public var inProgress: Int { Int(words[0]) }

    /// Asks for one more; never lets one too many begin, and never refuses while there is room.
    public func acquire() -> Admission {
        while true {
            let count = words[0]
            guard count < UInt64(limit) else { return .refused }
            if words.compareExchange(0, expected: count, desired: count + 1) == .exchanged { return .acquired }
        }
    }

    /// One that was acquired is over.
    public func release() {
        let before = words.add(0, UInt64.max)
        precondition(before > 0, "released more than was acquired")
    }
}

/// How many may be in progress at once for each key, counted for all shards together.
///
/// A key with something in progress is never forgotten. If eight such keys meet in a bucket, a ninth finds no room.
public struct KeyedConcurrencyLimit: Sendable {
    /// Most in progress for one key without a limit of its own.
    public let limit: Int
    private let slots: KeyedSlots

    /// Whether one more may begin.
    public enum Admission: Sendable, Equatable {
        /// It counts from now on, until one `release`.
        case acquired
        case refused
        /// The table has no room for the key. Nothing was counted, and there is nothing to release; whether it may
        /// begin is up to the caller.
        case noRoom
    }

    /// At most this many at once for each key, at least 1; room for this many keys at once, 1...`LimitTable.keysMax`.
    public init(limit: Int, keys: Int) {
        precondition(limit >= 1)
        self.limit = limit
        slots = KeyedSlots(keys: keys)
    }

    private init(_ other: KeyedConcurrencyLimit) {
        limit = other.limit
        slots = other.slots.handle()
    }

    /// The same counts for another shard.
    public func handle() -> KeyedConcurrencyLimit { KeyedConcurrencyLimit(self) }

    /// In progress now for this key.
    public func inProgress(_ key: LimitKey) -> Int { Int(slots.value(key)?.word ?? 0) }

    /// Asks for one more. `plan`: the limit of this key, if it is not that of all.
    public func acquire(_ key: LimitKey, plan: Int? = nil) -> Admission {
        let limit = UInt64(plan ?? limit)
        var admission = Admission.refused
        let outcome = slots.update(key, Rule()) { value in
            let count = value?.word ?? 0
            guard count < limit else {
                admission = .refused
                return .leave
            }
            admission = .acquired
            return .replace(SlotValue(word: count + 1, small: 0))
        }
        return outcome == .noRoom ? .noRoom : admission
    }

    /// One that was acquired for this key is over.
    public func release(_ key: LimitKey) {
        _ = slots.update(key, Rule()) { value in
            let count = value?.word ?? 0
            precondition(count > 0, "released more than was acquired")
            return .replace(SlotValue(word: count - 1, small: 0))
        }
    }

    private struct Rule: SlotRule {
        func room(_ value: SlotValue) -> SlotRoom { value.word == 0 ? .free : .taken }
    }
}
