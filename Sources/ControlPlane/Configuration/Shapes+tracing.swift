internal import Declarations

extension Shapes {
    static let tracing = MappingShape<TracingDeclaration>(
        name: "tracing", summary: "Traces of requests: where they are reported to, and which of them.",
        keys: [
            .key(
                "zipkin", \.collectorURL, .url("http://zipkin.internal:9411"), required: true,
                "The collector: where it takes spans in Zipkin's format (version 2), or what stands before `/api/v2/spans`."
            ),
            .key(
                "service", \.service, .identifier, default: TracingDeclaration().service,
                "What spans call the gateway."),
        ] + sampling())

    /// `tracing` of a route: what is not written is the gateway's.
    static let routeTracing = MappingShape<SamplingDeclaration>(
        name: "route-tracing", title: "`tracing`",
        summary: "Which traces of a route are recorded; what is not written is as in the gateway's `tracing`.",
        keys: sampling(),
        elsewhere: [
            "zipkin": "`tracing` at the file's top level", "service": "`tracing` at the file's top level",
        ])

    private static func sampling<Target: SamplingTarget>() -> [MappingKey<Target>] {
        let initial = SamplingDeclaration()
        return [
            .key(
                "sample", \.sampling.ratePerMillion, .share, default: initial.ratePerMillion,
                "Share of the traces that are recorded from the start, where the caller has not decided."),
            .key(
                "caller", \.sampling.caller, .caller, default: initial.caller,
                "How far trace headers of clients are followed: `follow` in all, `follow-ids` but for the wish to be recorded, "
                    + "`ignore` not at all."),
            .switched(
                "keep", \.sampling.keepIfAny, keep, initial: initial.keep, isOn: true,
                "What is recorded at the end although it was not chosen at the start; `off`: nothing."),
        ]
    }

    static let keep: MappingShape<KeepDeclaration> = {
        let initial = KeepDeclaration()
        return MappingShape(
            name: "keep", summary: "What is recorded at the end although it was not chosen at the start.",
            keys: [
                .key(
                    "failed", \.failed, .boolean, default: initial.failed,
                    "Answers of 5xx, and errors of the gateway and of upstreams."),
                .key("retried", \.retried, .boolean, default: initial.retried, "What took more than one attempt."),
                .key("limited", \.limited, .boolean, default: initial.limited, "What a limit refused."),
                .key(
                    "slower-than", \.slowerThanMilliseconds, .duration(1...86_400_000),
                    default: initial.slowerThanMilliseconds, "What took longer; `off`: however long it took."),
            ])
    }()
}

/// What has the keys of sampling: the gateway's `tracing`, and a route's.
private protocol SamplingTarget: Sendable {
    var sampling: SamplingDeclaration { get set }
}

extension TracingDeclaration: SamplingTarget {}

extension SamplingDeclaration: SamplingTarget {
    fileprivate var sampling: SamplingDeclaration {
        get { self }
        set { self = newValue }
    }

    /// Rules that keep nothing are what `keep: off` means.
    fileprivate var keepIfAny: KeepDeclaration? {
        get { keep == .nothing ? nil : keep }
        set { keep = newValue ?? .nothing }
    }
}

extension ValueShape<TracingDeclaration> {
    /// The table puts it in front of `routes`, wherever it stands in the file.
    static let tracing = Shapes.tracing.value { _ in TracingDeclaration() }.checked { tracing, _, reading in
        reading.sampling = tracing.sampling
        return tracing
    }
}

extension ValueShape<RouteTracingDeclaration> {
    static let routeTracing = ValueShape.short(
        ValueShape<String>.word(["off"]).map { _ in RouteTracingDeclaration.off },
        orLong: Shapes.routeTracing.value { $0.sampling }.map { .own($0) })
}

extension ValueShape<CallerDeclaration> {
    fileprivate static let caller: ValueShape<CallerDeclaration> = {
        var shape = ValueShape<String>.word(CallerDeclaration.allCases.map(\.rawValue)).checked { word, _, _ in
            CallerDeclaration(rawValue: word)
        }
        shape.written = { .string($0.rawValue) }
        return shape
    }()
}

extension ValueShape<[TraceHeaderDeclaration]> {
    /// Formats, or `off` for none.
    static let traceHeaders: ValueShape<[TraceHeaderDeclaration]> = {
        let words = TraceHeaderDeclaration.allCases.map(\.rawValue)
        let format = ValueShape<String>.word(words).checked { word, _, _ in TraceHeaderDeclaration(rawValue: word) }
        let list = ValueShape<[TraceHeaderDeclaration]>.distinctList(of: format, 1...words.count)
        let one = ValueShape<String>.word(words + ["off"]).map { word in
            TraceHeaderDeclaration(rawValue: word).map { [$0] } ?? []
        }
        var shape = ValueShape<[TraceHeaderDeclaration]>(
            schema: .object([.init("anyOf", .array([one.schema, list.schema]))]),
            expected: "\(one.expected), or a list of formats"
        ) { node, reading in
            reading.document.nodes[node].kind == .sequence ? list.read(node, reading) : one.read(node, reading)
        }
        shape.written = { formats in
            formats.isEmpty ? .string("off") : .array(formats.map { .string($0.rawValue) })
        }
        return shape
    }()
}
