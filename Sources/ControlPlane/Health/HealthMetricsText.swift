/// The endpoints' health in the Prometheus text format (version 0.0.4), to stand below the other families of a page.
public enum HealthMetricsText {
    /// Endpoints that have series of their own, 6 each; the rest share one set of series, so that an upstream with very
    /// many endpoints cannot fill the page.
    public static let endpointsMax = 2_000
    /// The upstream and endpoint of the shared series.
    static let others = "__other__"

    /// Whole families; without any endpoint only those that have no labels.
    public static func render(_ snapshot: HealthSnapshot, endpointsMax: Int = endpointsMax) -> [UInt8] {
        let rows = HealthRow.rows(snapshot, max: endpointsMax)
        var page = HealthMetricsPage()
        page.family(
            "martlet_health_checks_skipped_total", "counter",
            "Checks that were not made for lack of room or descriptors.")
        page.line("martlet_health_checks_skipped_total", "", snapshot.checksSkipped)
        page.family(
            "martlet_health_reports_dropped_total", "counter", "Reports of shards that nobody had the time to read.")
        page.line("martlet_health_reports_dropped_total", "", snapshot.reportsDropped)
        page.family("martlet_upstream_endpoint_checks_total", "counter", "Active checks, by how they ended.")
        for row in rows {
            page.line("martlet_upstream_endpoint_checks_total", row.labels + ",outcome=\"failed\"", row.checksFailed)
            page.line("martlet_upstream_endpoint_checks_total", row.labels + ",outcome=\"passed\"", row.checksPassed)
        }
        page.family("martlet_upstream_endpoint_ejections_total", "counter", "Ejections for failed exchanges.")
        for row in rows { page.line("martlet_upstream_endpoint_ejections_total", row.labels, row.ejections) }
        page.family("martlet_upstream_endpoint_health", "gauge", "1 for the state an endpoint is in, 0 for the others.")
        for row in rows {
            for state in EndpointHealthSnapshot.State.allCases {
                page.line(
                    "martlet_upstream_endpoint_health", row.labels + ",state=\"\(state.rawValue)\"",
                    row.endpointsInState[state, default: 0])
            }
        }
        return Array(page.text.utf8)
    }
}

/// What the page says of one endpoint, or of all that have no series of their own.
private struct HealthRow {
    /// Those that name the endpoint, as they are written.
    let labels: String
    var checksPassed: UInt64 = 0
    var checksFailed: UInt64 = 0
    var ejections: UInt64 = 0
    var endpointsInState: [EndpointHealthSnapshot.State: UInt64] = [:]

    init(upstream: String, endpoint: String) {
        let (upstream, endpoint) = (HealthMetricsPage.escaped(upstream), HealthMetricsPage.escaped(endpoint))
        labels = "upstream=\"\(upstream)\",endpoint=\"\(endpoint)\""
    }

    mutating func add(_ endpoint: EndpointHealthSnapshot) {
        checksPassed += endpoint.checksPassed
        checksFailed += endpoint.checksFailed
        ejections += endpoint.ejections
        endpointsInState[endpoint.state, default: 0] += 1
    }

    /// In the order of the configuration, the shared one last.
    static func rows(_ snapshot: HealthSnapshot, max: Int) -> [HealthRow] {
        var rows: [HealthRow] = []
        for upstream in snapshot.upstreams {
            for endpoint in upstream.endpoints {
                if rows.count < max {
                    rows.append(HealthRow(upstream: upstream.upstream, endpoint: endpoint.endpoint))
                } else if rows.count == max {
                    rows.append(HealthRow(upstream: HealthMetricsText.others, endpoint: HealthMetricsText.others))
                }
                rows[rows.count - 1].add(endpoint)
            }
        }
        return rows
    }
}

/// Writes lines of the format.
private struct HealthMetricsPage {
    var text = ""

    mutating func family(_ name: String, _ kind: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
    }

    /// A sample with labels as they are written.
    mutating func line(_ name: String, _ labels: String, _ value: UInt64) {
        text += name
        if !labels.isEmpty {
            text += "{"
            text += labels
            text += "}"
        }
        text += " "
        text += String(value)
        text += "\n"
    }

    static func escaped(_ value: String) -> String {
        // Names and addresses are nearly always plain.
        guard value.utf8.contains(where: { $0 == 0x5C || $0 == 0x22 || $0 == 0x0A }) else { return value }
        var result = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
