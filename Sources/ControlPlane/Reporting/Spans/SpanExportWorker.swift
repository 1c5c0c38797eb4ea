internal import Compression
internal import Fetch
internal import Kernel
internal import Logging
internal import Telemetry

/// What the exporter's thread owns, and what it does. Decisions are those of `SpanBatcher` and `SpanDelivery`.
final class SpanExportWorker {
    /// Octets of an answer that is no success that are read, for the log.
    private static let answerBytesMax = 256
    /// Chunks of each shard in one turn.
    private static let roundsMax = 16

    private let options: SpanExportOptions
    private let queues: [ChunkQueue]
    private let wakeUp: WakeUp
    private let metrics: SpanExportMetrics
    private let logger: Logger
    private var random = FastRandom(seed: SystemClock.entropy())
    private var batcher: SpanBatcher
    private var delivery: SpanDelivery
    /// `nil` when bodies are sent as they are.
    private let encoder: GzipEncoder?
    /// Made for the first batch.
    private var client: FetchLoop?

    init(
        _ options: SpanExportOptions, queues: [ChunkQueue], wakeUp: WakeUp, metrics: SpanExportMetrics, logger: Logger
    ) {
        self.options = options
        self.queues = queues
        self.wakeUp = wakeUp
        self.metrics = metrics
        self.logger = logger
        let chunkBytes = queues.map(\.chunkBytes).max() ?? 0
        batcher = SpanBatcher(
            spansMax: options.spansMax, bytesMax: max(options.bytesMax, chunkBytes + 2),
            intervalMilliseconds: options.intervalMilliseconds)
        delivery = SpanDelivery(options)
        // Level 1: spans repeat themselves so much that higher ones gain little.
        encoder = options.compresses ? GzipEncoder(level: 1) : nil
    }

    /// Runs until there is a deadline, and until it or the last batch.
    func run(deadline: () -> UInt64?) {
        var isHurrying = false
        while true {
            // 1. The flag is read before the queues are emptied: what was handed over before a stop is seen after it.
            let end = deadline()
            if end != nil && !isHurrying {
                isHurrying = true
                delivery.hurry()
            }
            let chunks = takeChunks()
            let now = SystemClock.monotonicNanoseconds()
            if let due = batcher.dueAt, due <= now || isHurrying { seal() }
            // 2. What has ended makes room for what may go.
            let isLost = takeOutcomes() == .somethingFailed && isHurrying
            if let end, now >= end || isLost || (delivery.isEmpty && chunks == .allTaken) { break }
            startTransfers()
            // 3. Sleep until something is due, something ends or someone signals.
            wait(until: chunks == .allTaken ? [batcher.dueAt, delivery.nextAt, end].compactMap { $0 }.min() : now)
        }
        client?.cancelAll()
        countLeftOver()
    }

    // MARK: - Batches

    private enum Chunks {
        case allTaken
        /// Their signals may have been drained already.
        case someLeft
    }

    /// One chunk of each shard in turn, until there are none or the transfers want a look.
    private func takeChunks() -> Chunks {
        for _ in 0..<Self.roundsMax {
            var tookAny = false
            for queue in queues {
                guard let chunk = queue.next() else { continue }
                tookAny = true
                add(chunk)
                queue.recycle(chunk)
            }
            if !tookAny { return .allTaken }
        }
        return .someLeft
    }

    private func add(_ chunk: Chunk) {
        let now = SystemClock.monotonicNanoseconds()
        let length = chunk.bytes.count
        var taken = 0
        while taken < length {
            taken = batcher.add(chunk.bytes.readable, from: taken, nowNanoseconds: now)
            if batcher.isFull { seal() }
        }
    }

    private func seal() {
        let encoder = encoder
        let batch = batcher.seal { text in
            if let encoder { return encoder.encode(text) }
            var copy: [UInt8] = []
            copy.reserveCapacity(text.count)
            for index in text.indices { copy.append(text[index]) }
            return copy
        }
        count(delivery.add(batch))
    }

    /// Everything that there is no time for any more.
    private func countLeftOver() {
        count(delivery.abandon())
        var spans = batcher.spanCount
        for queue in queues {
            while let chunk = queue.next() {
                spans += AccessLogSink.lineCount(chunk.bytes.readable)
                queue.recycle(chunk)
            }
        }
        if spans > 0 { metrics.spansDropped(spans, .stopped) }
    }

    // MARK: - Transfers

    private func startTransfers() {
        while let departure = delivery.next(nowNanoseconds: SystemClock.monotonicNanoseconds()) {
            do throws(FetchError) {
                let start = try readyClient().start(request(departure.batch), tag: departure.tag)
                precondition(start == .accepted, "no more transfers begin than the client takes")
            } catch {
                settle(departure.tag, .failed(error.text))
            }
        }
    }

    private func readyClient() throws(FetchError) -> FetchLoop {
        if let client { return client }
        var limits = FetchLoop.Limits()
        limits.transfersMax = options.transfersMax
        limits.idleConnectionsMax = options.transfersMax
        let made = try FetchLoop(limits: limits)
        client = made
        return made
    }

    private func request(_ batch: SpanBatch) -> FetchRequest {
        var request = FetchRequest(url: options.url)
        request.method = "POST"
        request.fields = [FetchField("Content-Type", "application/json")]
        if encoder != nil { request.fields.append(FetchField("Content-Encoding", "gzip")) }
        // Nobody is to trace this request: its spans would be spans about spans.
        request.fields.append(FetchField("b3", "0"))
        request.fields += options.fields
        request.body = batch.body
        request.connectMilliseconds = options.connectMilliseconds
        request.wholeMilliseconds = options.wholeMilliseconds
        request.tls = options.tls
        request.proxy = options.proxy
        request.bodyLimit = .cut(atBytes: Self.answerBytesMax)
        return request
    }

    private enum Outcomes {
        case allWell, somethingFailed
    }

    private func takeOutcomes() -> Outcomes {
        var outcomes = Outcomes.allWell
        for outcome in client?.takeFinished() ?? [] {
            let verdict = Self.verdict(outcome.result)
            settle(outcome.tag, verdict)
            if case .failed = verdict { outcomes = .somethingFailed }
        }
        return outcomes
    }

    /// What a collector's answer means for the batch.
    static func verdict(_ result: Result<FetchResponse, FetchError>) -> SpanDelivery.Verdict {
        switch result {
        case .failure(let error): return .failed(error.text)
        case .success(let response):
            let words = String(decoding: response.body, as: UTF8.self)
            let text = "status \(response.status)" + (words.isEmpty ? "" : ": \(words)")
            switch response.status {
            case 200..<300: return .delivered
            case 408, 425, 429, 500...: return .failed(text)
            default: return .refused(text)
            }
        }
    }

    private func settle(_ tag: UInt64, _ verdict: SpanDelivery.Verdict) {
        let outcome = delivery.ended(
            tag, verdict, nowNanoseconds: SystemClock.monotonicNanoseconds(), random: random.next())
        if let batch = outcome.delivered {
            metrics.batchSent(spans: batch.spans, bytes: batch.body.count)
        } else {
            metrics.transferFailed()
        }
        count(outcome.loss)
        // Said once when it starts and once when it is over; an outage must not fill the control log.
        switch outcome.news {
        case .troubleBegan(let text):
            logger.warning(
                "the collector does not take spans", metadata: ["collector": "\(options.shownURL)", "error": "\(text)"])
        case .troubleOver(let lost):
            logger.notice(
                "the collector takes spans again",
                metadata: ["collector": "\(options.shownURL)", "spansLost": "\(lost)"])
        case nil: break
        }
    }

    private func count(_ loss: SpanDelivery.Loss?) {
        if let loss { metrics.spansDropped(loss.spans, loss.reason) }
    }

    private func wait(until moment: UInt64?) {
        var milliseconds = Int(Int32.max)
        if let moment {
            let now = SystemClock.monotonicNanoseconds()
            // Rounded up: a wait that ends a little too soon would be followed by idle turns.
            milliseconds = moment > now ? Int(min((moment - now + 999_999) / 1_000_000, UInt64(Int32.max))) : 0
        }
        if let client {
            client.wait(timeoutMilliseconds: milliseconds, or: wakeUp)
        } else {
            _ = wakeUp.wait(timeoutMilliseconds: milliseconds)
        }
    }
}
