/// How `KeyedSlots` gives a key its first value, as a machine whose every step is one access to a slot: what its proof
/// says is tried on all interleavings of a few threads that see the same key for the first time, while slots change
/// hands.
struct ClaimModel {
    /// A rule of the protocol that is left out, to show that it is needed.
    enum Omission: CaseIterable {
        /// A claim is confirmed without a scan after it was placed.
        case scanAfterClaim
        /// Any claim found is confirmed, also one that was placed during the scan.
        case claimBeforeScan
        /// Claims at higher slots stay.
        case removal
        /// All claims bear the same ticket.
        case tickets
    }

    enum Slot: Hashable {
        case empty, stranger, value
        case claim(ticket: Int)
    }

    struct Claim: Hashable {
        var slot: Int
        var content: Slot
    }

    struct Scan: Hashable {
        var next = 0
        var lowest: Claim?
        /// Slots that may be had, as they were found.
        var others: [Claim] = []
        /// What was there before this scan.
        var known: Claim?
    }

    enum Thread: Hashable {
        case scanning(Scan)
        case removing(Claim, Scan)
        case claiming(Claim)
        case confirming(Claim)
        /// It has confirmed, or found the value and goes on with that.
        case done
    }

    struct State: Hashable {
        var slots: [Slot]
        var threads: [Thread]
        /// How often a slot may still change hands.
        var changes: Int
        var tickets = 0
    }

    let ticketsMax: Int
    var omission: Omission?

    /// All states that can follow by one step.
    func successors(of state: State) -> [State] {
        var found: [State] = []
        for thread in state.threads.indices { step(thread, state, &found) }
        guard state.changes > 0 else { return found }
        for slot in state.slots.indices {
            for content in [Slot.empty, .stranger] where state.slots[slot] != content {
                var next = state
                next.slots[slot] = content
                next.changes -= 1
                found.append(next)
            }
        }
        return found
    }

    private func step(_ index: Int, _ state: State, _ found: inout [State]) {
        var next = state
        switch state.threads[index] {
        case .done: return
        case .scanning(let scan) where scan.next < state.slots.count:
            next.threads[index] = look(scan, state.slots[scan.next])
        case .scanning(let scan):
            guard let lowest = scan.lowest else {
                for other in scan.others {
                    next.threads[index] = .claiming(other)
                    found.append(next)
                }
                return
            }
            let isKnown = scan.known == lowest || omission == .claimBeforeScan
            next.threads[index] = isKnown ? .confirming(lowest) : .scanning(Scan(known: lowest))
        case .removing(let claim, let scan):
            if state.slots[claim.slot] == claim.content {
                next.slots[claim.slot] = .empty
                next.threads[index] = .scanning(scan)
            } else {
                next.threads[index] = .scanning(Scan(known: scan.known))
            }
        case .claiming(let place):
            if state.slots[place.slot] != place.content {
                next.threads[index] = .scanning(Scan())
            } else {
                guard state.tickets < ticketsMax else { return }
                let claim = Claim(
                    slot: place.slot, content: .claim(ticket: omission == .tickets ? 0 : state.tickets))
                next.tickets += 1
                next.slots[place.slot] = claim.content
                next.threads[index] = omission == .scanAfterClaim ? .confirming(claim) : .scanning(Scan(known: claim))
            }
        case .confirming(let claim):
            if state.slots[claim.slot] == claim.content {
                next.slots[claim.slot] = .value
                next.threads[index] = .done
            } else {
                next.threads[index] = .scanning(Scan(known: claim))
            }
        }
        found.append(next)
    }

    private func look(_ scan: Scan, _ content: Slot) -> Thread {
        var scan = scan
        let seen = Claim(slot: scan.next, content: content)
        scan.next += 1
        switch content {
        case .value: return .done
        case .claim where scan.lowest == nil: scan.lowest = seen
        case .claim where omission != .removal: return .removing(seen, scan)
        case .claim: break
        case .empty, .stranger: scan.others.append(seen)
        }
        return .scanning(scan)
    }
}
