internal import Declarations

/// What a reload cannot change: it is refused, and says so, rather than half applied.
enum RestartChecks {
    /// The first reason for a restart, if any.
    static func refusal(file: String, from old: GatewayDeclaration, to new: GatewayDeclaration) -> Refusal? {
        if old.admin.accessLog != new.admin.accessLog {
            return Refusal(
                .configuration,
                "\(file): admin.access-log cannot change while the gateway runs: put it back, or restart the gateway")
        }
        return tracingRefusal(file: file, from: old.tracing, to: new.tracing)
    }

    /// The exporter and its queues are made once; all that shards decide by themselves may change.
    private static func tracingRefusal(
        file: String, from old: TracingDeclaration?, to new: TracingDeclaration?
    ) -> Refusal? {
        let change: String
        switch (old, new) {
        case (nil, nil): return nil
        case (nil, _?): change = "tracing cannot be added"
        case (_?, nil): change = "tracing cannot be removed"
        case (let old?, let new?):
            if old.collectorURL == new.collectorURL { return nil }
            change = "tracing.zipkin cannot change"
        }
        return Refusal(
            .configuration, "\(file): \(change) while the gateway runs: put it back, or restart the gateway")
    }
}
