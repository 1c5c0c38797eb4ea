import Admin
import EventLoop
import Kernel
import Testing

@testable import Shard
@testable import Supervision

struct ControlTests {
    private func outcome(_ answer: String) -> ControlClient.Outcome {
        ControlClient.outcome(Array(answer.utf8), .reload)
    }

    @Test func `an answer's status decides and its body is the text`() {
        #expect(outcome("HTTP/1.1 200 OK\r\nServer: a\r\n\r\nfine\n") == .done("fine\n"))
        #expect(outcome("HTTP/1.1 422 \r\n\r\nroutes.yaml:1:1: no\n") == .refused("routes.yaml:1:1: no\n"))
        #expect(outcome("HTTP/1.1 503 Service Unavailable\r\n\r\n") == .refused(""))
        #expect(outcome("") == .nobody("the gateway gave no answer to reload"))
        #expect(outcome("HTTP/1.1 200 OK\r\n") == .nobody("the gateway gave no answer to reload"))
    }

    @Test func `nobody answers for a folder that is not there`() {
        guard case .nobody = ControlClient.send(.reload, configuration: "/nowhere/at/all.yaml") else {
            Issue.record("answered")
            return
        }
    }

    @Test func `a command waits for the supervisor's answer`() throws {
        let events = Mailbox<GatewayEvent>(wakeUp: try WakeUp())
        let service = CommandDesk(events: events).service(.drain)
        let supervisor = try SystemThread.start(name: "supervisor") {
            while true {
                _ = events.wakeUp.wait(timeoutMilliseconds: 5_000)
                for case .command(.drain, let ticket) in events.collect() {
                    ticket.settle(status: 200, "as you wish\n")
                    return
                }
            }
        }
        let answer = service.answer(LocalRequest(method: "POST", path: "/drain", query: ""))
        supervisor.join()
        #expect(answer.status == 200)
        #expect(String(decoding: answer.body, as: UTF8.self) == "as you wish\n")
    }

    @Test func `a latch opens when all shards have said so`() throws {
        let latch = try InstallationLatch(shards: 2)
        latch.installed(Retired(NoTable()))
        #expect(latch.wait(timeoutMilliseconds: 0) == .timedOut)
        latch.installed(Retired(NoTable()))
        #expect(latch.wait(timeoutMilliseconds: 0) == .installed)
    }

    @Test func `a shard that cannot start ends the wait`() throws {
        let latch = try InstallationLatch(shards: 2)
        latch.failed("shard-1: no descriptors")
        #expect(latch.wait(timeoutMilliseconds: 60_000) == .failed("shard-1: no descriptors"))
    }
}

/// Stands for a table that nobody needs any more.
private final class NoTable {}
