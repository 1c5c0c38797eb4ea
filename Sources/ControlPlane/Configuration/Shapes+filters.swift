internal import Declarations
internal import Patterns

extension Shapes {
    /// The built-in filters. An element of `filters` is a mapping with one of these keys.
    static let filter: MappingShape<FilterDraft> = {
        let keys: [MappingKey<FilterDraft>] = [
            .optional(
                "strip-prefix", \.filter, ValueShape<String>.pathPrefix.map { FilterDeclaration.stripPrefix($0) },
                "Removes leading whole segments of the path."),
            .optional(
                "rewrite-path", \.filter, ValueShape<FilterDeclaration>.rewritePath,
                "A template over the captures of the match, or an expression and its replacement."),
            .optional(
                "set-request-header", \.filter,
                headerValue.map { FilterDeclaration.setRequestHeader(name: $0.name, value: $0.value) },
                "Sets a header field of the request to the upstream."),
            .optional(
                "remove-request-header", \.filter,
                ValueShape<String>.removableFieldName.map { FilterDeclaration.removeRequestHeader(name: $0) },
                "Removes a header field of the request."),
            .optional(
                "set-response-header", \.filter,
                headerValue.map { FilterDeclaration.setResponseHeader(name: $0.name, value: $0.value) },
                "Sets a header field of the response to the client."),
            .optional(
                "remove-response-header", \.filter,
                ValueShape<String>.editableFieldName.map { FilterDeclaration.removeResponseHeader(name: $0) },
                "Removes a header field of the response."),
            .optional(
                "request-size", \.filter,
                ValueShape<Int>.size(1...1_099_511_627_776, off: true).map { FilterDeclaration.requestSize(bytes: $0) },
                "Size of the request body; overrides `limits.request-body`."),
            .optional(
                "ip-allow", \.filter, networks.map { FilterDeclaration.ipAllow($0) },
                "Networks of the clients that may; all others are refused with 403."),
            .optional(
                "ip-deny", \.filter, networks.map { FilterDeclaration.ipDeny($0) },
                "Networks of clients that are refused with 403."),
            .optional(
                "cors", \.filter, ValueShape<FilterDeclaration>.crossOrigin,
                "Which pages of other origins may read answers; preflights are answered here."),
            .optional(
                "secure-headers", \.filter,
                secureHeaders.value { _ in SecureHeadersDeclaration() }.map { FilterDeclaration.secureHeaders($0) },
                "Fields of the response that tell browsers to be careful; `{}` for the defaults."),
            .optional(
                "jwt", \.filter, ValueShape<TokenDeclaration>.token.map { FilterDeclaration.token($0) },
                "Wants a token of an issuer; without a good one the answer is 401, without the rights 403."),
            .optional(
                "api-key", \.filter, ValueShape<FilterDeclaration>.apiKey,
                "Wants a key that is known; without one the answer is 401."),
            .optional(
                "rate-limit", \.filter, ValueShape<FilterDeclaration>.rateLimit,
                "How many requests of whom are let through; beyond: 429."),
            .optional(
                "concurrency-limit", \.filter, ValueShape<FilterDeclaration>.concurrencyLimit,
                "How many exchanges of whom may be in progress at once; beyond: 503."),
            .optional(
                "fault", \.filter, ValueShape<FilterDeclaration>.fault,
                "Delays or refuses a share of the requests, to see what clients make of it."),
            .optional(
                "use", \.set, ValueShape<String>.identifier.located,
                "The filters of this name under `filter-sets`, in this place."),
        ]
        return MappingShape(
            name: "filter", summary: "One filter: a mapping with a single key.", keys: keys, oneOf: keys.map(\.name))
    }()

    static let rewrite = MappingShape<RewriteDraft>(
        name: "rewrite", summary: "Replaces the first match of an expression in the path.",
        keys: [
            .optional("regex", \.regex, .expression(scope: .anywhere), required: true, "The expression (PCRE2)."),
            .optional(
                "replacement", \.replacement, .replacement, required: true,
                "What replaces the match; `$1` or `${name}` inserts a group."),
        ])

    static let header = MappingShape<HeaderDeclaration>(
        name: "header", summary: "A header field.",
        keys: [
            .key("name", \.name, .editableFieldName, required: true, "The name."),
            .key("value", \.value, .fieldValue, required: true, "The value."),
        ])

    private static let networks = ValueShape<[NetworkDeclaration]>.oneOrList(of: .network)

    private static let headerValue = header.value { _ in HeaderDeclaration(name: "", value: "") }
}

extension ValueShape<Located<FilterDraft>> {
    static let filter = Shapes.filter.value { _ in FilterDraft() }.checked { draft, node, _ in
        // The place of the filter is that of its value, where a template is looked at again.
        draft.filter == nil && draft.set == nil ? nil : Located(value: draft, node: node + 2)
    }
}

extension ValueShape<[FilterSetDraft]> {
    static let filterSets = freeMapping(
        key: .identifier, value: ValueShape<[Located<FilterDraft>]>.list(of: .filter, 1...64),
        "a mapping from names to lists of filters"
    ) { FilterSetDraft(name: $0, filters: $1) }
}

extension ValueShape<FilterDeclaration> {
    static let rewritePath = ValueShape.short(
        ValueShape<String>.text(pattern: "^/", "a path such as /v2/items/{id}") { content, node, reading in
            guard content.first == UInt8(ascii: "/") else {
                reading.error(
                    "bad-template", at: node, "the path `\(reading.excerpt(node))` does not begin with `/`",
                    expected: "a path such as /v2/items/{id}")
                return nil
            }
            return String(decoding: content, as: UTF8.self)
        }.map { .rewritePathTemplate($0) },
        orLong: Shapes.rewrite.value { _ in RewriteDraft() }.checked { draft, _, reading in
            guard let regex = draft.regex, let replacement = draft.replacement else { return nil }
            let content = reading.document.bytes(replacement.node)
            if let group = ReplacementCheck.unknownGroup(in: content, of: regex) {
                reading.error(
                    "unknown-group", at: replacement.node, byte: group.offset,
                    "the expression has no group `\(group.name)`",
                    expected: "a group of the expression; `$$` for a dollar sign")
            }
            return .rewritePathRegex(pattern: regex, replacement: replacement.value)
        })
}

extension ValueShape<Located<String>> {
    /// May be empty: then the match is removed.
    fileprivate static let replacement = ValueShape<String>.text("a text; `$1` or `${name}` inserts a group").located
}
