import Fetch
import Testing

@testable import Reporting

@Suite struct SpanBatcherTests {
    private func run(_ objects: [String]) -> [UInt8] { Array(objects.map { $0 + ",\n" }.joined().utf8) }

    private func seal(_ batcher: inout SpanBatcher) -> (text: String, spans: Int) {
        let batch = batcher.seal { text in
            var copy: [UInt8] = []
            for index in text.indices { copy.append(text[index]) }
            return copy
        }
        return (String(decoding: batch.body, as: UTF8.self), batch.spans)
    }

    @Test func `spans become an array`() {
        var batcher = SpanBatcher(spansMax: 10, bytesMax: 100, intervalMilliseconds: 1)
        let run = run(["{1}", "{2}"])
        #expect((batcher.isEmpty, batcher.dueAt == nil) == (true, true))
        #expect(batcher.add(run.span, from: 0, nowNanoseconds: 7) == run.count)
        #expect(batcher.dueAt == 1_000_007)
        #expect(batcher.add(run.span, from: 0, nowNanoseconds: 900) == run.count)
        #expect(batcher.dueAt == 1_000_007, "the first span counts")
        #expect(seal(&batcher) == ("[{1},\n{2},\n{1},\n{2}]", 4))
        #expect(batcher.spanCount == 0)
        _ = batcher.add(run.span, from: 5, nowNanoseconds: 1_000)
        #expect(seal(&batcher) == ("[{2}]", 1))
    }

    @Test func `a batch is full at its count`() {
        var batcher = SpanBatcher(spansMax: 2, bytesMax: 100, intervalMilliseconds: 1)
        let run = run(["{1}", "{2}", "{3}"])
        #expect(batcher.add(run.span, from: 0, nowNanoseconds: 7) == 10)
        #expect((batcher.isFull, batcher.dueAt, batcher.spanCount) == (true, 0, 2))
        #expect(batcher.add(run.span, from: 10, nowNanoseconds: 7) == 10, "it takes no more")
        #expect(seal(&batcher) == ("[{1},\n{2}]", 2))
        #expect(batcher.add(run.span, from: 10, nowNanoseconds: 7) == 15)
        #expect(batcher.isFull == false)
        #expect(seal(&batcher) == ("[{3}]", 1))
    }

    @Test(arguments: 7...30)
    func `a batch is full at its size, and every span stays whole`(bytesMax: Int) {
        var batcher = SpanBatcher(spansMax: 100, bytesMax: bytesMax, intervalMilliseconds: 1)
        let run = run((0..<9).map { "{\($0)}" })
        var all = ""
        var index = 0
        while index < run.count {
            index = batcher.add(run.span, from: index, nowNanoseconds: 7)
            let (text, spans) = seal(&batcher)
            #expect(text.utf8.count <= bytesMax && text.hasPrefix("[{") && text.hasSuffix("}]"))
            #expect(spans == text.utf8.count { $0 == 0x7B })
            all += text.dropFirst().dropLast() + ",\n"
        }
        #expect(Array(all.utf8) == run)
    }

    @Test(arguments: [
        ("http://zipkin:9411", "http://zipkin:9411/api/v2/spans"),
        ("http://zipkin:9411/", "http://zipkin:9411/api/v2/spans"),
        ("https://traces.test/zipkin", "https://traces.test/zipkin/api/v2/spans"),
        ("http://zipkin:9411/api/v2/spans", "http://zipkin:9411/api/v2/spans"),
        ("http://traces.test/take?key=1", "http://traces.test/take?key=1"),
    ])
    func `the collector's address is completed`(collector: String, url: String) {
        #expect(SpanExportOptions(collector: collector).url == url)
    }

    @Test(arguments: [
        ("http://user:secret@zipkin:9411/api/v2/spans?token=secret", "http://zipkin:9411/api/v2/spans"),
        ("http://a@b@zipkin/spans", "http://zipkin/spans"), ("http://zipkin/@/spans", "http://zipkin/@/spans"),
        ("user@zipkin/spans", "zipkin/spans"), ("https://user@zipkin/spans", "https://zipkin/spans"),
    ])
    func `secrets in the address are not shown`(collector: String, shown: String) {
        #expect(SpanExportOptions(collector: collector).shownURL == shown)
    }

    @Test(arguments: [
        (200, SpanDelivery.Verdict.delivered), (202, .delivered), (204, .delivered), (400, .refused("status 400: no")),
        (404, .refused("status 404: no")), (302, .refused("status 302: no")), (413, .refused("status 413: no")),
        (408, .failed("status 408: no")), (425, .failed("status 425: no")), (429, .failed("status 429: no")),
        (500, .failed("status 500: no")), (503, .failed("status 503: no")), (599, .failed("status 599: no")),
    ])
    func `an answer tells whether the batch may come again`(status: Int, verdict: SpanDelivery.Verdict) {
        let response = FetchResponse(status: status, fields: [], body: Array("no".utf8))
        #expect(SpanExportWorker.verdict(.success(response)) == verdict)
    }

    @Test func `without an answer the batch comes again`() {
        #expect(SpanExportWorker.verdict(.failure(FetchError(.timedOut, "late"))) == .failed("late"))
    }
}
