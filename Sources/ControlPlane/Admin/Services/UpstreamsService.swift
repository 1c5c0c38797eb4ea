public import Health
public import Shard

/// `/upstreams`: each endpoint's one state, with the reason and since when. Checks and exchanges are judged together, so this is
/// what the shards go by.
public struct UpstreamsService: LocalService {
    private let health: HealthKeeper

    /// Reads the keeper.
    public init(health: HealthKeeper) {
        self.health = health
    }

    public func answer(_ request: LocalRequest) -> LocalAnswer {
        LocalAnswer(contentType: "application/json", body: Self.json(health.snapshot()))
    }

    static func json(_ snapshot: HealthSnapshot) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.array("upstreams") { writer in
                for upstream in snapshot.upstreams {
                    writer.object { writer in
                        writer.string("id", upstream.upstream)
                        writer.number("available", upstream.availableCount)
                        writer.array("endpoints") { writer in
                            for endpoint in upstream.endpoints { writer.object { write(endpoint, to: &$0) } }
                        }
                    }
                }
            }
        }
        return writer.bytes + [0x0A]
    }

    private static func write(_ endpoint: EndpointHealthSnapshot, to writer: inout JSONWriter) {
        writer.string("address", endpoint.endpoint)
        writer.string("host", endpoint.host)
        writer.string("state", endpoint.state.rawValue)
        writer.string("reason", endpoint.reason)
        writer.number("sinceMilliseconds", Int(endpoint.sinceWallMilliseconds))
        writer.number("checksPassed", Int(endpoint.checksPassed))
        writer.number("checksFailed", Int(endpoint.checksFailed))
        writer.number("ejections", Int(endpoint.ejections))
        writer.string("lastCheck", endpoint.lastCheck?.text)
    }
}
