internal import Kernel

// How a key gets its first value: the scan, the claim and the confirmation of the proof at `KeyedSlots`.

extension KeyedSlots {
    /// A slot, in the end a claim, as a scan found it.
    struct Claim: Equatable {
        let index: Int
        let twin: WordTwin
    }

    /// The slot that can best be had.
    private struct Victim {
        let slot: Claim
        let loss: Loss
        let distance: UInt64

        enum Loss: Int {
            case nothing, value
            /// Another key's claim, whose thread then begins again: only if more threads than slots meet here.
            case claim
        }
    }

    enum Preparation {
        /// Look for the key again.
        case again
        case confirmable(Int, WordTwin)
        case noRoom
    }

    /// One scan of the bucket for a key that seemed to have no value, as in the proof above. `claim`: what the previous
    /// scan, or a claim placed after it, left; only that can be confirmed, for it was there when this scan began.
    func prepare(_ tag: UInt64, _ bucket: Int, _ rule: some SlotRule, _ claim: inout Claim?) -> Preparation {
        var lowest: Claim?
        var victim: Victim?
        // 1. Look at every slot: the key's value, its claims, and who could make room.
        for slot in 0..<Self.bucketSlots {
            let index = bucket &+ 2 &* slot
            let found = Claim(index: index, twin: words.twin(index))
            let isClaim = found.twin.second & Self.claimBit != 0
            if found.twin.second &>> Self.tagShift != tag {
                consider(found, isClaim, rule, &victim)
            } else if !isClaim {
                return .again
            } else if lowest == nil {
                lowest = found
            } else if words.compareExchangeTwin(index, expected: found.twin, desired: Self.empty) == .different {
                return .again
            }
        }
        // 2. A claim that was there before this scan can be confirmed; one that was not needs another scan.
        if let lowest {
            if claim == lowest { return .confirmable(lowest.index, lowest.twin) }
            claim = lowest
            return .again
        }
        // 3. No claim: place one.
        guard let victim else { return .noRoom }
        let ticket = words.add(ticketIndex, 1)
        let claimed = WordTwin(first: ticket, second: tag &<< Self.tagShift | Self.claimBit)
        if words.compareExchangeTwin(victim.slot.index, expected: victim.slot.twin, desired: claimed) == .exchanged {
            if victim.loss == .value { words.add(evictionIndex, 1) }
            claim = Claim(index: victim.slot.index, twin: claimed)
        }
        return .again
    }

    private func consider(_ slot: Claim, _ isClaim: Bool, _ rule: some SlotRule, _ victim: inout Victim?) {
        let candidate: Victim
        if isClaim {
            candidate = Victim(slot: slot, loss: .claim, distance: 0)
        } else if slot.twin == Self.empty {
            candidate = Victim(slot: slot, loss: .nothing, distance: 0)
        } else {
            switch rule.room(Self.value(slot.twin)) {
            case .free: candidate = Victim(slot: slot, loss: .nothing, distance: 0)
            case .evictable(let distance): candidate = Victim(slot: slot, loss: .value, distance: distance)
            case .taken: return
            }
        }
        if let victim, (victim.loss.rawValue, victim.distance) <= (candidate.loss.rawValue, candidate.distance) {
            return
        }
        victim = candidate
    }
}
