internal import Declarations

extension Shapes {
    static let route = MappingShape<RouteDraft>(
        name: "route", summary: "What it matches, the filters in order, and what happens to a request that takes it.",
        keys: [
            .optional(
                "id", \.id, ValueShape<String>.identifier.located, required: true,
                "Unique among the routes; a label in metrics and logs."),
            .key(
                "priority", \.priority, .integer(-1_000_000...1_000_000), default: 0,
                "Routes of higher priority win before anything else is looked at."),
            .nested("match", \.match, match, "All predicates must hold; without any, every request matches."),
            .key("filters", \.filters, .list(of: .filter, 0...64), "The filters, in order."),
            .optional(
                "forward", \.forward, ValueShape<Located<String>>.upstreamReference,
                "Forwards to the upstream of this id."),
            .optional("split", \.split, .split, "Forwards to one of several upstreams, drawn by weight."),
            .optional(
                "redirect", \.redirect, ValueShape<RedirectDeclaration>.redirect.located, "Answers with a redirect."),
            .optional("respond", \.respond, .respond, "Answers without an upstream."),
            .optional(
                "upgrade", \.upgrades, ValueShape<[String]>.upgrade.located,
                "Protocols that a forwarded request may change to, or `off`; `websocket` when not written."),
            .optional(
                "tracing", \.tracing, ValueShape<RouteTracingDeclaration>.routeTracing.located,
                "Which traces are recorded, where it differs from the gateway's `tracing`; `off`: none."),
        ], oneOf: ["forward", "split", "redirect", "respond"])

    static let match = MappingShape<MatchDraft>(
        name: "match", summary: "The predicates of a route; all must hold.",
        keys: [
            .key(
                "host", \.hosts, .oneOrList(of: ValueShape<String>.hostPattern.located),
                "A host name, `*.` and a name, or a list; one must match."),
            .key(
                "path", \.paths, .oneOrList(of: ValueShape<PathPatternDeclaration>.pathPattern.located),
                "`/exact`, `/a/**`, `/a/*/b`, `/a/{id}`, `~regex`, or a list; one must match."),
            .optional(
                "methods", \.methods, ValueShape<[String]>.oneOrList(of: .method).located,
                "A method, or a list; one must match."),
            .optional(
                "method", \.method, ValueShape<[String]>.oneOrList(of: .method).located, "The same as `methods`."),
            .key("headers", \.headers, .headerPredicates, "Conditions by header name; all must hold."),
            .key("query", \.query, .queryPredicates, "Conditions by query parameter; all must hold."),
        ])

    static let condition = MappingShape<ConditionDraft>(
        name: "condition", summary: "What is asked of a header or query parameter; one of its values must do.",
        keys: [
            .optional(
                "equal", \.condition, ValueShape<String>.text("a text").map { .equal($0) },
                "The whole value, to the letter."),
            .optional("present", \.isPresent, .boolean, "`true`: it is there."),
            .optional("absent", \.isAbsent, .boolean, "`true`: it is not there."),
            .optional(
                "regex", \.condition, ValueShape<String>.expression.map { .regex($0) },
                "An expression that must match the whole value."),
        ], oneOf: ["equal", "present", "absent", "regex"])

    static let splitTarget = MappingShape<SplitTargetDeclaration>(
        name: "split-target", summary: "One upstream of a split.",
        keys: [
            .key(
                "upstream", \.upstream, ValueShape<Located<String>>.upstreamReference.map(\.value), required: true,
                "The id of the upstream."),
            .key(
                "weight", \.weight, .integer(0...1_000_000), required: true,
                "Share relative to the others; the sum is at least 1."),
        ])
}

extension ValueShape<Located<String>> {
    /// The id of an upstream; whether there is one is checked when the whole file is read.
    static let upstreamReference = ValueShape<String>.text("the id of an upstream", alsoNumbers: true) {
        content, _, _ in
        String(decoding: content, as: UTF8.self)
    }.checked { id, node, reading in
        let reference = Located<String>(value: id, node: node)
        reading.upstreamReferences.append(reference)
        return reference
    }
}

extension ValueShape<[SplitTargetDeclaration]> {
    static let split = ValueShape<[SplitTargetDeclaration]>.list(
        of: Shapes.splitTarget.value { _ in SplitTargetDeclaration(upstream: "", weight: -1) }, 1...64
    ).checked { targets, node, reading in
        if !targets.isEmpty, targets.allSatisfy({ $0.weight == 0 }) {
            reading.error(
                "out-of-range", at: node, "all weights of the split are 0", expected: "at least one weight of 1 or more"
            )
        }
        var seen: Set<String> = []
        for target in targets where !target.upstream.isEmpty && !seen.insert(target.upstream).inserted {
            reading.error(
                "duplicate-value", at: node, "the upstream `\(target.upstream)` is written twice in the split",
                expected: "each upstream once")
        }
        return targets
    }
}
