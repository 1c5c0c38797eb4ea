internal import Declarations
internal import Kernel
internal import Shard
internal import TLS

// Keys of session tickets: one ring for each listener, the same on all shards, turned from time to time. They are never written
// anywhere, so a stolen disk opens no recorded session.
extension Gateway {
    /// A listener's ring, and when it is turned next.
    struct TicketKeys {
        var ring: TicketKeyRing
        var rotationNanoseconds: UInt64
        var turnsAt: UInt64
    }

    /// Makes rings for listeners that have none, forgets those of listeners that are gone, and puts them into the options.
    func ticketOptions(_ declaration: GatewayDeclaration, _ material: TLSMaterial) -> [String: TLSServerOptions] {
        var options = material.listeners
        var kept: [String: TicketKeys] = [:]
        let now = SystemClock.monotonicNanoseconds()
        for listener in declaration.listeners {
            guard let tls = listener.tls, tls.ticketRotationMilliseconds > 0 else { continue }
            let rotation = UInt64(tls.ticketRotationMilliseconds) * 1_000_000
            var keys =
                ticketKeys[listener.name]
                ?? TicketKeys(ring: .generate(), rotationNanoseconds: rotation, turnsAt: now + rotation)
            keys.rotationNanoseconds = rotation
            keys.turnsAt = min(keys.turnsAt, now + rotation)
            kept[listener.name] = keys
            options[listener.name]?.ticketKeys = keys.ring
        }
        ticketKeys = kept
        return options
    }

    /// Turns the rings whose time has come.
    func turnTicketKeys(_ now: UInt64) {
        for (name, keys) in ticketKeys where keys.turnsAt <= now {
            var next = keys
            next.ring = keys.ring.turned(to: TicketKeyRing.generateKey())
            next.turnsAt = now + keys.rotationNanoseconds
            ticketKeys[name] = next
            data.post(.ticketKeys(listener: name, next.ring))
        }
    }

    /// When the next ring is turned; `UInt64.max` for never.
    var ticketKeysTurnAt: UInt64 { ticketKeys.values.map(\.turnsAt).min() ?? .max }
}
