internal import Declarations

/// The mappings of the file, one table each. `MappingShape` says what follows from them.
enum Shapes {
    /// Every mapping that has a place in the schema's `$defs`, from the outside inwards.
    static let definitions: [any SchemaDefinition] = [
        listener, listenerTLS, certificate, clientCertificates, admin, defaults, defaultTimeouts, limits,
        upstreamDefaults,
        upstream, endpoint, hash, stickyCookie, upstreamTLS, pool, upstreamTimeouts, health, activeHealth,
        passiveHealth,
        retries, retryBudget, hedge, breaker, queue, route, match, condition, filter, rewrite, header, crossOrigin,
        secureHeaders, issuer, token, tokenSource, claimCondition, apiKey, fault, faultDelay, faultAbort, rateLimit,
        limitPlan, limitKey, concurrencyLimit, adaptive, splitTarget, redirect, respond, tracing, routeTracing, keep,
    ]

    static let file = MappingShape<FileDraft>(
        name: "file", title: "the file's top level", summary: "The routes of a Martlet gateway.",
        keys: [
            .optional(
                "version", \.version, .version, required: true, "The version of the file's format: 1."),
            .key(
                "listeners", \.listeners, .list(of: listener.value { _ in ListenerDraft() }.located, 1...64),
                required: true, "The addresses to listen on."),
            .nested("admin", \.admin, admin, "The admin listener, and the access log."),
            .key(
                "defaults", \.defaults,
                defaults.value { _ in DefaultsDraft() }.checked { draft, node, reading in
                    // The table puts this key in front of `upstreams`, wherever it stands in the file.
                    var upstream = draft.upstream
                    upstream.timeouts = draft.timeouts.upstream
                    if let own = reading.written(["upstream"], in: node) {
                        UpstreamChecks(node: own, reading: reading).settings(&upstream)
                    }
                    reading.upstreamDefaults = upstream
                    return draft
                }, "Limits of time and size for everything."),
            .optional(
                "tracing", \.tracing, .tracing,
                "Reports traces to a collector; without it trace headers pass as they come."),
            .key(
                "filter-sets", \.filterSets, .filterSets,
                "Filters under a name, for routes that `use` it."),
            .key("issuers", \.issuers, .issuers, "Who issues tokens, by id."),
            .key("upstreams", \.upstreams, .upstreams, "The clusters that routes forward to, by id."),
            .key(
                "routes", \.routes, .list(of: .route, 0...100_000), required: true,
                "The routes. Their order in the file means nothing."),
        ])
}
