import Fetch
import Foundation
import Kernel
import Logging
import TestOrigins
import Testing

@testable import Reporting

@Suite struct SpanExporterTests {
    private let source = SpanSource()
    private let origin = Origin(.accepted)
    private let recording = Recording()

    private func start(_ edit: (inout SpanExportOptions) -> Void = { _ in }) throws -> SpanExporter {
        var options = exportOptions(origin)
        edit(&options)
        let exporter = try SpanExporter.start(
            options, shards: 2, metrics: source.registry.exporter, logger: recording.logger())
        source.connect(exporter)
        return exporter
    }

    private func arrived(isPacked: Bool = true) throws -> [Int] {
        try origin.requestBodies.flatMap { try spanIDs($0, isPacked: isPacked) }
    }

    @Test func `spans of all shards arrive as gzipped JSON arrays, in the way Zipkin expects them`() throws {
        let exporter = try start { $0.fields = [FetchField("Authorization", "Bearer x")] }
        source.write(1..<101)
        source.write(1_001..<1_101, shard: 1)
        #expect(exporter.stop(withinMilliseconds: 10_000) == .ended)
        let ids = try arrived()
        #expect(ids.filter { $0 < 1_000 } == Array(1..<101))
        #expect(ids.filter { $0 > 1_000 } == Array(1_001..<1_101))
        let head = try #require(origin.requests.first).lowercased()
        #expect(head.hasPrefix("post /api/v2/spans http/1.1\r\n"))
        for field in [
            "content-type: application/json", "content-encoding: gzip", "b3: 0", "authorization: bearer x",
        ] {
            #expect(head.contains("\r\n\(field)\r\n"), "\(field)")
        }
        #expect(source.sent == 200)
        #expect(source.metric("martlet_span_batches_sent_total") == origin.requestBodies.count)
        #expect(
            source.metric("martlet_span_bytes_sent_total") == origin.requestBodies.reduce(0) { $0 + $1.count })
        #expect(source.failures == 0 && recording.messages.isEmpty)
    }

    @Test func `bodies can be sent as they are`() throws {
        let exporter = try start { $0.compresses = false }
        source.write(1..<4)
        #expect(exporter.stop(withinMilliseconds: 10_000) == .ended)
        #expect(try arrived(isPacked: false) == [1, 2, 3])
        #expect(!(try #require(origin.requests.first).lowercased().contains("content-encoding")))
    }

    @Test func `a batch is bounded by its count`() throws {
        let exporter = try start {
            $0.spansMax = 10
            $0.intervalMilliseconds = 60_000
            $0.transfersMax = 1
        }
        source.write(1..<96)
        #expect(origin.waitForRequests(9))
        #expect(eventually { source.sent == 90 })
        #expect(exporter.stop(withinMilliseconds: 10_000) == .ended)
        #expect(try origin.requestBodies.map { try spanIDs($0).count } == Array(repeating: 10, count: 9) + [5])
        #expect(try arrived() == Array(1..<96))
    }

    @Test func `a batch that is not full goes when its time is up`() throws {
        let exporter = try start()
        source.write(1..<2)
        #expect(origin.waitForRequests(1))
        #expect(eventually { source.sent == 1 })
        #expect(exporter.stop(withinMilliseconds: 10_000) == .ended)
        #expect(origin.requests.count == 1)
    }

    @Test func `connections are used again`() throws {
        let exporter = try start { $0.transfersMax = 1 }
        for round in 1..<6 {
            source.write(round..<round + 1)
            #expect(eventually { source.sent == round })
        }
        #expect(exporter.stop(withinMilliseconds: 10_000) == .ended)
        #expect(origin.connectionCount == 1)
    }

    @Test func `a collector that goes and comes back costs nothing that the queue holds, and two lines in the log`()
        throws
    {
        let exporter = try start { $0.batchesMax = 100 }
        origin.stop()
        for round in 0..<5 {
            let before = source.failures
            source.write(1 + round * 10..<11 + round * 10)
            #expect(eventually { source.failures > before })
        }
        #expect(recording.messages == ["the collector does not take spans"])
        origin.listenAgain()
        #expect(eventually { source.sent == 50 })
        #expect(exporter.stop(withinMilliseconds: 10_000) == .ended)
        #expect(try arrived().sorted() == Array(1..<51))
        #expect(recording.messages == ["the collector does not take spans", "the collector takes spans again"])
        #expect(source.dropped("queue-full") == 0 && source.dropped("stopped") == 0)
    }

    @Test func `while the collector is away the oldest batches are lost and counted, and shards go on`() throws {
        let exporter = try start {
            $0.spansMax = 10
            $0.batchesMax = 4
        }
        origin.stop()
        for round in 0..<20 {
            source.write(1 + round * 10..<11 + round * 10)
            #expect(eventually { source.dropped("queue-full") == max(0, round - 3) * 10 })
        }
        origin.listenAgain()
        #expect(eventually { source.sent == 40 })
        #expect(exporter.stop(withinMilliseconds: 10_000) == .ended)
        // One that was on its way may have outlived a younger one.
        let ids = try arrived().sorted()
        #expect(ids.count == 40 && Array(ids.suffix(30)) == Array(171..<201))
        #expect(source.dropped("shard-full") == 0)
    }

    @Test func `what the collector refuses is lost and counted, and the next batch goes`() throws {
        let exporter = try start()
        origin.setAnswer(.status(400, body: "malformed"))
        source.write(1..<4)
        #expect(eventually { source.dropped("refused") == 3 })
        origin.setAnswer(.accepted)
        source.write(4..<6)
        #expect(eventually { source.sent == 2 })
        #expect(exporter.stop(withinMilliseconds: 10_000) == .ended)
        #expect(source.failures == 1)
        #expect(recording.messages == ["the collector does not take spans", "the collector takes spans again"])
    }

    @Test func `what the collector cannot take now is sent again`() throws {
        let exporter = try start()
        origin.setAnswer(.status(503))
        source.write(1..<4)
        #expect(origin.waitForRequests(3))
        origin.setAnswer(.accepted)
        #expect(eventually { source.sent == 3 })
        #expect(exporter.stop(withinMilliseconds: 10_000) == .ended)
        #expect(Set(origin.requestBodies).count == 1)
    }

    @Test func `a stop waits no longer than asked for a collector that hangs`() throws {
        let exporter = try start()
        origin.setAnswer(.hang)
        source.write(1..<8)
        #expect(origin.waitForRequests(1))
        source.write(8..<11)
        var outcome: SpanExporter.StopOutcome?
        let duration = seconds { outcome = exporter.stop(withinMilliseconds: 200) }
        #expect(outcome == .ended)
        #expect(duration >= 0.2 && duration < 5)
        #expect(source.dropped("stopped") == 10)
    }

    @Test func `a stop does not wait for a collector that is away`() throws {
        let exporter = try start {
            $0.backOffFirstMilliseconds = 60_000
            $0.backOffMaxMilliseconds = 60_000
        }
        origin.stop()
        source.write(1..<8)
        #expect(eventually { source.failures == 1 })
        var outcome: SpanExporter.StopOutcome?
        let duration = seconds { outcome = exporter.stop(withinMilliseconds: 60_000) }
        #expect(outcome == .ended)
        #expect(duration < 30)
        #expect(source.dropped("stopped") == 7)
        #expect(source.failures == 2)
    }

    @Test func `without any span nobody is asked`() throws {
        let exporter = try start()
        #expect(exporter.stop(withinMilliseconds: 10_000) == .ended)
        #expect(exporter.stop(withinMilliseconds: 10) == .ended)
        #expect(origin.connectionCount == 0)
    }

    @Test func `a collector that hangs never holds up a shard`() throws {
        let exporter = try start { $0.batchesMax = 3 }
        origin.setAnswer(.hang)
        let total = 60_000
        let duration = seconds {
            for round in 0..<60 { source.write(1 + round * 1_000..<1_001 + round * 1_000) }
        }
        #expect(duration < 10)
        #expect(exporter.stop(withinMilliseconds: 100) == .ended)
        let lost = source.dropped("queue-full") + source.dropped("shard-full") + source.dropped("stopped")
        #expect(lost == total)
        #expect(source.sent == 0)
    }
}
