internal import Kernel

// What is told of TLS: certificates that are served, and handshakes with clients.
extension MetricsPage {
    mutating func certificates(_ snapshot: MetricsSnapshot) {
        family(
            "martlet_certificate_not_after_timestamp_seconds", .gauge,
            "When a served certificate expires, in Unix time.")
        for figure in snapshot.certificates {
            append("martlet_certificate_not_after_timestamp_seconds{")
            append(Self.labels(figure))
            append("} ")
            append(decimal: UInt64(max(0, figure.notAfterSeconds)))
            append("\n")
        }
    }

    private static func labels(_ figure: CertificateFigure) -> [UInt8] {
        label("listener", value: figure.listener) + [0x2C] + label("file", value: figure.file) + [0x2C]
            + label("subject", value: figure.subject)
    }

    mutating func handshakes(_ snapshot: MetricsSnapshot) {
        typealias Word = ListenerMetrics.Word
        family(
            "martlet_downstream_tls_failures_total", .counter,
            "TLS handshakes with clients that came to nothing, by why.")
        for series in snapshot.listeners {
            for failure in HandshakeFailure.allCases {
                sample(
                    "martlet_downstream_tls_failures_total", series.label, "reason", failure.word,
                    series.sum(Word.handshakesFailed + Int(failure.rawValue)))
            }
        }
        family("martlet_downstream_tls_handshakes_total", .counter, "TLS sessions with clients, by version and kind.")
        for series in snapshot.listeners {
            handshakes(series, "TLSv1.2", full: Word.handshakesFull12, resumed: Word.handshakesResumed12)
            handshakes(series, "TLSv1.3", full: Word.handshakesFull13, resumed: Word.handshakesResumed13)
        }
    }

    private mutating func handshakes(_ series: MetricsSeries, _ version: StaticString, full: Int, resumed: Int) {
        handshakes(series, version, "full", series.sum(full))
        handshakes(series, version, "resumed", series.sum(resumed))
    }

    private mutating func handshakes(
        _ series: MetricsSeries, _ version: StaticString, _ kind: StaticString, _ value: UInt64
    ) {
        append("martlet_downstream_tls_handshakes_total{")
        append(series.label)
        append(",version=\"")
        append(version)
        append("\",kind=\"")
        append(kind)
        append("\"} ")
        append(decimal: value)
        append("\n")
    }
}
