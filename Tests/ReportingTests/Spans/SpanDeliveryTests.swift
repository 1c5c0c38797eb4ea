import Testing

@testable import Reporting

@Suite struct SpanDeliveryTests {
    private func delivery(_ edit: (inout SpanExportOptions) -> Void = { _ in }) -> SpanDelivery {
        var options = SpanExportOptions(collector: "http://zipkin.test")
        options.backOffFirstMilliseconds = 2
        options.backOffMaxMilliseconds = 8
        edit(&options)
        return SpanDelivery(options)
    }

    private func batch(_ number: UInt8, spans: Int = 1, bytes: Int = 1) -> SpanBatch {
        SpanBatch(body: [UInt8](repeating: number, count: bytes), spans: spans)
    }

    private let away = SpanDelivery.Verdict.failed("away")

    @Test func `batches leave in order, as many at a time as allowed`() {
        var delivery = delivery()
        for number: UInt8 in 1...3 { #expect(delivery.add(batch(number)) == nil) }
        #expect(delivery.next(nowNanoseconds: 0)?.batch == batch(1))
        #expect(delivery.next(nowNanoseconds: 0)?.batch == batch(2))
        #expect(delivery.next(nowNanoseconds: 0) == nil)
        #expect(delivery.nextAt == nil)
        let outcome = delivery.ended(1, .delivered, nowNanoseconds: 5, random: 0)
        #expect(outcome == SpanDelivery.Outcome(delivered: batch(1)))
        #expect(delivery.next(nowNanoseconds: 5)?.batch == batch(3))
        _ = delivery.ended(3, .delivered, nowNanoseconds: 6, random: 0)
        _ = delivery.ended(2, .delivered, nowNanoseconds: 6, random: 0)
        #expect(delivery.isEmpty)
    }

    @Test func `a failure puts the batch back in its place and makes all wait`() {
        var delivery = delivery()
        for number: UInt8 in 1...3 { _ = delivery.add(batch(number)) }
        _ = delivery.next(nowNanoseconds: 0)
        _ = delivery.next(nowNanoseconds: 0)
        let first = delivery.ended(2, away, nowNanoseconds: 100, random: 0)
        #expect(first == SpanDelivery.Outcome(news: .troubleBegan("away")))
        // The other one fails with it: no further news, no longer wait.
        #expect(delivery.ended(1, away, nowNanoseconds: 200, random: 0) == SpanDelivery.Outcome())
        #expect(delivery.nextAt == 1_000_100)
        #expect(delivery.next(nowNanoseconds: 1_000_099) == nil)
        #expect(delivery.next(nowNanoseconds: 1_000_100)?.batch == batch(1))
        #expect(delivery.next(nowNanoseconds: 1_000_100) == nil, "one at a time while failing")
        _ = delivery.ended(1, away, nowNanoseconds: 2_000_000, random: 0)
        #expect(delivery.nextAt == 4_000_000, "the wait doubles")
        #expect(delivery.next(nowNanoseconds: 4_000_000)?.batch == batch(1))
        let over = delivery.ended(1, .delivered, nowNanoseconds: 4_000_001, random: 0)
        #expect(over == SpanDelivery.Outcome(delivered: batch(1), news: .troubleOver(spansLost: 0)))
        #expect(delivery.next(nowNanoseconds: 4_000_001)?.batch == batch(2))
        #expect(delivery.next(nowNanoseconds: 4_000_001)?.batch == batch(3))
    }

    @Test func `the oldest batches are lost, by count and by size, and told when the trouble is over`() {
        var delivery = delivery {
            $0.batchesMax = 3
            $0.queuedBytesMax = 100
        }
        _ = delivery.add(batch(1, spans: 10))
        _ = delivery.next(nowNanoseconds: 0)
        _ = delivery.ended(1, away, nowNanoseconds: 0, random: 0)
        _ = delivery.add(batch(2, spans: 20))
        _ = delivery.add(batch(3, spans: 40))
        #expect(delivery.add(batch(4)) == SpanDelivery.Loss(spans: 10, reason: .queueFull))
        #expect(delivery.add(batch(5, bytes: 99)) == SpanDelivery.Loss(spans: 60, reason: .queueFull))
        #expect(delivery.next(nowNanoseconds: .max)?.batch == batch(4))
        let over = delivery.ended(4, .delivered, nowNanoseconds: 1, random: 0)
        #expect(over.news == .troubleOver(spansLost: 70))
        #expect(delivery.add(batch(6, spans: 5, bytes: 500)) == SpanDelivery.Loss(spans: 1, reason: .queueFull))
        #expect(delivery.next(nowNanoseconds: 1)?.batch.spans == 5, "one batch stays, however large")
    }

    @Test func `what is refused is lost, and the next need not wait`() {
        var delivery = delivery()
        _ = delivery.add(batch(1, spans: 3))
        _ = delivery.add(batch(2))
        _ = delivery.next(nowNanoseconds: 0)
        #expect(
            delivery.ended(1, .refused("status 400"), nowNanoseconds: 9, random: 0)
                == SpanDelivery.Outcome(
                    loss: SpanDelivery.Loss(spans: 3, reason: .refused), news: .troubleBegan("status 400")))
        #expect(delivery.next(nowNanoseconds: 9)?.batch == batch(2))
        #expect(
            delivery.ended(2, .delivered, nowNanoseconds: 9, random: 0).news == .troubleOver(spansLost: 3))
    }

    @Test func `giving up counts what waits and what is on its way`() {
        var delivery = delivery()
        for number: UInt8 in 1...3 { _ = delivery.add(batch(number, spans: 5)) }
        _ = delivery.next(nowNanoseconds: 0)
        #expect(delivery.abandon() == SpanDelivery.Loss(spans: 15, reason: .stopped))
        #expect(delivery.isEmpty && delivery.abandon() == nil)
    }

    @Test func `in a hurry the wait is over`() {
        var delivery = delivery()
        _ = delivery.add(batch(1))
        _ = delivery.next(nowNanoseconds: 0)
        _ = delivery.ended(1, away, nowNanoseconds: 0, random: .max)
        #expect(delivery.next(nowNanoseconds: 1) == nil)
        delivery.hurry()
        #expect(delivery.next(nowNanoseconds: 1) != nil)
    }

    @Test func `the wait after failures doubles up to its bound, half of it by chance`() {
        var backOff = BackOff(firstMilliseconds: 100, maxMilliseconds: 1_000)
        for whole: UInt64 in [100, 200, 400, 800, 1_000, 1_000] {
            var same = backOff
            #expect(same.failed(random: 0) == whole * 500_000)
            let most = backOff.failed(random: whole * 500_000)
            #expect(most == whole * 1_000_000)
        }
        for _ in 0..<100 { #expect(backOff.failed(random: .max) <= 1_000_000_000) }
        backOff.succeeded()
        #expect(!backOff.isFailing)
        #expect(backOff.failed(random: 0) == 50_000_000)
        var shortest = BackOff(firstMilliseconds: 1, maxMilliseconds: 1)
        for _ in 0..<100 { #expect(shortest.failed(random: 0) == 500_000) }
    }
}
