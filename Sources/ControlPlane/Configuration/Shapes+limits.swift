internal import Declarations

extension Shapes {
    static let rateLimit: MappingShape<RateLimitDeclaration> = {
        let initial = RateLimitDeclaration()
        return MappingShape(
            name: "rate-limit", summary: "How many requests of whom are let through; beyond: 429.",
            keys: [
                .key("name", \.name, .identifier, "Limits of one name are one limit, counted together."),
                .key("rate", \.rate, .rate, required: true, "So many in so long: `100/s`, `5/m`, `1000/1h`."),
                .key(
                    "burst", \.burst, .integer(1...1_000_000),
                    "How many may come at once; as many as the rate's number when not written."),
                .key(
                    "key", \.key, .oneOrList(of: .limitKey), default: initial.key,
                    "Who is counted: `client-address`, `route`, `{ header: NAME }`, `{ cookie: NAME }`, `{ claim: PATH }`, "
                        + "a list of such, or `everybody`."),
                .key("cost", \.costs, .methodCosts, "What a request of a method costs; 1 for others."),
                .key("plans", \.plans, .limitPlans, "Other rates, by the value of the key."),
                .key(
                    "shadow", \.isShadow, .boolean, default: initial.isShadow,
                    "Counts and tells in metrics, and refuses nobody."),
                .key(
                    "keys-max", \.keysMax, .integer(1...1_048_576), default: initial.keysMax,
                    "Keys that are counted at a time, 64 octets each; beyond, the least busy one is forgotten."),
            ])
    }()

    static let concurrencyLimit: MappingShape<ConcurrencyLimitDeclaration> = {
        let initial = ConcurrencyLimitDeclaration()
        return MappingShape(
            name: "concurrency-limit",
            summary: "How many exchanges of whom may be in progress at once; beyond: 503.",
            keys: [
                .key("name", \.name, .identifier, "Limits of one name are one limit, counted together."),
                .key("limit", \.limit, .integer(1...1_000_000), required: true, "At once, for each key."),
                .key(
                    "key", \.key, .oneOrList(of: .limitKey), default: initial.key,
                    "Who is counted, as for `rate-limit`; `everybody` when not written."),
                .key(
                    "keys-max", \.keysMax, .integer(1...1_048_576), default: initial.keysMax,
                    "Keys that are counted at a time, 64 octets each."),
            ])
    }()

    static let adaptive: MappingShape<AdaptiveLimitDeclaration> = {
        let initial = AdaptiveLimitDeclaration()
        return MappingShape(
            name: "adaptive-concurrency",
            summary: "A limit of what is in progress at an upstream, on one thread, that follows its latency.",
            keys: [
                .key(
                    "minimum", \.minimum, .integer(1...1_000_000), default: initial.minimum,
                    "It never falls below this."),
                .key("maximum", \.maximum, .integer(1...1_000_000), default: initial.maximum, "It never rises above."),
                .key("initial", \.initial, .integer(1...1_000_000), default: initial.initial, "Where it begins."),
                .key(
                    "tolerance", \.tolerancePercent, .percent(100...1_000), default: initial.tolerancePercent,
                    "How much latency may be of its long average before the limit falls."),
            ])
    }()

    static let limitPlan = MappingShape<LimitPlanDeclaration>(
        name: "limit-plan", summary: "The rate of one key.",
        keys: [
            .key("rate", \.rate, .rate, required: true, "So many in so long."),
            .key("burst", \.burst, .integer(1...1_000_000), "How many may come at once."),
        ])

    static let limitKey = MappingShape<LimitKeyDraft>(
        name: "limit-key", title: "`key`", summary: "Who is counted.",
        keys: [
            .optional("header", \.header, .requestFieldName, "The value of this header field."),
            .optional("cookie", \.cookie, .cookieName, "The value of this cookie."),
            .optional("claim", \.claim, .claimPath, "This claim of the token."),
        ], oneOf: ["header", "cookie", "claim"])
}

/// A component of a key, in the long form.
struct LimitKeyDraft: Sendable {
    var header: String?
    var cookie: String?
    var claim: String?
}

extension ValueShape<RateDeclaration> {
    private static let words = "a rate such as 100/s, 5/m, 1000/h or 10/500ms"

    /// `COUNT/PERIOD`, where the period is a unit or a duration.
    static let rate: ValueShape<RateDeclaration> = {
        ValueShape<String>.text(pattern: "^[0-9]+/([0-9]*(ms|s|m|h|d))$", words) { content, _, _ in
            String(decoding: content, as: UTF8.self)
        }.checked { text, node, reading -> RateDeclaration? in
            let content = reading.document.bytes(node)
            let slash = content.firstIndex(of: UInt8(ascii: "/")) ?? content.endIndex
            let count = Decimal.parse(content[..<slash]) ?? 0
            let period = slash < content.endIndex ? milliseconds(content[(slash + 1)...]) : nil
            guard let period, count >= 1 else {
                let meant = Decimal.parse(content[...]).map { "\($0)/s" }
                reading.error(
                    "bad-rate", at: node, "`\(reading.excerpt(node))` is not a rate", expected: words, suggestion: meant
                )
                return nil
            }
            // The limits of `GCRALimit`, in words.
            guard count <= 1_000_000, (1...31_622_400_000).contains(period), count <= period * 1_000 else {
                reading.error(
                    "out-of-range", at: node, "`\(reading.excerpt(node))` is out of range",
                    expected: "at most 1000000 in at least 1ms and at most 366d, and at most one in a microsecond")
                return nil
            }
            return RateDeclaration(count: count, periodMilliseconds: period)
        }
    }()

    private static func milliseconds(_ text: ArraySlice<UInt8>) -> Int? {
        let digits = text.prefix { (0x30...0x39).contains($0) }
        let unit = String(decoding: text[digits.endIndex...], as: UTF8.self)
        guard let factor = Unit.milliseconds[unit] else { return nil }
        guard !digits.isEmpty else { return factor }
        guard let number = Decimal.parse(digits), number >= 1 else { return nil }
        let (value, overflow) = number.multipliedReportingOverflow(by: factor)
        return overflow ? nil : value
    }
}

extension ValueShape<LimitKeyDeclaration> {
    static let limitKey: ValueShape<LimitKeyDeclaration> = {
        let short = ValueShape<String>.word(["client-address", "route", "everybody"]).map { word in
            word == "route" ? LimitKeyDeclaration.route : word == "everybody" ? .everybody : .clientAddress
        }
        var shape = ValueShape.short(
            short,
            orLong: Shapes.limitKey.value { _ in LimitKeyDraft() }.checked { draft, _, _ in
                draft.header.map { .header($0) } ?? draft.cookie.map { .cookie($0) } ?? draft.claim.map { .claim($0) }
            })
        shape.written = { $0 == .clientAddress ? .string("client-address") : nil }
        return shape
    }()
}

extension ValueShape<[MethodCostDeclaration]> {
    static let methodCosts = freeMapping(
        key: .method, value: .integer(0...1_000_000), "a mapping from methods to costs"
    ) { MethodCostDeclaration(method: $0.value, cost: $1) }
}

extension ValueShape<[LimitPlanDeclaration]> {
    static let limitPlans = freeMapping(
        key: .plainText,
        value: ValueShape<LimitPlanDeclaration>.short(
            ValueShape<RateDeclaration>.rate.map { LimitPlanDeclaration(value: "", rate: $0, burst: 0) },
            orLong: Shapes.limitPlan.value { _ in
                LimitPlanDeclaration(value: "", rate: RateDeclaration(count: 0, periodMilliseconds: 1_000), burst: 0)
            }), "a mapping from values of the key to rates"
    ) { LimitPlanDeclaration(value: $0.value, rate: $1.rate, burst: $1.burst) }
}

extension ValueShape<FilterDeclaration> {
    static let rateLimit = Shapes.rateLimit.value { _ in RateLimitDeclaration() }.checked {
        limit, node, reading -> FilterDeclaration? in
        let texts = limit.key.filter { $0.isText }
        if !limit.plans.isEmpty, limit.key.count != 1 || texts.count != 1 {
            reading.error(
                "conflicting-keys", at: reading.node(of: ["plans"], in: node),
                "`plans` need a key that is one text",
                expected: "a `key` of one header, cookie or claim")
        }
        reading.checkKey(limit.key, node)
        // A request that costs more than the burst would be refused for ever, whoever asks.
        let bursts = [(limit.burst, limit.rate)] + limit.plans.map { ($0.burst, $0.rate) }
        let burst = bursts.map { $0 > 0 ? $0 : $1.count }.min() ?? 0
        for cost in limit.costs where cost.cost > burst {
            reading.error(
                "out-of-range", at: reading.node(of: ["cost", cost.method], in: node),
                "a request of \(cost.method) costs more than may ever come at once",
                expected: "at most \(burst), or a larger `burst`\(limit.plans.isEmpty ? "" : " here and in each plan")")
        }
        return .rateLimit(limit)
    }
}

extension ValueShape<FilterDeclaration> {
    static let concurrencyLimit = Shapes.concurrencyLimit.value { _ in ConcurrencyLimitDeclaration() }.checked {
        limit, node, reading -> FilterDeclaration? in
        reading.checkKey(limit.key, node)
        return .concurrencyLimit(limit)
    }
}

extension FileReading {
    fileprivate func checkKey(_ key: [LimitKeyDeclaration], _ node: Int) {
        guard key.contains(.everybody), key.count > 1 else { return }
        error(
            "conflicting-keys", at: self.node(of: ["key"], in: node), "`everybody` cannot stand beside others",
            expected: "`everybody` alone")
    }
}

extension LimitKeyDeclaration {
    var isText: Bool {
        switch self {
        case .header, .cookie, .claim: true
        case .clientAddress, .route, .everybody: false
        }
    }
}
