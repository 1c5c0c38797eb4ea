/// The endpoints' health in the Prometheus text format (version 0.0.4), to stand below the other families of a page.
public enum HealthMetricsText {
    /// Whole families; without any endpoint only those that have no labels.
    public static func render(_ snapshot: HealthSnapshot) -> [UInt8] {
        var page = HealthMetricsPage()
        page.family(
            "martlet_health_checks_skipped_total", "counter",
            "Checks that were not made for lack of room or descriptors.")
        page.line("martlet_health_checks_skipped_total", [], snapshot.checksSkipped)
        page.family(
            "martlet_health_reports_dropped_total", "counter", "Reports of shards that nobody had the time to read.")
        page.line("martlet_health_reports_dropped_total", [], snapshot.reportsDropped)
        page.family("martlet_upstream_endpoint_checks_total", "counter", "Active checks, by how they ended.")
        page.each(snapshot) { page, labels, endpoint in
            page.line(
                "martlet_upstream_endpoint_checks_total", labels + [("outcome", "failed")], endpoint.checksFailed)
            page.line(
                "martlet_upstream_endpoint_checks_total", labels + [("outcome", "passed")], endpoint.checksPassed)
        }
        page.family("martlet_upstream_endpoint_ejections_total", "counter", "Ejections for failed exchanges.")
        page.each(snapshot) { page, labels, endpoint in
            page.line("martlet_upstream_endpoint_ejections_total", labels, endpoint.ejections)
        }
        page.family("martlet_upstream_endpoint_health", "gauge", "1 for the state an endpoint is in, 0 for the others.")
        page.each(snapshot) { page, labels, endpoint in
            for state in EndpointHealthSnapshot.State.allCases {
                page.line(
                    "martlet_upstream_endpoint_health", labels + [("state", state.rawValue)],
                    endpoint.state == state ? 1 : 0)
            }
        }
        return Array(page.text.utf8)
    }
}

/// Writes lines of the format.
private struct HealthMetricsPage {
    var text = ""

    mutating func family(_ name: String, _ kind: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
    }

    mutating func line(_ name: String, _ labels: [(String, String)], _ value: UInt64) {
        let list = labels.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",")
        text += list.isEmpty ? "\(name) \(value)\n" : "\(name){\(list)} \(value)\n"
    }

    /// All endpoints, each with the labels that name it.
    mutating func each(
        _ snapshot: HealthSnapshot,
        _ body: (inout HealthMetricsPage, [(String, String)], EndpointHealthSnapshot) -> Void
    ) {
        for upstream in snapshot.upstreams {
            for endpoint in upstream.endpoints {
                body(&self, [("upstream", upstream.upstream), ("endpoint", endpoint.endpoint)], endpoint)
            }
        }
    }

    private static func escaped(_ value: String) -> String {
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
