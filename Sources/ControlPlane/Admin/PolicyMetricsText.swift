public import Filters
public import Identity

/// What limits and key sets have to tell, in the Prometheus text format.
public enum PolicyMetricsText {
    /// Limits that have series of their own, 4 each; the rest share one set of series.
    public static let limitsMax = 2_000

    /// Decisions of all limits.
    public static func limits(
        _ all: [(name: String, figures: LimitFigures)], limitsMax: Int = limitsMax
    ) -> [UInt8] {
        guard !all.isEmpty else { return [] }
        let figures = folded(all, max: limitsMax)
        var text = family(
            "martlet_rate_limit_decisions_total", "counter",
            "Requests that a limit let through, refused, or would have refused (shadow).")
        for (name, figures) in figures {
            for (decision, value) in [
                ("allowed", figures.allowed), ("refused", figures.refused), ("shadow-refused", figures.shadowRefused),
            ] {
                text +=
                    "martlet_rate_limit_decisions_total{limit=\"\(escaped(name))\",decision=\"\(decision)\"} \(value)\n"
            }
        }
        text += family(
            "martlet_rate_limit_evictions_total", "counter",
            "Keys in debt that a limit forgot because its table was full.")
        for (name, figures) in figures {
            text += "martlet_rate_limit_evictions_total{limit=\"\(escaped(name))\"} \(figures.evictions)\n"
        }
        return Array(text.utf8)
    }

    private static func folded(
        _ all: [(name: String, figures: LimitFigures)], max: Int
    ) -> [(name: String, figures: LimitFigures)] {
        guard var others = all.dropFirst(max).first?.figures else { return all }
        for (_, figures) in all.dropFirst(max + 1) {
            others.allowed += figures.allowed
            others.refused += figures.refused
            others.shadowRefused += figures.shadowRefused
            others.evictions += figures.evictions
        }
        return all.prefix(max) + [("__other__", others)]
    }

    /// The keys of all issuers. `now` is monotonic, in nanoseconds.
    public static func keySets(_ states: [KeySetState], now: UInt64) -> [UInt8] {
        guard !states.isEmpty else { return [] }
        var text = family("martlet_issuer_keys", "gauge", "Keys of an issuer that tokens are checked with.")
        for state in states { text += "martlet_issuer_keys{issuer=\"\(escaped(state.issuer))\"} \(state.keys)\n" }
        text += family(
            "martlet_issuer_keys_age_seconds", "gauge", "Since the key set was fetched last; none was when absent.")
        for state in states where state.fetchedAt > 0 {
            let age = now > state.fetchedAt ? (now - state.fetchedAt) / 1_000_000_000 : 0
            text += "martlet_issuer_keys_age_seconds{issuer=\"\(escaped(state.issuer))\"} \(age)\n"
        }
        text += family("martlet_issuer_key_fetches_total", "counter", "Fetches of a key set, by how they ended.")
        for state in states {
            let issuer = escaped(state.issuer)
            text += "martlet_issuer_key_fetches_total{issuer=\"\(issuer)\",outcome=\"ok\"} \(state.fetches)\n"
            text += "martlet_issuer_key_fetches_total{issuer=\"\(issuer)\",outcome=\"failed\"} \(state.failures)\n"
        }
        return Array(text.utf8)
    }

    private static func family(_ name: String, _ kind: String, _ help: String) -> String {
        "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
    }

    private static func escaped(_ value: String) -> String {
        // Names are nearly always plain.
        guard value.utf8.contains(where: { $0 == 0x5C || $0 == 0x22 || $0 == 0x0A }) else { return value }
        return value.reduce(into: "") { text, character in
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.append(character)
            }
        }
    }
}
