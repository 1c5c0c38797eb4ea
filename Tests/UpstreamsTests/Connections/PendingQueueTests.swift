import Declarations
import Kernel
import Testing
import Upstreams

@Suite struct PendingQueueTests {
    private func queue(_ pendingMax: Int) -> PendingQueue {
        var declaration = QueueDeclaration()
        declaration.pendingMax = pendingMax
        return PendingQueue(declaration)
    }

    private func place(_ admission: PendingQueue.Admission) throws -> PendingQueue.Place {
        guard case .waits(let place) = admission else { throw Full() }
        return place
    }

    private struct Full: Error {}

    @Test func `first come, first served`() {
        var queue = queue(10)
        for token: UInt64 in [5, 3, 9] { _ = queue.enqueue(token, deadline: 100) }
        #expect((0..<4).map { _ in queue.next(1) } == [5, 3, 9, nil])
        #expect(queue.count == 0 && queue.nextDeadline == nil)
    }

    @Test func `no more wait than there may`() {
        var queue = queue(2)
        _ = queue.enqueue(1, deadline: 100)
        _ = queue.enqueue(2, deadline: 100)
        #expect(queue.enqueue(3, deadline: 100) == .full)
        #expect(queue.next(1) == 1)
        #expect(queue.enqueue(3, deadline: 100) != .full)
        var none = self.queue(0)
        #expect(none.enqueue(1, deadline: 100) == .full)
    }

    @Test func `whose deadline has passed is not next, but told of`() {
        var queue = queue(10)
        _ = queue.enqueue(1, deadline: 50)
        _ = queue.enqueue(2, deadline: 100)
        _ = queue.enqueue(3, deadline: 30)
        var expired: [UInt64] = []
        queue.expire(29, into: &expired)
        #expect(expired.isEmpty && queue.nextDeadline == 30)
        #expect(queue.next(50) == 2)
        queue.expire(50, into: &expired)
        #expect(expired == [1, 3] && queue.count == 0)
    }

    @Test func `expiring leaves the others in order`() {
        var queue = queue(10)
        for token: UInt64 in 1...6 { _ = queue.enqueue(token, deadline: token % 2 == 0 ? 10 : 20) }
        var expired: [UInt64] = []
        queue.expire(10, into: &expired)
        #expect(expired == [2, 4, 6] && queue.nextDeadline == 20)
        #expect((0..<3).map { _ in queue.next(11) } == [1, 3, 5])
    }

    @Test func `who leaves is gone, from wherever it stood`() throws {
        for leaver in 0..<3 {
            var queue = queue(10)
            let places = try (0..<3).map { try place(queue.enqueue(UInt64($0), deadline: 100)) }
            #expect(queue.remove(places[leaver]) == .removed)
            #expect(queue.remove(places[leaver]) == .absent)
            let rest = (0..<3).filter { $0 != leaver }.map { UInt64($0) }
            #expect((0..<2).map { _ in queue.next(1) } == rest)
        }
    }

    @Test func `an old place does not remove whoever took the slot`() throws {
        var queue = queue(1)
        let old = try place(queue.enqueue(1, deadline: 100))
        _ = queue.next(1)
        _ = queue.enqueue(2, deadline: 100)
        #expect(queue.remove(old) == .absent)
        #expect(queue.next(1) == 2)
    }

    @Test func `random use is that of a plain list`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = FastRandom(seed: seed)
        var queue = queue(20)
        var model: [(token: UInt64, deadline: UInt64, place: PendingQueue.Place)] = []
        var left: [PendingQueue.Place] = []
        var now: UInt64 = 0
        for token in 0..<UInt64(30_000) {
            now += UInt64(random.below(3))
            switch random.below(8) {
            case 0, 1, 2, 3:
                let deadline = now + UInt64(random.below(60))
                let admission = queue.enqueue(token, deadline: deadline)
                #expect((admission == .full) == (model.count == 20), "seed \(seed)")
                if case .waits(let place) = admission { model.append((token, deadline, place)) }
            case 4:
                var expired: [UInt64] = []
                queue.expire(now, into: &expired)
                #expect(expired == model.filter { $0.deadline <= now }.map(\.token), "seed \(seed)")
                model.removeAll { $0.deadline <= now }
            case 5:
                if random.below(2) == 0, let place = left.last {
                    #expect(queue.remove(place) == .absent, "seed \(seed)")
                } else if !model.isEmpty {
                    let entry = model.remove(at: random.below(model.count))
                    #expect(queue.remove(entry.place) == .removed, "seed \(seed)")
                    left.append(entry.place)
                }
            default:
                let expected = model.firstIndex { $0.deadline > now }
                #expect(queue.next(now) == expected.map { model[$0].token }, "seed \(seed)")
                if let expected { left.append(model.remove(at: expected).place) }
            }
            #expect(queue.count == model.count, "seed \(seed)")
            if let next = queue.nextDeadline, let earliest = model.map(\.deadline).min() {
                #expect(next <= earliest, "seed \(seed)")
            }
        }
    }
}
