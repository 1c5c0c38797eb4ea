internal import Kernel

/// What a slot holds for a key.
struct SlotValue: Equatable {
    /// 64 bits.
    var word: UInt64
    /// 20 bits.
    var small: UInt64
}

/// What becomes of a key's value.
enum SlotChange {
    case replace(SlotValue)
    /// It stays, or the key stays unknown.
    case leave
}

/// Whether a slot may be given to another key.
enum SlotRoom {
    /// Nothing would be lost.
    case free
    /// Only if no slot of the bucket is free, and no other has a smaller number.
    case evictable(UInt64)
    case taken
}

/// Says of the values in a table which may make room.
protocol SlotRule {
    func room(_ value: SlotValue) -> SlotRoom
}

/// A bounded map from keys to values that all threads update without locks, each update exactly once.
///
/// A slot is a twin of words: `first` is the value's word; `second` is the key's tag (43 bits), a bit that tells that
/// the slot is only claimed, and the value's small part (20 bits). All zero is an empty slot; no tag is zero. Eight
/// slots, on two neighbouring cache lines, are a bucket. A key's bucket follows from the upper bits of its hash and its
/// tag from the lower ones. Two keys of one bucket with the same tag share one value: for a pair of keys the chance is
/// 2^-43 divided by the number of buckets, and since the hash is keyed nobody can look for such a pair. They could
/// never pass more than one of them alone may.
///
/// **Invariants.** (1) A value is read and replaced together with its tag, by one compare-exchange of 128 bits. So an
/// update takes place on exactly the value it was computed from, and on the slot of its own key only: if the slot was
/// given to another key meanwhile, the exchange fails. (2) At any moment at most one slot holds a key's value, that is,
/// has its tag and is not merely claimed.
///
/// **Proof of (2).** A slot gets a key's first value only by a *confirmation*: the exchange of a claim, which bears a
/// ticket that is never issued again, for a value, after a scan of the whole bucket that (a) began when the claim was
/// there, (b) found no value of the key, and (c) found no other claim of the key at a lower slot, and removed those it
/// found at higher slots. Suppose that two slots i and j hold values of the key, confirmed at Ci < Cj after claims
/// placed at Wi and Wj. Let the scan for j have looked at slot i at Rji, and that for i at slot j at Rij; Rji < Cj and
/// Rij < Ci. If Rji > Ci, it found the value, against (b). If Wi < Rji < Ci, it found claim i: with i < j, against (c);
/// with i > j it removed the claim, so that Ci failed, or gave up. So Rji < Wi. By (a) Wj < Rji, and by (a) again Wi <
/// Rij: hence Wj < Rij < Ci < Cj, so the scan for i found claim j: with j < i, against (c); with j > i it removed that
/// claim, so that Cj failed, or gave up. Every access is sequentially consistent, so these times are those of one
/// order. (A value that was evicted is not held any more, so nothing is claimed about it.)
///
/// `ClaimModelTests` tries all interleavings of a few threads, also with each of these rules left out.
///
/// Anyone may confirm or remove anyone's claim, so a thread that stops in between stops nobody. An exchange fails only
/// because another succeeded.
struct KeyedSlots: Sendable {
    static let bucketSlots = 8
    static let bucketWords = 2 * bucketSlots
    /// Slots for each key that the table is made for. With a quarter filled, about 1 of 8,000 keys finds its bucket
    /// full.
    static let slotsPerKey = 4
    static let keysMax = 1 << 20

    static let claimBit: UInt64 = 1 << 20
    private static let smallMask: UInt64 = claimBit - 1
    static let tagShift: UInt64 = 21

    let words: SharedWords
    private let buckets: UInt64

    /// Room for this many keys, 1...`keysMax`.
    init(keys: Int) {
        precondition(keys >= 1 && keys <= Self.keysMax)
        let buckets = (keys * Self.slotsPerKey + Self.bucketSlots - 1) / Self.bucketSlots
        self.buckets = UInt64(buckets)
        // Tickets and evictions are counted behind the buckets, each on its own line.
        words = SharedWords(count: buckets * Self.bucketWords + 2 * SharedWords.lineWords)
    }

    private init(_ other: KeyedSlots) {
        words = other.words.handle()
        buckets = other.buckets
    }

    /// The same slots, for another shard.
    func handle() -> KeyedSlots { KeyedSlots(self) }

    /// Memory of the table when all of it is used.
    var bytes: Int { words.count * 8 }
    var slotCount: Int { Int(buckets) * Self.bucketSlots }
    var ticketIndex: Int { Int(buckets) &* Self.bucketWords }
    var evictionIndex: Int { ticketIndex &+ SharedWords.lineWords }
    /// Values that were lost because their buckets were full.
    var evictions: UInt64 { words[evictionIndex] }

    /// How an update ended.
    enum Outcome: Equatable {
        case done
        /// The key is unknown and no slot of its bucket can be had; nothing changed.
        case noRoom
    }

    /// Asks `change` for what becomes of a key's value, `nil` if there is none, and does it; if another thread was
    /// faster, asks again, so what counts is the last answer.
    @inline(__always)
    func update(_ key: LimitKey, _ rule: some SlotRule, _ change: (SlotValue?) -> SlotChange) -> Outcome {
        let tag = Self.tag(key)
        let bucket = bucket(key)
        var claim: Claim?
        while true {
            if let index = find(tag, bucket) {
                // The halves may be of different moments; then the exchange, or the look at the twin, finds out.
                let found = WordTwin(first: words[index], second: words[index &+ 1])
                guard found.second &>> Self.tagShift == tag, found.second & Self.claimBit == 0 else { continue }
                switch change(Self.value(found)) {
                case .leave:
                    if words.twin(index) == found { return .done }
                case .replace(let value):
                    let desired = WordTwin(first: value.word, second: tag &<< Self.tagShift | value.small)
                    if words.compareExchangeTwin(index, expected: found, desired: desired) == .exchanged {
                        return .done
                    }
                }
                continue
            }
            guard case .replace(let value) = change(nil) else { return .done }
            switch prepare(tag, bucket, rule, &claim) {
            case .again: continue
            case .noRoom: return .noRoom
            case .confirmable(let index, let claimed):
                let desired = WordTwin(first: value.word, second: tag &<< Self.tagShift | value.small)
                if words.compareExchangeTwin(index, expected: claimed, desired: desired) == .exchanged { return .done }
            }
        }
    }

    /// A key's value as of one moment during the call.
    func value(_ key: LimitKey) -> SlotValue? {
        let tag = Self.tag(key)
        let bucket = bucket(key)
        while let index = find(tag, bucket) {
            let found = words.twin(index)
            if found.second &>> Self.tagShift == tag, found.second & Self.claimBit == 0 { return Self.value(found) }
        }
        return nil
    }

    /// Keys whose values are not free by this rule; looks at every slot, so not for the path of a request.
    func count(_ rule: some SlotRule) -> Int {
        (0..<slotCount).count { slot in
            let found = WordTwin(first: words[2 * slot], second: words[2 * slot + 1])
            guard found.second != 0, found.second & Self.claimBit == 0 else { return false }
            if case .free = rule.room(Self.value(found)) { return false }
            return true
        }
    }

    // MARK: Places

    static let empty = WordTwin(first: 0, second: 0)

    static func value(_ twin: WordTwin) -> SlotValue {
        SlotValue(word: twin.first, small: twin.second & smallMask)
    }

    /// The lower 43 bits of the hash; 0, which is an empty slot's, counts as 1.
    private static func tag(_ key: LimitKey) -> UInt64 { max(1, key.hash & (1 &<< 43 &- 1)) }

    /// The first word of the key's bucket, by the upper bits of the hash.
    private func bucket(_ key: LimitKey) -> Int {
        Int(truncatingIfNeeded: key.hash.multipliedFullWidth(by: buckets).high) &* Self.bucketWords
    }

    /// The slot that holds the key's value, if the words read one after the other show one.
    private func find(_ tag: UInt64, _ bucket: Int) -> Int? {
        let wanted = tag &<< 1
        var index = bucket &+ 1
        for _ in 0..<Self.bucketSlots {
            if words[index] &>> 20 == wanted { return index &- 1 }
            index &+= 2
        }
        return nil
    }
}
