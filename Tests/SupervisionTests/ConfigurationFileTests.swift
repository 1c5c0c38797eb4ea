import Declarations
import Testing

@testable import Kernel
@testable import Supervision

struct ConfigurationFileTests {
    private static let sound = """
        version: 1
        listeners: [{ address: "127.0.0.1:0" }]
        upstreams:
          a: { endpoints: ["one.test:80", { address: "two.test:81", weight: 3 }] }
          b: { endpoints: ["one.test:80"] }
        routes:
          - { id: r, forward: a }
          - { id: s, match: { path: /s }, forward: b }
        """

    private let addresses = [
        SocketAddress(literal: "10.0.0.1", port: 80)!, SocketAddress(literal: "10.0.0.2", port: 80)!,
    ]

    /// A resolver that says the same of each name whenever it is asked.
    private func answering(
        _ answer: @escaping (NamedAddress) -> Result<[SocketAddress], NameFailure>
    ) -> EndpointResolution.Resolver {
        { names in Dictionary(uniqueKeysWithValues: names.map { ($0, answer($0)) }) }
    }

    @Test func `each address of a name becomes an endpoint with the name's weight`() throws {
        let file = ConfigurationFile(path: "routes.yaml")
        let plan = try file.plan(Array(Self.sound.utf8)) { _ in
            answering { $0.host == "one.test" ? .success(addresses) : .success([addresses[0]]) }
        }
        // The second name leads to an address that the first one led to: it is not connected to twice.
        #expect(plan.upstreams[0].endpoints.map(\.address) == addresses)
        #expect(plan.upstreams[1].endpoints.map(\.weight) == [1, 1])
        #expect(plan.summary == "2 routes, 2 upstreams, 1 listener")
    }

    @Test func `names that lead nowhere are told together, with their upstream`() throws {
        let file = ConfigurationFile(path: "routes.yaml")
        do throws(Refusal) {
            _ = try file.plan(Array(Self.sound.utf8)) { _ in answering { _ in .failure(NameFailure(reason: "unknown")) }
            }
            Issue.record("taken")
        } catch {
            #expect(error.kind == .configuration)
            #expect(error.lines.count == 3)
            #expect(error.lines[1] == "routes.yaml: upstream 'a': cannot resolve 'two.test': unknown")
            #expect(error.summary.hasSuffix("(and 2 more)"))
        }
    }

    @Test func `a report with errors is a refusal that tells all of them`() throws {
        let text = Self.sound + "\nrouts: 1\nextra: 2\n"
        do throws(Refusal) {
            _ = try ConfigurationFile(path: "routes.yaml").plan(Array(text.utf8)) { _ in { _ in [:] } }
            Issue.record("taken")
        } catch {
            #expect(error.lines.count == 2)
            #expect(error.lines[0].hasPrefix("routes.yaml:9:1: "))
            #expect(error.lines[0].contains("did you mean `routes`?"))
            #expect(error.text.contains("^"))
            guard case .configuration(let told) = error.startFailure else {
                Issue.record("the wrong exit code")
                return
            }
            #expect(told == error.text)
        }
    }

    @Test func `a file that is not there is told by its name`() {
        do throws(Refusal) {
            _ = try ConfigurationFile(path: "/nowhere/routes.yaml").read()
            Issue.record("read")
        } catch {
            #expect(error.summary.hasPrefix("/nowhere/routes.yaml: cannot read the configuration: "))
        }
    }

    @Test func `where traces go asks for a restart, which of them does not`() {
        let without = GatewayDeclaration()
        var with = without
        with.tracing = TracingDeclaration()
        with.tracing?.collectorURL = "http://a"
        var elsewhere = with
        elsewhere.tracing?.collectorURL = "http://b"
        var less = with
        less.tracing?.service = "edge"
        less.tracing?.sampling.ratePerMillion = 0
        for (old, new, word) in [
            (without, with, "added"), (with, without, "removed"), (with, elsewhere, "tracing.zipkin"),
        ] {
            let refusal = RestartChecks.refusal(file: "f", from: old, to: new)
            #expect(refusal?.summary.contains(word) == true && refusal?.summary.contains("restart") == true)
        }
        #expect(RestartChecks.refusal(file: "f", from: with, to: less) == nil)
    }

    @Test func `a changed access log asks for a restart, other changes do not`() {
        let old = GatewayDeclaration()
        var new = old
        new.limits.connections = 5
        new.admin.port = nil
        #expect(RestartChecks.refusal(file: "f", from: old, to: new) == nil)
        new.admin.accessLog = .off
        #expect(RestartChecks.refusal(file: "f", from: old, to: new)?.summary.contains("restart") == true)
    }
}
