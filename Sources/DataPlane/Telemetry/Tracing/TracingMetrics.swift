internal import Kernel
public import TraceContext

/// The counters of tracing of one shard. Only that shard writes them.
public struct TracingMetrics: Sendable {
    let block: CounterBlock

    /// Layout of the block.
    enum Word {
        static let spansRecorded = 0
        static let spansDropped = 1
        static let kept = 2
        static let problems = kept + KeepReason.allCases.count
        static let count = problems + TraceProblem.allCases.count
    }

    /// A span was written.
    public func spanRecorded() { block.add(Word.spansRecorded) }

    /// A span found no room.
    public func spanDropped() { block.add(Word.spansDropped) }

    /// The spans of an exchange are kept.
    public func exchangeKept(_ reason: KeepReason) { block.add(Word.kept + Int(reason.rawValue)) }

    /// Trace headers were taken as absent; the steady case costs one comparison.
    public func headersIgnored(_ problems: TraceProblems) {
        var rest = problems
        while let problem = rest.popFirst() { block.add(Word.problems + Int(problem.rawValue)) }
    }
}

/// Why the exporter lost spans.
public enum SpanDropReason: UInt8, Sendable, CaseIterable {
    /// The collector was away, or too slow, for longer than the queue holds.
    case queueFull
    /// The collector does not take them.
    case refused
    /// There was no time left at the end.
    case stopped

    /// The word in metrics.
    var word: StaticString {
        switch self {
        case .queueFull: "queue-full"
        case .refused: "refused"
        case .stopped: "stopped"
        }
    }
}

/// The counters of the thread that exports spans. Only that thread writes them.
public struct SpanExportMetrics: Sendable {
    let block: CounterBlock

    /// Layout of the block.
    enum Word {
        static let spansSent = 0
        static let batchesSent = 1
        static let bytesSent = 2
        static let failures = 3
        static let dropped = 4
        static let count = dropped + SpanDropReason.allCases.count
    }

    /// The collector took a batch.
    public func batchSent(spans: Int, bytes: Int) {
        block.add(Word.batchesSent)
        block.add(Word.spansSent, UInt64(spans))
        block.add(Word.bytesSent, UInt64(bytes))
    }

    /// A transfer did not succeed, be it repeated or not.
    public func transferFailed() { block.add(Word.failures) }

    /// Spans are lost.
    public func spansDropped(_ count: Int, _ reason: SpanDropReason) {
        block.add(Word.dropped + Int(reason.rawValue), UInt64(count))
    }
}

/// All counters of tracing.
public final class TracingRegistry: Sendable {
    /// The exporter's.
    public let exporter: SpanExportMetrics
    let shards: [TracingMetrics]

    /// Counters for so many shards, at least one.
    public init(shards count: Int) {
        precondition(count > 0)
        exporter = SpanExportMetrics(block: CounterBlock(count: SpanExportMetrics.Word.count))
        shards = (0..<count).map { _ in TracingMetrics(block: CounterBlock(count: TracingMetrics.Word.count)) }
    }

    /// The counters of a shard.
    public func shard(_ shard: Int) -> TracingMetrics { shards[shard] }

    /// The sum of a word over the shards.
    func sum(_ word: Int) -> UInt64 { shards.reduce(0) { $0 &+ $1.block[word] } }
}
