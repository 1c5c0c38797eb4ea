internal import Declarations
internal import Kernel
internal import Logging
internal import Reporting
internal import Shard
internal import Telemetry

/// The export of spans, and what is counted of it. It lives as long as the gateway.
struct TraceReporting {
    private let registry: TracingRegistry
    private let exporter: SpanExporter
    private let logger: Logger

    /// `nil` when no traces are to be reported.
    static func start(
        _ declaration: TracingDeclaration?, shards: Int, logger: Logger
    ) throws(StartFailure) -> TraceReporting? {
        guard let declaration else { return nil }
        let registry = TracingRegistry(shards: shards)
        do throws(SystemError) {
            let exporter = try SpanExporter.start(
                SpanExportOptions(collector: declaration.collectorURL), shards: shards, metrics: registry.exporter,
                logger: logger)
            return TraceReporting(registry: registry, exporter: exporter, logger: logger)
        } catch {
            throw .system("the export of spans cannot start: \(error)")
        }
    }

    /// Where a data shard's spans go.
    func destination(shard: Int) -> SpanDestination {
        SpanDestination(queue: exporter.queue(shard: shard), metrics: registry.shard(shard))
    }

    /// What is counted of it, for `/metrics`.
    var metricsPage: @Sendable () -> [UInt8] {
        { [registry] in TracingMetricsText.render(registry) }
    }

    /// Sends what there is, for at most this long. The shards have ended.
    func stop(withinMilliseconds limit: Int) {
        if case .abandoned = exporter.stop(withinMilliseconds: limit) {
            logger.warning("the export of spans does not end")
        }
    }
}
