import Declarations
import Telemetry
import Testing

@testable import Admin
@testable import Shard

struct AdminServicesTests {
    private func ask(_ service: some LocalService) -> (status: Int, text: String) {
        let answer = service.answer(LocalRequest(method: "GET", path: "/", query: ""))
        return (answer.status, String(decoding: answer.body, as: UTF8.self))
    }

    @Test func `readiness follows the life of the gateway`() {
        let state = AdminState()
        let service = ReadinessService(state: state)
        #expect(ask(service) == (503, "not ready: starting\n"))
        state.become(.ready)
        #expect(ask(service) == (200, "ready\n"))
        state.become(.draining)
        #expect(ask(service) == (503, "not ready: draining\n"))
    }

    @Test func `a refused reload keeps readiness and is told until one is applied`() {
        let state = AdminState()
        state.become(.ready)
        state.reloadRefused("routes.yaml:3:1: bad")
        #expect(ask(ReadinessService(state: state)) == (200, "ready; last reload refused: routes.yaml:3:1: bad\n"))
        state.configurationApplied(routes: [])
        #expect(ask(ReadinessService(state: state)) == (200, "ready\n"))
    }

    @Test func `the metrics page has figures of the process`() {
        let service = MetricsService(registry: MetricsRegistry(shards: 1), startMilliseconds: 1_000, version: "1.2.3")
        let (status, text) = ask(service)
        #expect(status == 200)
        #expect(text.contains("martlet_build_info{version=\"1.2.3\"} 1\n"))
        #expect(text.contains("process_start_time_seconds 1"))
        #expect(!text.contains("process_resident_memory_bytes 0\n"))
        #expect(!text.contains("process_open_fds 0\n"))
    }

    @Test func `the routes page shows the routes in force`() {
        let state = AdminState()
        state.configurationApplied(routes: [RouteDeclaration(id: "only", action: .forward(upstream: "a"))])
        #expect(ask(RoutesService(state: state)).text.contains(#""id":"only""#))
    }

    @Test func `commands are on the control site alone`() {
        let command = CommandService { LocalAnswer(body: []) }
        let listener = ListenerDeclaration(name: "control", host: "localhost", port: 0)
        let metrics = MetricsService(registry: MetricsRegistry(shards: 1), startMilliseconds: 0, version: "")
        let admin = LocalSite.admin(listener, state: AdminState(), metrics: metrics)
        let control = LocalSite.control(listener, reload: command, drain: command)
        #expect(admin.declaration.routes.map(\.id) == ["metrics", "livez", "readyz", "routes"])
        #expect(admin.declaration.routes.allSatisfy { $0.match.methods == ["GET"] })
        #expect(control.declaration.routes.map(\.id) == ["reload", "drain"])
        #expect(control.declaration.routes.allSatisfy { $0.match.methods == ["POST"] })
        #expect(Set(admin.services.keys) == Set(admin.declaration.routes.map(\.id)))
    }

    @Test(arguments: [("100 25 3 1 0 9 0\n", 25), ("7", 0), ("", 0), ("a b", 0)])
    func `resident pages are the second number`(text: String, pages: Int) {
        #expect(ProcessFigures.residentPages(Array(text.utf8)) == pages)
    }
}
