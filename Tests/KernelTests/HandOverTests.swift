import Kernel
import Testing

@Suite struct HandOverTests {
    private final class Parcel {
        let number: Int
        init(_ number: Int) { self.number = number }
    }

    @Test func `the first who asks gets the value and all others nothing`() {
        let box = HandOver(Parcel(7))
        #expect(box.take()?.number == 7)
        #expect(box.take() == nil)
    }

    @Test func `of many threads one gets the value`() throws {
        let box = HandOver(Parcel(1))
        let takers = Guarded(0)
        let threads = try (0..<8).map { _ in
            try SystemThread.start(name: "taker") {
                if box.take() != nil { takers.withLock { $0 += 1 } }
            }
        }
        for thread in threads { thread.join() }
        #expect(takers.withLock { $0 } == 1)
    }
}
