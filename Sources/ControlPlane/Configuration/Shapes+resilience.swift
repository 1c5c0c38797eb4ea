internal import Declarations

extension Shapes {
    static let retries: MappingShape<RetryDeclaration> = {
        let initial = RetryDeclaration()
        return MappingShape(
            name: "retries", summary: "When a request is sent again.",
            keys: [
                .key(
                    "attempts", \.attempts, .integer(1...10), default: initial.attempts,
                    "Attempts in all, the first included."),
                .key(
                    "on", \.conditions, .retryConditions, default: initial.conditions,
                    "What leads to another attempt: `connect-failure`, `reset` (before the first byte of a response), `timeout`, "
                        + "and statuses."),
                .key(
                    "per-try-timeout", \.perTryMilliseconds, .duration(), default: initial.perTryMilliseconds,
                    "From the start of an attempt to its response head."),
                .key(
                    "back-off", \.backOffMilliseconds, .duration(1...3_600_000), default: initial.backOffMilliseconds,
                    "The first wait; each further one is twice as long. Half of it is drawn at random."),
                .key(
                    "back-off-max", \.backOffMaxMilliseconds, .duration(1...3_600_000),
                    default: initial.backOffMaxMilliseconds, "The longest wait."),
                .key(
                    "retry-after-max", \.retryAfterMaxMilliseconds, .duration(1...3_600_000),
                    default: initial.retryAfterMaxMilliseconds,
                    "Longest `Retry-After` of an upstream that is waited for; a longer one ends the attempts."),
            ])
    }()

    static let retryBudget: MappingShape<RetryBudgetDeclaration> = {
        let initial = RetryBudgetDeclaration()
        return MappingShape(
            name: "retry-budget", summary: "What retries and hedges together may add to the load.",
            keys: [
                .key(
                    "share", \.percent, .percent(0...1_000), default: initial.percent,
                    "Of the requests in progress."),
                .key(
                    "minimum", \.minimum, .integer(0...65_536), default: initial.minimum,
                    "So many are always allowed at a time."),
            ])
    }()

    static let hedge: MappingShape<HedgeDeclaration> = {
        let initial = HedgeDeclaration()
        return MappingShape(
            name: "hedge", summary: "A second attempt when the first is slow.",
            keys: [
                .key(
                    "percentile", \.percentile, .integer(50...99), default: initial.percentile,
                    "The delay is this percentile of recent times to the response head."),
                .key(
                    "delay-min", \.delayMinMilliseconds, .duration(1...86_400_000, off: false),
                    default: initial.delayMinMilliseconds, "The shortest delay."),
                .key(
                    "delay-max", \.delayMaxMilliseconds, .duration(1...86_400_000, off: false),
                    default: initial.delayMaxMilliseconds, "The longest delay."),
            ])
    }()

    static let breaker: MappingShape<BreakerDeclaration> = {
        let initial = BreakerDeclaration()
        return MappingShape(
            name: "breaker", summary: "When an upstream is given a rest; its requests are answered with 503 then.",
            keys: [
                .key(
                    "failure-rate", \.failurePercent, .percent(1...100), default: initial.failurePercent,
                    "Share of failures within the window that opens the breaker."),
                .key(
                    "window", \.windowMilliseconds, .duration(1_000...3_600_000, off: false),
                    default: initial.windowMilliseconds, "The time over which `failure-rate` is judged."),
                .key(
                    "minimum-requests", \.minimumRequests, .integer(1...1_000_000), default: initial.minimumRequests,
                    "Requests within the window below which it stays closed."),
                .key(
                    "open", \.openMilliseconds, .duration(1...86_400_000, off: false),
                    default: initial.openMilliseconds, "How long it stays open before it lets a probe through."),
                .key(
                    "probes", \.probes, .integer(1...1_000), default: initial.probes,
                    "Probes that must go well, one by one, before it closes."),
            ])
    }()

    static let queue: MappingShape<QueueDeclaration> = {
        let initial = QueueDeclaration()
        return MappingShape(
            name: "queue", summary: "Requests that wait because all connections that there may be are busy.",
            keys: [
                .key(
                    "pending-max", \.pendingMax, .integer(1...1_048_576), default: initial.pendingMax,
                    "Waiting at most, for one upstream on one thread; beyond: 503."),
                .key(
                    "timeout", \.timeoutMilliseconds, .duration(1...86_400_000, off: false),
                    default: initial.timeoutMilliseconds, "Longest wait; beyond: 503."),
            ])
    }()
}

/// One reason for another attempt.
enum RetryCondition: Sendable, Equatable {
    case connectFailure, reset, timeout
    case status(Int)

    static let words: [(word: String, condition: RetryCondition)] = [
        ("connect-failure", .connectFailure), ("reset", .reset), ("timeout", .timeout),
    ]

    /// As in the file.
    var written: JSONValue {
        if case .status(let code) = self { return .integer(code) }
        return .string(Self.words.first { $0.condition == self }?.word ?? "")
    }
}

extension RetryDeclaration {
    /// The reasons as one list.
    fileprivate var conditions: [RetryCondition] {
        get {
            let words: [(isOn: Bool, condition: RetryCondition)] = [
                (onConnectFailure, .connectFailure), (onReset, .reset), (onTimeout, .timeout),
            ]
            return words.filter(\.isOn).map(\.condition) + onStatuses.map { .status($0) }
        }
        set {
            onConnectFailure = newValue.contains(.connectFailure)
            onReset = newValue.contains(.reset)
            onTimeout = newValue.contains(.timeout)
            onStatuses = newValue.compactMap { if case .status(let code) = $0 { code } else { nil } }
        }
    }
}

extension ValueShape<RetryCondition> {
    private static let words = RetryCondition.words.map(\.word)

    /// A word, or a status from 400 to 599.
    fileprivate static let retryCondition: ValueShape<RetryCondition> = {
        let expected = "`connect-failure`, `reset`, `timeout`, or a status from 400 to 599"
        let status = JSONValue.object([
            .init("type", .string("integer")), .init("minimum", .integer(400)), .init("maximum", .integer(599)),
        ])
        let word = JSONValue.object([.init("enum", .array(words.map { .string($0) }))])
        return ValueShape(schema: .object([.init("anyOf", .array([word, status]))]), expected: expected) {
            node, reading in
            guard let content = reading.scalar(node, expected: expected) else { return nil }
            let text = String(decoding: content, as: UTF8.self)
            if let known = RetryCondition.words.first(where: { $0.word == text }) { return known.condition }
            if reading.document.nodes[node].isPlain, let code = Decimal.parse(content), (400...599).contains(code) {
                return .status(code)
            }
            let isClass = ["5xx", "4xx", "gateway-error"].contains(text.lowercased())
            reading.error(
                "unknown-word", at: node,
                "`\(reading.excerpt(node))` is not known here" + (isClass ? ": statuses are written one by one" : ""),
                expected: expected,
                suggestion: isClass
                    ? (text.hasPrefix("4") ? "429" : "502, 503, 504") : Spelling.nearest(to: text, among: words))
            return nil
        }
    }()
}

extension ValueShape<[RetryCondition]> {
    fileprivate static let retryConditions: ValueShape<[RetryCondition]> = {
        var shape = ValueShape<[RetryCondition]>.oneOrDistinctList(of: .retryCondition, 1...64)
        shape.written = { .array($0.map(\.written)) }
        return shape
    }()
}
