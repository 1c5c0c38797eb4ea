import Declarations
import Kernel
import Testing
import Upstreams

@Suite struct ConnectionPoolTests {
    private func pool(connections: Int, idle: Int) -> ConnectionPool {
        var limits = PoolDeclaration()
        limits.connectionsMax = connections
        limits.idleMax = idle
        return ConnectionPool(limits)
    }

    @Test func `the connection given back last is used first`() {
        var pool = pool(connections: 10, idle: 10)
        for _ in 0..<3 { #expect(pool.acquire(fresh: false) == .open) }
        for connection: UInt64 in [1, 2, 3] { #expect(pool.giveBack(connection) == .kept) }
        let order = (0..<3).map { _ in pool.acquire(fresh: false) }
        #expect(order == [.reuse(3), .reuse(2), .reuse(1)])
        #expect(pool.acquire(fresh: false) == .open)
    }

    @Test func `no more are opened than there may be`() {
        var pool = pool(connections: 2, idle: 2)
        let decisions = (0..<3).map { _ in pool.acquire(fresh: false) }
        #expect(decisions == [.open, .open, .exhausted])
        #expect(pool.openCount == 2)
        pool.closed()
        #expect(pool.acquire(fresh: false) == .open)
    }

    @Test func `a fresh one is opened although others are idle, unless the pool is full`() {
        var pool = pool(connections: 2, idle: 2)
        _ = pool.acquire(fresh: false)
        _ = pool.giveBack(7)
        #expect(pool.acquire(fresh: true) == .open)
        #expect(pool.acquire(fresh: true) == .reuse(7))
        #expect(pool.acquire(fresh: true) == .exhausted)
    }

    @Test func `more idle ones than wanted are to be closed, and count until they are`() {
        var pool = pool(connections: 3, idle: 1)
        for _ in 0..<3 { _ = pool.acquire(fresh: false) }
        #expect(pool.giveBack(1) == .kept)
        #expect(pool.giveBack(2) == .close)
        #expect(pool.openCount == 3)
        pool.closed()
        #expect(pool.openCount == 2)
        #expect(pool.idleCount == 1)
    }

    @Test func `a pool that keeps none idle closes every connection`() {
        var pool = pool(connections: 1, idle: 0)
        _ = pool.acquire(fresh: false)
        #expect(pool.giveBack(1) == .close)
    }

    @Test func `an idle connection that died is never handed out`() {
        var pool = pool(connections: 3, idle: 3)
        for _ in 0..<3 { _ = pool.acquire(fresh: false) }
        for connection: UInt64 in [1, 2, 3] { _ = pool.giveBack(connection) }
        let first = pool.removeIdle(2)
        let second = pool.removeIdle(2)
        #expect(first)
        #expect(!second)
        #expect(pool.acquire(fresh: false) == .reuse(3))
        #expect(pool.acquire(fresh: false) == .reuse(1))
    }

    @Test func `all idle ones can be taken, and stay counted until closed`() {
        var pool = pool(connections: 3, idle: 3)
        for _ in 0..<3 { _ = pool.acquire(fresh: false) }
        _ = pool.giveBack(4)
        _ = pool.giveBack(5)
        #expect(pool.takeAllIdle() == [4, 5])
        #expect(pool.idleCount == 0)
        #expect(pool.openCount == 3)
    }

    @Test func `closing what was never opened ends the process`() async {
        await #expect(processExitsWith: .failure) {
            var pool = ConnectionPool(PoolDeclaration())
            pool.closed()
        }
    }

    @Test func `random use keeps the limits and hands no connection out twice`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = FastRandom(seed: seed)
        var pool = pool(connections: 5, idle: 3)
        var busy: Set<UInt64> = []
        var idle: Set<UInt64> = []
        var next: UInt64 = 0
        for _ in 0..<10_000 {
            switch random.below(4) {
            case 0, 1:
                switch pool.acquire(fresh: random.below(4) == 0) {
                case .reuse(let connection):
                    #expect(idle.remove(connection) != nil, "seed \(seed)")
                    busy.insert(connection)
                case .open:
                    next += 1
                    busy.insert(next)
                case .exhausted: #expect(busy.count == 5 && idle.isEmpty, "seed \(seed)")
                }
            case 2:
                guard let connection = busy.popFirst() else { continue }
                if pool.giveBack(connection) == .kept { idle.insert(connection) } else { pool.closed() }
            default:
                guard let connection = idle.popFirst() else { continue }
                let wasIdle = pool.removeIdle(connection)
                #expect(wasIdle, "seed \(seed)")
                pool.closed()
            }
            #expect(pool.openCount == busy.count + idle.count && pool.openCount <= 5, "seed \(seed)")
            #expect(pool.idleCount == idle.count && idle.count <= 3, "seed \(seed)")
        }
    }
}
