internal import Telemetry

/// What is on its way to the collector and what waits for it: a bounded queue that loses the oldest batch first, because
/// who looks at traces looks at the newest. Pure; time and chance are arguments.
struct SpanDelivery {
    /// How a transfer ended.
    enum Verdict: Sendable, Equatable {
        case delivered
        /// The collector will never take this batch.
        case refused(String)
        /// It may take it later.
        case failed(String)
    }

    /// What is worth a word in the log.
    enum News: Sendable, Equatable {
        case troubleBegan(String)
        /// With the spans that were lost meanwhile.
        case troubleOver(spansLost: Int)
    }

    /// Spans that are lost.
    struct Loss: Sendable, Equatable {
        var spans: Int
        var reason: SpanDropReason
    }

    /// What follows from the end of a transfer.
    struct Outcome: Sendable, Equatable {
        var delivered: SpanBatch?
        var loss: Loss?
        var news: News?
    }

    /// A transfer that may begin.
    struct Departure: Sendable, Equatable {
        var tag: UInt64
        var batch: SpanBatch
    }

    private let batchesMax: Int
    private let bytesMax: Int
    private let transfersMax: Int
    private var backOff: BackOff
    // Ascending by tag, which is the order in which the batches were sealed.
    private var waiting: [Departure] = []
    private var departed: [UInt64: SpanBatch] = [:]
    private var bytes = 0
    private var nextTag: UInt64 = 1
    private var retryAt: UInt64 = 0
    private var isInTrouble = false
    private var lostInTrouble = 0

    init(_ options: SpanExportOptions) {
        precondition(options.transfersMax >= 1 && options.batchesMax > options.transfersMax)
        batchesMax = options.batchesMax
        bytesMax = options.queuedBytesMax
        transfersMax = options.transfersMax
        backOff = BackOff(
            firstMilliseconds: options.backOffFirstMilliseconds, maxMilliseconds: options.backOffMaxMilliseconds)
    }

    /// Nothing waits and nothing is on its way.
    var isEmpty: Bool { waiting.isEmpty && departed.isEmpty }

    /// The last transfer to end did not succeed.
    var isFailing: Bool { backOff.isFailing }

    /// When a waiting batch may be tried again; `nil`: not foreseen, or there is none.
    var nextAt: UInt64? { waiting.isEmpty || departed.count >= transfersAllowed ? nil : retryAt }

    private var transfersAllowed: Int { backOff.isFailing ? 1 : transfersMax }

    /// Takes a batch; returns what had to go for it.
    mutating func add(_ batch: SpanBatch) -> Loss? {
        waiting.append(Departure(tag: nextTag, batch: batch))
        nextTag += 1
        bytes += batch.body.count
        var lost = 0
        while waiting.count > 1, waiting.count + departed.count > batchesMax || bytes > bytesMax {
            lost += forget(waiting.removeFirst().batch)
        }
        return loss(lost, .queueFull)
    }

    /// The next batch to send, if one may be sent now.
    mutating func next(nowNanoseconds: UInt64) -> Departure? {
        guard let nextAt, nextAt <= nowNanoseconds else { return nil }
        let departure = waiting.removeFirst()
        departed[departure.tag] = departure.batch
        return departure
    }

    /// A transfer is over.
    mutating func ended(_ tag: UInt64, _ verdict: Verdict, nowNanoseconds: UInt64, random: UInt64) -> Outcome {
        guard let batch = departed.removeValue(forKey: tag) else { preconditionFailure("a transfer ends once") }
        switch verdict {
        case .delivered:
            _ = forget(batch)
            backOff.succeeded()
            retryAt = 0
            return Outcome(delivered: batch, news: troubleOver())
        case .refused(let text):
            // The collector is there, so the next batch need not wait.
            backOff.succeeded()
            retryAt = 0
            let news = trouble(text)
            return Outcome(loss: loss(forget(batch), .refused), news: news)
        case .failed(let text):
            let place = waiting.firstIndex { $0.tag > tag } ?? waiting.endIndex
            waiting.insert(Departure(tag: tag, batch: batch), at: place)
            // Transfers that ran side by side fail together; that is one failure.
            if retryAt <= nowNanoseconds { retryAt = nowNanoseconds &+ backOff.failed(random: random) }
            return Outcome(news: trouble(text))
        }
    }

    /// The end is near: what waits may go at once.
    mutating func hurry() { retryAt = 0 }

    /// Gives up on everything.
    mutating func abandon() -> Loss? {
        let lost = waiting.reduce(0) { $0 + $1.batch.spans } + departed.values.reduce(0) { $0 + $1.spans }
        waiting = []
        departed = [:]
        bytes = 0
        return loss(lost, .stopped)
    }

    // MARK: - Details

    private mutating func forget(_ batch: SpanBatch) -> Int {
        bytes -= batch.body.count
        return batch.spans
    }

    private mutating func loss(_ spans: Int, _ reason: SpanDropReason) -> Loss? {
        guard spans > 0 else { return nil }
        if isInTrouble { lostInTrouble += spans }
        return Loss(spans: spans, reason: reason)
    }

    private mutating func trouble(_ text: String) -> News? {
        guard !isInTrouble else { return nil }
        isInTrouble = true
        return .troubleBegan(text)
    }

    private mutating func troubleOver() -> News? {
        guard isInTrouble else { return nil }
        defer { lostInTrouble = 0 }
        isInTrouble = false
        return .troubleOver(spansLost: lostInTrouble)
    }
}
