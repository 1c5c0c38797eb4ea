internal import Declarations
internal import Patterns

extension Shapes {
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
