internal import HTTPModel
internal import Kernel

/// Figures of the process that the caller reads from the system.
public struct ProcessFigures: Sendable, Equatable {
    /// Processor time used, in user and system mode together.
    public var processorNanoseconds: UInt64
    /// Memory resident now.
    public var residentBytes: UInt64
    /// Open file descriptors.
    public var openDescriptors: UInt64
    /// Most file descriptors that may be open.
    public var descriptorsMax: UInt64
    /// Milliseconds from 1970 to the start of the process.
    public var startMilliseconds: UInt64

    /// All parts.
    public init(
        processorNanoseconds: UInt64, residentBytes: UInt64, openDescriptors: UInt64, descriptorsMax: UInt64,
        startMilliseconds: UInt64
    ) {
        self.processorNanoseconds = processorNanoseconds
        self.residentBytes = residentBytes
        self.openDescriptors = openDescriptors
        self.descriptorsMax = descriptorsMax
        self.startMilliseconds = startMilliseconds
    }
}

/// Everything that is counted, in the Prometheus text format (version 0.0.4): families in the order of their names,
/// series in the order of their labels.
public enum PrometheusText {
    /// The value of `Content-Type`.
    public static let contentType: StaticString = "text/plain; version=0.0.4; charset=utf-8"

    /// Renders the page. Takes tens of milliseconds for 10,000 used routes, and no lock meanwhile: for the control
    /// plane.
    public static func render(_ registry: MetricsRegistry, process: ProcessFigures, version: String) -> [UInt8] {
        let snapshot = registry.snapshot()
        var page = MetricsPage(reserving: 16_384 + (snapshot.routes.count + snapshot.upstreams.count) * 4_096)
        page.gateway(snapshot, version: version)
        page.downstreamConnections(snapshot)
        page.errors(snapshot)
        page.traffic(snapshot)
        page.exchanges(snapshot)
        page.upstreams(snapshot)
        page.process(process)
        return page.bytes
    }
}

// The families in the order of their names; `render` calls these from top to bottom.
extension MetricsPage {
    mutating func gateway(_ snapshot: MetricsSnapshot, version: String) {
        family("martlet_access_log_dropped_total", .counter, "Lines of the access log that were lost.")
        sample(
            "martlet_access_log_dropped_total",
            snapshot.shardSum(ShardMetrics.Word.logLinesDropped)
                + snapshot.reporting[ReportingMetrics.Word.linesDropped])
        family("martlet_build_info", .gauge, "Always 1; the version is in the label.")
        sample("martlet_build_info", Self.label("version", value: version), 1)
        certificates(snapshot)
        family(
            "martlet_configuration_last_reload_successful", .gauge,
            "1 when the last reload was applied, 0 when refused.")
        sample(
            "martlet_configuration_last_reload_successful", snapshot.configuration.lastReloadSuccessful ? 1 : 0)
        family("martlet_configuration_routes", .gauge, "Routes of the configuration in force.")
        sample("martlet_configuration_routes", UInt64(snapshot.configuration.routes))
        family("martlet_connections_shed_total", .counter, "Connections refused because the gateway was full.")
        sample("martlet_connections_shed_total", snapshot.shardSum(ShardMetrics.Word.shed))
    }

    mutating func downstreamConnections(_ snapshot: MetricsSnapshot) {
        family("martlet_downstream_accepts_total", .counter, "Connections accepted from clients.")
        for series in snapshot.listeners {
            sample("martlet_downstream_accepts_total", series.label, series.sum(ListenerMetrics.Word.opened))
        }
        family("martlet_downstream_connections", .gauge, "Open connections of clients.")
        for series in snapshot.listeners {
            // Closed ones are read first: a connection that ends in between cannot make the gauge negative.
            let closed = series.sum(ListenerMetrics.Word.closed)
            let opened = series.sum(ListenerMetrics.Word.opened)
            sample("martlet_downstream_connections", series.label, opened >= closed ? opened - closed : 0)
        }
        handshakes(snapshot)
    }

    mutating func errors(_ snapshot: MetricsSnapshot) {
        family(
            "martlet_errors_total", .counter, "Exchanges that ended other than well, by what, where and whose doing.")
        for error in GatewayError.allCases {
            append("martlet_errors_total{stage=\"")
            append(error.stage.word)
            append("\",side=\"")
            append(error.side.word)
            append("\",error=\"")
            append(error.word)
            append("\"} ")
            append(decimal: snapshot.shardSum(ShardMetrics.Word.errors + Int(error.rawValue)))
            append("\n")
        }
    }

    mutating func traffic(_ snapshot: MetricsSnapshot) {
        let folded: StaticString = "martlet_metrics_series_folded_total"
        family(folded, .counter, "Routes and upstreams that came too late for series of their own.")
        sample(folded, Self.label("label", value: "route"), snapshot.routesFolded)
        sample(folded, Self.label("label", value: "upstream"), snapshot.upstreamsFolded)
        family("martlet_received_bytes_total", .counter, "Octets received, by side.")
        sides("martlet_received_bytes_total", snapshot, ShardMetrics.Word.receivedDownstream)
        family("martlet_reloads_total", .counter, "Reloads of the configuration, by outcome.")
        sample("martlet_reloads_total", Self.label("outcome", value: "applied"), snapshot.configuration.reloadsApplied)
        sample("martlet_reloads_total", Self.label("outcome", value: "refused"), snapshot.configuration.reloadsRefused)
    }

    mutating func exchanges(_ snapshot: MetricsSnapshot) {
        family(
            "martlet_request_duration_seconds", .histogram,
            "Time from the first byte of a request to the end of its exchange.")
        histograms("martlet_request_duration_seconds", snapshot.routes, at: RouteMetrics.Word.histogram)
        family("martlet_request_fields_dropped_total", .counter, "Request fields left out for an ambiguous name.")
        sample("martlet_request_fields_dropped_total", snapshot.shardSum(ShardMetrics.Word.fieldsDropped))
        family("martlet_requests_total", .counter, "Exchanges, by route and class of status.")
        statusClasses("martlet_requests_total", snapshot.routes, at: RouteMetrics.Word.statusClass)
        family("martlet_sent_bytes_total", .counter, "Octets sent, by side.")
        sides("martlet_sent_bytes_total", snapshot, ShardMetrics.Word.sentDownstream)
    }

    mutating func upstreams(_ snapshot: MetricsSnapshot) {
        typealias Word = UpstreamMetrics.Word
        family(
            "martlet_upstream_breaker_refusals_total", .counter,
            "Exchanges that the open breaker of an upstream refused.")
        for series in snapshot.upstreams {
            sample("martlet_upstream_breaker_refusals_total", series.label, series.sum(Word.breakerRefusals))
        }
        family("martlet_upstream_connections", .gauge, "Open connections to an upstream, by state.")
        for series in snapshot.upstreams {
            gauge("martlet_upstream_connections", series, "state", "active", Word.active)
            gauge("martlet_upstream_connections", series, "state", "idle", Word.idle)
        }
        family("martlet_upstream_connects_total", .counter, "Connects to an upstream, by outcome.")
        for series in snapshot.upstreams {
            let name: StaticString = "martlet_upstream_connects_total"
            sample(name, series.label, "outcome", "failed", series.sum(Word.connectsFailed))
            sample(name, series.label, "outcome", "ok", series.sum(Word.connectsSucceeded))
        }
        family(
            "martlet_upstream_duration_seconds", .histogram,
            "Time from handing a request to an upstream to its response head.")
        histograms("martlet_upstream_duration_seconds", snapshot.upstreams, at: Word.histogram)
        family("martlet_upstream_hedges_total", .counter, "Second attempts that began beside a slow first one.")
        for series in snapshot.upstreams {
            sample("martlet_upstream_hedges_total", series.label, series.sum(Word.hedges))
        }
        family("martlet_upstream_queued_exchanges", .gauge, "Exchanges that wait for a connection to an upstream.")
        for series in snapshot.upstreams {
            sample("martlet_upstream_queued_exchanges", series.label, series.sum(Word.queued))
        }
        family("martlet_upstream_requests_total", .counter, "Attempts, by upstream and class of status.")
        statusClasses("martlet_upstream_requests_total", snapshot.upstreams, at: Word.statusClass)
        family("martlet_upstream_retries_total", .counter, "Requests sent again on another connection.")
        for series in snapshot.upstreams {
            sample("martlet_upstream_retries_total", series.label, series.sum(Word.retries))
        }
        family("martlet_upstream_tls_failures_total", .counter, "TLS handshakes with an upstream that came to nothing.")
        for series in snapshot.upstreams {
            sample("martlet_upstream_tls_failures_total", series.label, series.sum(Word.handshakesFailed))
        }
    }

    mutating func process(_ process: ProcessFigures) {
        family("process_cpu_seconds_total", .counter, "Processor time used, in seconds.")
        append("process_cpu_seconds_total ")
        append(process.processorNanoseconds, dividedBy: 1_000_000_000)
        append("\n")
        family("process_max_fds", .gauge, "Most file descriptors that may be open.")
        sample("process_max_fds", process.descriptorsMax)
        family("process_open_fds", .gauge, "Open file descriptors.")
        sample("process_open_fds", process.openDescriptors)
        family("process_resident_memory_bytes", .gauge, "Resident memory.")
        sample("process_resident_memory_bytes", process.residentBytes)
        family("process_start_time_seconds", .gauge, "Start of the process, in seconds since 1970.")
        append("process_start_time_seconds ")
        append(process.startMilliseconds, dividedBy: 1_000)
        append("\n")
    }
}
