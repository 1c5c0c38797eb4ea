internal import Declarations
internal import Patterns

extension Shapes {
    static let issuer: MappingShape<IssuerDeclaration> = {
        let initial = IssuerDeclaration(id: "")
        return MappingShape(
            name: "issuer", summary: "Who issues tokens, and what they must be like.",
            keys: [
                .key(
                    "issuer", \.issuer, .providerURL, required: true,
                    "The claim `iss`, to the letter; Keycloak's is `https://HOST/realms/REALM`."),
                .key(
                    "jwks", \.keySetURL, .providerURL,
                    "Where the key set is; when not written, where the issuer's `.well-known/openid-configuration` says."
                ),
                .key(
                    "audiences", \.audiences, .oneOrList(of: .plainText),
                    "One of these must be in `aud`; when not written, the audience is not looked at."),
                .key(
                    "algorithms", \.algorithms, .oneOrDistinctList(of: .signatureAlgorithm, 1...10),
                    "What tokens may be signed with; all of these when not written. The key decides which it is."),
                .key(
                    "clock-skew", \.clockSkewSeconds, ValueShape<Int>.wholeSeconds(0...3_600),
                    default: initial.clockSkewSeconds, "How far the issuer's clock may be from ours."),
                .key(
                    "roles", \.rolePaths, .oneOrList(of: .claimPath),
                    "Where roles are; `realm_access.roles` and `resource_access.AUDIENCE.roles` when not written."),
                .key(
                    "authorities", \.authoritiesFile, .file("the certificates (PEM)"),
                    "A file with the certificates that the provider's must be signed by; the system's when not written."
                ),
                .key(
                    "refresh", \.refreshMilliseconds, .duration(10_000...86_400_000, off: false),
                    default: initial.refreshMilliseconds,
                    "How long a key set is used before it is fetched again; an unknown key is asked for at once."),
            ])
    }()

    static let token: MappingShape<TokenDeclaration> = {
        let initial = TokenDeclaration()
        return MappingShape(
            name: "jwt", summary: "What a route asks of a request's token.",
            keys: [
                .key(
                    "issuers", \.issuers, .oneOrList(of: .issuerReference), required: true,
                    "Whose tokens are accepted: names under `issuers`."),
                .key(
                    "from", \.source, .tokenSource, default: .authorization,
                    "Where the token is: `authorization`, `{ cookie: NAME }` or `{ query: NAME }`."),
                .key("scopes", \.scopes, .oneOrList(of: .plainText), "Scopes that must all be granted."),
                .key("roles", \.roles, .oneOrList(of: .plainText), "Roles of which one is needed."),
                .key(
                    "all-roles", \.needsAllRoles, .boolean, default: initial.needsAllRoles,
                    "All of the roles are needed."),
                .key("claims", \.claims, .claimConditions, "Conditions by the path of a claim; all must hold."),
                .key("any-claim", \.anyClaim, .boolean, default: initial.anyClaim, "One of the conditions is enough."),
                .key(
                    "optional", \.isOptional, .boolean, default: initial.isOptional,
                    "A request without a token passes; one with a bad token never does."),
                .key(
                    "forward-token", \.forwardsToken, .boolean, default: initial.forwardsToken,
                    "`false`: the field `Authorization` does not go to the upstream."),
                .key(
                    "headers", \.claimHeaders, .claimHeaders,
                    "Header fields of the request to the upstream, and the claims that they carry; "
                        + "what clients send under these names is removed."),
            ])
    }()

    static let claimCondition = MappingShape<ClaimConditionDraft>(
        name: "claim-condition", summary: "What a claim must be; an array fulfils it by one of its elements.",
        keys: [
            .optional(
                "equal", \.condition,
                ValueShape<String>.text("a text", alsoNumbers: true) { content, _, _ in
                    String(decoding: content, as: UTF8.self)
                }.map { .oneOf([$0]) }, "The whole text."),
            .optional(
                "one-of", \.condition, ValueShape<[String]>.list(of: .plainText, 1...1_000).map { .oneOf($0) },
                "One of these texts."),
            .optional("present", \.isPresent, .boolean, "`true`: it is there."),
            .optional(
                "regex", \.condition, ValueShape<String>.expression.map { .regex($0) },
                "An expression that must match the whole text."),
        ], oneOf: ["equal", "one-of", "present", "regex"])
}

/// A condition on a claim as far as it could be read.
struct ClaimConditionDraft: Sendable {
    var condition: ClaimTestDeclaration?
    var isPresent: Bool?
}

extension ValueShape<String> {
    /// A text that is not empty.
    static let plainText = text("a text", alsoNumbers: true) { content, node, reading -> String? in
        guard !content.isEmpty else {
            reading.error("bad-value", at: node, "the text is empty", expected: "a text")
            return nil
        }
        return String(decoding: content, as: UTF8.self)
    }

    /// Names with dots between them.
    static let claimPath = text("a claim such as sub or realm_access.roles") { content, node, reading -> String? in
        let text = String(decoding: content, as: UTF8.self)
        let names = text.split(separator: ".", omittingEmptySubsequences: false)
        guard !content.isEmpty else {
            reading.error(
                "bad-claim", at: node, "the name of the claim is empty",
                expected: "a claim such as sub or realm_access.roles")
            return nil
        }
        guard names.allSatisfy({ !$0.isEmpty }), names.count <= 8, content.count <= 256 else {
            reading.error(
                "bad-claim", at: node, "`\(reading.excerpt(node))` is not the path of a claim",
                expected: "names with dots between them, at most 8")
            return nil
        }
        return text
    }

    /// An absolute URL of a provider.
    static let providerURL = url("https://id.example.com/realms/shop")

    /// An absolute URL of http or https. What has no scheme was meant to have the example's.
    static func url(_ example: String) -> ValueShape<String> {
        let expected = "a URL such as \(example)"
        let usual = example.prefix { $0 != ":" }
        return text(expected) { content, node, reading -> String? in
            let text = String(decoding: content, as: UTF8.self)
            let scheme = ["https://", "http://"].first(where: text.hasPrefix)
            let isPlain = content.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") }
            guard let scheme, text.utf8.count > scheme.utf8.count, isPlain, text.utf8.count <= 2_048 else {
                let isBare = scheme == nil && isPlain && !content.isEmpty && !text.contains("://")
                reading.error(
                    "bad-url", at: node, "`\(reading.excerpt(node))` is not a URL of http or https",
                    expected: expected, suggestion: isBare ? "\(usual)://\(text)" : nil)
                return nil
            }
            return text
        }
    }

    static let signatureAlgorithm: ValueShape<String> = {
        let known = word([
            "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
        ])
        return ValueShape(schema: known.schema, expected: known.expected) { node, reading in
            guard let content = reading.scalar(node, expected: known.expected) else { return nil }
            let name = String(decoding: content, as: UTF8.self)
            guard name == "none" || name.hasPrefix("HS") else { return known.read(node, reading) }
            let reason = name == "none" ? "is no signature" : "signs with a secret, which no key set may hold"
            reading.error(
                "unknown-word", at: node, "`\(reading.excerpt(node))` \(reason)", expected: known.expected)
            return nil
        }
    }()

    static let issuerReference = text("the id of an issuer", alsoNumbers: true) { content, _, _ in
        String(decoding: content, as: UTF8.self)
    }.checked { id, node, reading in
        reading.issuerReferences.append(Located(value: id, node: node))
        return id
    }
}

extension ValueShape<TokenDeclaration> {
    static let token = Shapes.token.value { _ in TokenDeclaration() }.checked { token, node, reading in
        if !token.forwardsToken, token.source != .authorization {
            reading.error(
                "bad-value", at: node,
                "`forward-token: false` takes away the field `Authorization`, and the token is elsewhere",
                expected: "`from: authorization`, or `forward-token: true`")
        }
        return token
    }
}

extension ValueShape<TokenSourceDeclaration> {
    static let tokenSource: ValueShape<TokenSourceDeclaration> = {
        let expected = "`authorization`, `{ cookie: NAME }` or `{ query: NAME }`"
        let word = ValueShape<String>.word(["authorization"])
        let short = ValueShape(schema: word.schema, expected: word.expected) { node, reading in
            guard let content = reading.scalar(node, expected: expected) else { return nil }
            if String(decoding: content, as: UTF8.self) == "authorization" { return .authorization }
            reading.error(
                "unknown-word", at: node, "`\(reading.excerpt(node))` is no place of a token", expected: expected)
            return nil
        }
        let long = Shapes.tokenSource.value { _ in TokenSourceDraft() }.checked { draft, _, _ in
            draft.cookie.map { TokenSourceDeclaration.cookie($0) } ?? draft.query.map { .query($0) }
        }
        var shape = ValueShape.short(short, orLong: long)
        shape.written = { $0 == .authorization ? .string("authorization") : nil }
        return shape
    }()
}

/// Where a token is, in the long form.
struct TokenSourceDraft: Sendable {
    var cookie: String?
    var query: String?
}

extension Shapes {
    static let tokenSource = MappingShape<TokenSourceDraft>(
        name: "token-source", title: "`from`", summary: "Where a request has its token.",
        keys: [
            .optional("cookie", \.cookie, .cookieName, "In the cookie of this name."),
            .optional("query", \.query, .plainText, "In the query parameter of this name."),
        ], oneOf: ["cookie", "query"])
}

extension ValueShape<[ClaimConditionDeclaration]> {
    static let claimConditions = freeMapping(
        key: .claimPath, value: ValueShape<ClaimTestDeclaration>.claimTest, "a mapping from claims to conditions"
    ) { ClaimConditionDeclaration(path: $0.value, condition: $1) }
}

extension ValueShape<ClaimTestDeclaration> {
    static let claimTest = ValueShape.short(
        ValueShape<String>.plainText.map { .oneOf([$0]) },
        orLong: Shapes.claimCondition.value { _ in ClaimConditionDraft() }.checked {
            draft, node, reading -> ClaimTestDeclaration? in
            if let condition = draft.condition { return condition }
            guard let isPresent = draft.isPresent else { return nil }
            if !isPresent {
                reading.error(
                    "bad-value", at: node, "`present: false` says nothing",
                    expected: "`present: true`, or no condition on this claim")
            }
            return .present
        })
}

extension ValueShape<[ClaimHeaderDeclaration]> {
    /// What must be there whatever a token says, or says who the client is, is no claim's.
    private static let reserved = [
        "host", "authorization", "via", "forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host",
        "x-forwarded-port", "x-request-id",
    ]

    private static let claimFieldName = ValueShape<String>.editableFieldName.checked { name, node, reading -> String? in
        guard reserved.contains(name.lowercased()) else { return name }
        reading.error(
            "reserved-field", at: node, "`\(reading.excerpt(node))` cannot carry a claim",
            expected: "a name of your own, such as X-User")
        return nil
    }

    static let claimHeaders = freeMapping(
        key: claimFieldName, value: ValueShape<String>.claimPath, "a mapping from header names to claims",
        foldsCase: true
    ) { ClaimHeaderDeclaration(name: $0.value, path: $1) }
}

extension ValueShape<[Located<IssuerDeclaration>]> {
    static let issuers = freeMapping(
        key: .identifier, value: Shapes.issuer.value { _ in IssuerDeclaration(id: "") },
        "a mapping from ids to issuers"
    ) { id, issuer in
        var declaration = issuer
        declaration.id = id.value
        return Located(value: declaration, node: id.node)
    }
}
