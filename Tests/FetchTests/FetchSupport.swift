import Fetch
import Kernel
import TestOrigins
import Testing

/// The loopback with this port.
func loopback(_ port: UInt16) -> SocketAddress {
    SocketAddress(bytes: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127, 0, 0, 1], port: port)
}

/// Works until so many transfers are over, for at most twenty seconds.
func finish(_ loop: FetchLoop, _ count: Int = 1) -> [FetchOutcome] {
    let deadline = SystemClock.monotonicNanoseconds() + 20_000_000_000
    var outcomes: [FetchOutcome] = []
    while outcomes.count < count, SystemClock.monotonicNanoseconds() < deadline {
        loop.wait(timeoutMilliseconds: 1_000)
        outcomes += loop.takeFinished()
    }
    return outcomes
}

/// One transfer on a loop of its own.
func fetch(_ request: FetchRequest) throws -> FetchOutcome {
    let loop = try FetchLoop()
    #expect(loop.start(request, tag: 7) == .accepted)
    let outcomes = finish(loop)
    #expect(outcomes.count == 1)
    let outcome = try #require(outcomes.first)
    #expect(outcome.tag == 7)
    return outcome
}

extension FetchOutcome {
    /// The response, or a failure of the test.
    func response(sourceLocation: SourceLocation = #_sourceLocation) throws -> FetchResponse {
        switch result {
        case .success(let response): return response
        case .failure(let error):
            Issue.record("no response: \(error)", sourceLocation: sourceLocation)
            throw error
        }
    }

    /// The error, or a failure of the test.
    func error(sourceLocation: SourceLocation = #_sourceLocation) throws -> FetchError {
        guard case .failure(let error) = result else {
            Issue.record("there is a response: \(result)", sourceLocation: sourceLocation)
            throw FetchError(.invalidRequest, "")
        }
        return error
    }
}

extension Origin {
    /// Where it is found.
    func url(_ path: String = "/") -> String { "http://127.0.0.1:\(port)\(path)" }
}
