internal import Declarations
internal import Telemetry
internal import TraceContext

/// Which traces are recorded and what their spans say, compiled.
final class TracingTable {
    /// What spans call the gateway.
    let service: String
    /// By the index of the route; `nil` for routes that take no part.
    let routes: [RouteTracing?]
    /// For requests that no route takes.
    let unrouted: RouteTracing

    init(_ declaration: TracingDeclaration, routes: [RouteDeclaration]) {
        service = declaration.service
        let policy = SamplingPolicy(declaration.sampling)
        unrouted = RouteTracing(policy: policy, text: .none)
        self.routes = routes.map { route in
            let text = SpanRouteText(pattern: Self.pattern(route), route: route.id)
            switch route.tracing {
            case .off: return nil
            case .inherited: return RouteTracing(policy: policy, text: text)
            case .own(let sampling): return RouteTracing(policy: SamplingPolicy(sampling), text: text)
            }
        }
    }

    /// One name for all requests of a route, whichever of its patterns they match.
    private static func pattern(_ route: RouteDeclaration) -> String {
        route.match.paths.isEmpty ? "/**" : route.match.paths.map(\.source).joined(separator: " | ")
    }
}

/// What a route has of it. An exchange holds on to this, so a reload may drop the table meanwhile.
final class RouteTracing {
    let policy: SamplingPolicy
    let text: SpanRouteText

    init(policy: SamplingPolicy, text: SpanRouteText) {
        self.policy = policy
        self.text = text
    }
}

extension SamplingPolicy {
    init(_ declaration: SamplingDeclaration) {
        self.init()
        rate = SamplingRate(Double(declaration.ratePerMillion) / 1_000_000)
        caller =
            switch declaration.caller {
            case .follow: .follow
            case .followIDs: .followIDs
            case .ignore: .ignore
            }
        tail.keepsFailed = declaration.keep.failed
        tail.keepsRetried = declaration.keep.retried
        tail.keepsLimited = declaration.keep.limited
        let slow = declaration.keep.slowerThanMilliseconds
        tail.slowNanoseconds = slow > 0 ? UInt64(slow) * 1_000_000 : nil
    }
}

extension TraceHeaderFormats {
    init(_ declarations: [TraceHeaderDeclaration]) {
        self.init()
        for declaration in declarations {
            switch declaration {
            case .b3Multi: insert(.b3Multi)
            case .b3Single: insert(.b3Single)
            case .w3c: insert(.w3c)
            }
        }
    }
}
