import Declarations
import Foundation
import Health
import Kernel
import TestOrigins
import Testing
import Upstreams

/// The loopback with this port.
func loopback(_ port: UInt16) -> SocketAddress {
    SocketAddress(bytes: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127, 0, 0, 1], port: port)
}

/// Checks in quick succession, and no judgement of exchanges.
func quickChecks(_ path: String = "/health", _ edit: (inout ActiveHealthDeclaration) -> Void = { _ in })
    -> HealthDeclaration
{
    var active = ActiveHealthDeclaration(path: path)
    active.intervalMilliseconds = 20
    active.timeoutMilliseconds = 5_000
    active.healthyAfter = 2
    active.unhealthyAfter = 2
    edit(&active)
    var health = HealthDeclaration()
    health.active = active
    health.passive = nil
    return health
}

/// Exchanges are judged, nothing is checked.
func judged(_ edit: (inout PassiveHealthDeclaration) -> Void = { _ in }) -> HealthDeclaration {
    var passive = PassiveHealthDeclaration()
    edit(&passive)
    var health = HealthDeclaration()
    health.passive = passive
    return health
}

/// An upstream on these ports of the loopback.
func target(_ upstream: String, _ health: HealthDeclaration, _ ports: [UInt16], host: String = "127.0.0.1")
    -> HealthTarget
{
    HealthTarget(
        upstream: upstream, health: health, endpoints: ports.map { HealthEndpoint(address: loopback($0), host: host) })
}

/// What a shard says after this many failures in a row.
func failures(_ count: Int, _ upstream: String, _ port: UInt16) -> EndpointReport {
    EndpointReport(
        upstream: upstream, endpoint: loopback(port).text,
        report: PassiveReport(exchanges: count, gatewayFailures: count, consecutiveFailures: count))
}

/// A keeper with what it has told. It ends with the value.
final class Watch: Sendable {
    let keeper: HealthKeeper
    private let told: Told

    /// Changes as they were told, and a way to wait for them.
    private final class Told: @unchecked Sendable {
        private let condition = NSCondition()
        // Protected by `condition`.
        private var changes: [UpstreamHealthChange] = []

        func add(_ list: [UpstreamHealthChange]) {
            condition.lock()
            changes += list
            condition.broadcast()
            condition.unlock()
        }

        func wait(_ count: Int) -> [UpstreamHealthChange] {
            let deadline = Date(timeIntervalSinceNow: 20)
            condition.lock()
            defer { condition.unlock() }
            while changes.count < count, condition.wait(until: deadline) {}
            return changes
        }
    }

    init() throws {
        let told = Told()
        self.told = told
        keeper = try HealthKeeper.start { told.add($0) }
    }

    deinit { _ = keeper.stop(withinMilliseconds: 10_000) }

    /// The changes, as soon as there are so many, or after twenty seconds.
    func changes(_ count: Int) -> [UpstreamHealthChange] { told.wait(count) }

    /// The change with this number, from 0.
    func change(_ number: Int) throws -> HealthChange {
        let list = changes(number + 1)
        try #require(list.count > number, "only \(list.count) changes: \(list)")
        return list[number].change
    }

    /// What is known of an endpoint.
    func endpoint(_ upstream: String, _ port: UInt16) throws -> EndpointHealthSnapshot {
        try #require(keeper.snapshot().endpoint(loopback(port).text, of: upstream))
    }

    /// What is known of an endpoint as soon as the condition holds, or after twenty seconds.
    func endpoint(
        _ upstream: String, _ port: UInt16, when condition: (EndpointHealthSnapshot) -> Bool
    ) throws -> EndpointHealthSnapshot {
        let deadline = SystemClock.monotonicNanoseconds() + 20_000_000_000
        while SystemClock.monotonicNanoseconds() < deadline {
            if let found = keeper.snapshot().endpoint(loopback(port).text, of: upstream), condition(found) {
                return found
            }
            sched_yield()
        }
        return try endpoint(upstream, port)
    }
}
