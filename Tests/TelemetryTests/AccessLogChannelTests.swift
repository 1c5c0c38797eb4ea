import Kernel
import Telemetry
import Testing

@Suite struct AccessLogChannelTests {
    private let registry = MetricsRegistry(shards: 1)

    private func prefix() -> ByteBuffer {
        var prefix = ByteBuffer(capacity: 64)
        prefix.append(#"{"time":"t""#)
        return prefix
    }

    private func append(_ count: Int, to channel: AccessLogChannel) {
        let none: [UInt8] = []
        for _ in 0..<count {
            channel.append(
                prefix: prefix(), route: none.span, upstream: none.span, endpoint: none.span,
                outcome: AccessOutcome(status: 200, durationNanoseconds: 1))
        }
    }

    private var dropped: String? { page(registry).first { $0.hasPrefix("martlet_access_log_dropped_total") } }

    @Test func `lines wait until they are due`() throws {
        let queue = ChunkQueue(wakeUp: try WakeUp())
        let channel = AccessLogChannel(queue: queue, metrics: registry.shard(0))
        let start: UInt64 = 5_000
        channel.flushIfDue(nowNanoseconds: start)
        #expect(!channel.hasPendingLines)
        append(2, to: channel)
        #expect(channel.hasPendingLines)
        channel.flushIfDue(nowNanoseconds: start)
        channel.flushIfDue(nowNanoseconds: start + AccessLogChannel.flushIntervalNanoseconds - 1)
        #expect(queue.next() == nil)
        channel.flushIfDue(nowNanoseconds: start + AccessLogChannel.flushIntervalNanoseconds)
        #expect(collect(queue).split(separator: "\n").count == 2)
        #expect(!channel.hasPendingLines)
    }

    @Test func `a full chunk is handed over at once with whole lines only`() throws {
        let wakeUp = try WakeUp()
        let queue = ChunkQueue(chunkBytes: 2_048, chunksMax: 4, wakeUp: wakeUp)
        let channel = AccessLogChannel(queue: queue, metrics: registry.shard(0))
        #expect(wakeUp.wait(timeoutMilliseconds: 0) == .timedOut)
        append(20, to: channel)
        #expect(wakeUp.wait(timeoutMilliseconds: 0) == .signalled)
        var lines = 0
        while let chunk = queue.next() {
            let written = text(chunk.bytes)
            #expect(written.hasSuffix("}\n"))
            lines += written.split(separator: "\n").count
            queue.recycle(chunk)
        }
        channel.flush()
        lines += collect(queue).split(separator: "\n").count
        #expect(lines == 20)
        #expect(dropped == "martlet_access_log_dropped_total 0")
    }

    @Test func `without a free chunk lines are dropped and counted, and it goes on when one is back`() throws {
        let queue = ChunkQueue(chunkBytes: 1_024, chunksMax: 2, wakeUp: try WakeUp())
        let channel = AccessLogChannel(queue: queue, metrics: registry.shard(0))
        append(100, to: channel)
        let kept = collect(queue).split(separator: "\n").count
        #expect(kept > 0)
        #expect(dropped == "martlet_access_log_dropped_total \(100 - kept)")
        append(1, to: channel)
        channel.flush()
        #expect(collect(queue).split(separator: "\n").count == 1)
    }

    @Test func `a writer and a reader on two threads lose and tear nothing`() throws {
        let wakeUp = try WakeUp()
        let queue = ChunkQueue(chunkBytes: 4_096, chunksMax: 3, wakeUp: wakeUp)
        let registry = registry
        let producer = try SystemThread.start(name: "producer") {
            let channel = AccessLogChannel(queue: queue, metrics: registry.shard(0))
            var prefix = ByteBuffer(capacity: 64)
            prefix.append(#"{"time":"t""#)
            let none: [UInt8] = []
            for round in 0..<50_000 {
                channel.append(
                    prefix: prefix, route: none.span, upstream: none.span, endpoint: none.span,
                    outcome: AccessOutcome(status: 200, attempts: round, durationNanoseconds: 1))
            }
            channel.flush()
        }
        var lines = 0
        while producer.join(timeoutMilliseconds: 0) == .stillRunning {
            _ = wakeUp.wait(timeoutMilliseconds: 1)
            lines += whole(collect(queue))
        }
        lines += whole(collect(queue))
        #expect(dropped == "martlet_access_log_dropped_total \(50_000 - lines)")
    }

    /// The number of lines, each of which is whole.
    private func whole(_ text: String) -> Int {
        let lines = text.split(separator: "\n")
        #expect(lines.allSatisfy { $0.hasPrefix(#"{"time":"t","status":200"#) && $0.hasSuffix("}") })
        return lines.count
    }
}
