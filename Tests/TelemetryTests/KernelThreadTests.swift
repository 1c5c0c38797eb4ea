import Kernel
import Testing

@Suite struct KernelThreadTests {
    @Test func `a thread runs its body and can be joined twice`() throws {
        let ran = Guarded(false)
        let thread = try SystemThread.start(name: "a name longer than the kernel keeps") { ran.withLock { $0 = true } }
        thread.join()
        thread.join()
        #expect(thread.join(timeoutMilliseconds: 0) == .ended)
        #expect(ran.withLock { $0 })
    }

    @Test func `a bounded join gives up on a thread that goes on`() throws {
        let wakeUp = try WakeUp()
        let thread = try SystemThread.start(name: "waiter") { _ = wakeUp.wait(timeoutMilliseconds: -1) }
        #expect(thread.join(timeoutMilliseconds: 5) == .stillRunning)
        wakeUp.signal()
        thread.join()
    }

    @Test func `a thread can be bound to a processor, but not to one that does not exist`() throws {
        let wakeUp = try WakeUp()
        let thread = try SystemThread.start(name: "pinned") { _ = wakeUp.wait(timeoutMilliseconds: -1) }
        #expect(throws: SystemError.self) { try thread.pin(toCPU: 1_000_000) }
        #expect(throws: SystemError.self) { try thread.pin(toCPU: -1) }
        wakeUp.signal()
        thread.join()
    }

    @Test func `signals before a wait are not lost and are one`() throws {
        let wakeUp = try WakeUp()
        wakeUp.signal()
        wakeUp.signal()
        #expect(wakeUp.wait(timeoutMilliseconds: 0) == .signalled)
        #expect(wakeUp.wait(timeoutMilliseconds: 0) == .timedOut)
    }

    @Test func `counters start at zero, add, wrap around and are replaced`() {
        let block = CounterBlock(count: 9)
        #expect((0..<9).allSatisfy { block[$0] == 0 })
        block.add(8, 5)
        block.add(8, UInt64(bitPattern: -2))
        block.set(0, 7)
        #expect(block[8] == 3)
        #expect(block[0] == 7)
        #expect((1..<8).allSatisfy { block[$0] == 0 })
    }
}
