import Configuration
import Declarations
import Testing

@Suite struct TracingKeysTests {
    private static func gateway(_ tracing: String, route: String = "", upstream: String = "") throws
        -> GatewayDeclaration
    {
        try declaration(
            """
            version: 1
            routes: [{ id: r, forward: u\(route.isEmpty ? "" : ", tracing: ")\(route) }]
            upstreams: { u: { endpoints: ["a:1"]\(upstream.isEmpty ? "" : ", trace-headers: ")\(upstream) } }
            listeners: [{ address: 127.0.0.1:1 }]
            \(tracing.isEmpty ? "" : "tracing: { zipkin: 'http://z:9411'\(tracing) }")
            """)
    }

    private static func sampling(_ change: (inout SamplingDeclaration) -> Void) -> SamplingDeclaration {
        var sampling = SamplingDeclaration()
        change(&sampling)
        return sampling
    }

    @Test func `without tracing nothing is recorded, and a route needs not say so`() throws {
        let gateway = try Self.gateway("", route: "off")
        #expect(gateway.tracing == nil)
        #expect(gateway.routes.map(\.tracing) == [.off])
        #expect(gateway.upstreams.map(\.traceHeaders) == [[.b3Multi, .w3c]])
    }

    @Test(arguments: [
        ("1%", 10_000), ("0.1%", 1_000), ("0.0001%", 1), ("100%", 1_000_000), ("12.5%", 125_000), ("0%", 0), ("off", 0),
        ("99.9999%", 999_999),
    ])
    func `a share may be small`(written: String, perMillion: Int) throws {
        let gateway = try Self.gateway(", sample: \(written)")
        #expect(gateway.tracing?.sampling == Self.sampling { $0.ratePerMillion = perMillion })
    }

    @Test func `a key changes what it names and nothing else`() throws {
        let gateway = try Self.gateway(", service: edge, caller: follow, keep: { limited: false, slower-than: off }")
        #expect(gateway.tracing?.collectorURL == "http://z:9411")
        #expect(gateway.tracing?.service == "edge")
        #expect(
            gateway.tracing?.sampling
                == Self.sampling {
                    $0.caller = .follow
                    $0.keep.limited = false
                    $0.keep.slowerThanMilliseconds = 0
                })
        #expect(gateway.routes.map(\.tracing) == [.inherited])
        #expect(try Self.gateway(", keep: off").tracing?.sampling == Self.sampling { $0.keep = .nothing })
    }

    @Test func `a route begins with what the gateway has, wherever that stands in the file`() throws {
        let gateway = try Self.gateway(", sample: 5%, keep: { failed: false }", route: "{ keep: { retried: false } }")
        #expect(
            gateway.routes.map(\.tracing) == [
                .own(
                    Self.sampling {
                        $0.ratePerMillion = 50_000
                        $0.keep.failed = false
                        $0.keep.retried = false
                    })
            ])
    }

    @Test(arguments: [
        ("b3-single", [TraceHeaderDeclaration.b3Single]), ("[w3c, b3-multi]", [.w3c, .b3Multi]), ("off", []),
    ])
    func `an upstream reads its own formats`(written: String, formats: [TraceHeaderDeclaration]) throws {
        #expect(try Self.gateway("", upstream: written).upstreams.map(\.traceHeaders) == [formats])
    }

    @Test func `says what is wrong with tracing`() {
        BadFile(
            "tracing",
            #"""
            version: 1
            listeners: [{ address: ":8080" }]
            tracing:
              zipkin: zipkin:9411
              sample: 0.1
              caller: folow
              keep: { slower-than: 1, failed: yes }
            upstreams:
              u: { endpoints: ["u:1"], trace-headers: [w3c, w3c, b3] }
              v: { endpoints: ["u:1"], trace-headers: none }
            routes:
              - { id: a, match: { path: /a }, forward: u, tracing: { sample: 101%, zipkin: "http://z" } }
              - { id: b, match: { path: /b }, forward: v, tracing: { sample: 0.00001% } }
              - { id: c, match: { path: /c }, forward: v, tracing: false }
            """#,
            #"""
            routes.yaml:4:11: `zipkin:9411` is not a URL of http or https
                  zipkin: zipkin:9411
                          ^
                expected: a URL such as http://zipkin.internal:9411
                did you mean `http://zipkin:9411`?
            routes.yaml:5:11: the percentage `0.1` has no `%`
                  sample: 0.1
                          ^
                expected: a percentage from 0% to 100% such as 1% or 0.1%, with at most 4 decimals, or off
                did you mean `10%`?
            routes.yaml:6:11: `folow` is not known here
                  caller: folow
                          ^
                expected: one of `follow`, `follow-ids`, `ignore`
                did you mean `follow`?
            routes.yaml:7:24: the duration `1` has no unit
                  keep: { slower-than: 1, failed: yes }
                                       ^
                expected: a duration such as 500ms, 10s, 2m or 1h, from 1ms to 24h, or off
                did you mean `1s`?
            routes.yaml:7:35: `yes` does not belong here
                  keep: { slower-than: 1, failed: yes }
                                                  ^
                expected: true or false
                did you mean `true`?
            routes.yaml:9:49: `w3c` is written twice
                  u: { endpoints: ["u:1"], trace-headers: [w3c, w3c, b3] }
                                                                ^
                expected: each value once
            routes.yaml:9:54: `b3` is not known here
                  u: { endpoints: ["u:1"], trace-headers: [w3c, w3c, b3] }
                                                                     ^
                expected: one of `b3-multi`, `b3-single`, `w3c`
            routes.yaml:10:43: `none` is not known here
                  v: { endpoints: ["u:1"], trace-headers: none }
                                                          ^
                expected: one of `b3-multi`, `b3-single`, `w3c`, `off`
            routes.yaml:12:66: 101% is too large
                  - { id: a, match: { path: /a }, forward: u, tracing: { sample: 101%, zipkin: "http://z" } }
                                                                                 ^
                expected: a percentage from 0% to 100% such as 1% or 0.1%, with at most 4 decimals, or off
            routes.yaml:12:72: `zipkin` is not a key of `tracing`
                  - { id: a, match: { path: /a }, forward: u, tracing: { sample: 101%, zipkin: "http://z" } }
                                                                                       ^
                expected: `tracing` at the file's top level
            routes.yaml:13:66: `0.00001%` does not belong here
                  - { id: b, match: { path: /b }, forward: v, tracing: { sample: 0.00001% } }
                                                                                 ^
                expected: a percentage from 0% to 100% such as 1% or 0.1%, with at most 4 decimals, or off
            routes.yaml:14:56: `false` is not known here
                  - { id: c, match: { path: /c }, forward: v, tracing: false }
                                                                       ^
                expected: `off`
            """#
        ).expectReport()
    }

    @Test func `a route of a gateway without tracing is warned`() {
        BadFile(
            "no tracing",
            #"""
            version: 1
            listeners: [{ address: ":8080" }]
            upstreams: { u: { endpoints: ["u:1"] } }
            routes: [{ id: a, forward: u, tracing: { sample: 1% } }]
            """#,
            #"""
            routes.yaml:4:40: warning: `tracing` of a route has no effect: the gateway reports no traces
                routes: [{ id: a, forward: u, tracing: { sample: 1% } }]
                                                       ^
                expected: `tracing` at the file's top level, with a collector
            """#
        ).expectReport()
    }
}
