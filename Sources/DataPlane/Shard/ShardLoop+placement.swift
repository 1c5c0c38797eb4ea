internal import Declarations
internal import Forwarding
internal import HTTP1
internal import HTTPModel
internal import Kernel
internal import Routing
internal import Upstreams

// Placement: what of a request says to which endpoint it belongs, and what of an answer says it to the client.
extension ShardLoop {
    /// Reads the hash key and the sticky cookie, while the head is here.
    func place(_ exchange: Exchange, _ plan: RoutePlan, _ cluster: Cluster, _ input: Span<UInt8>, path: Span<UInt8>) {
        if let placement = cluster.placement {
            exchange.attempt.hashKey = hashKey(exchange, plan, cluster, placement, input, path: path)
        }
        guard let sticky = cluster.sticky else { return }
        let name = cluster.stickyName
        if let range = CookiePairs.value(of: name.span, in: requestHead.fields, head: input) {
            exchange.attempt.sticky = sticky.endpoint(input.extracting(range.indices)) ?? -1
        }
    }

    private func hashKey(
        _ exchange: Exchange, _ plan: RoutePlan, _ cluster: Cluster, _ placement: Cluster.Placement,
        _ input: Span<UInt8>, path: Span<UInt8>
    ) -> UInt64? {
        switch placement {
        case .header(let name, let known):
            for entry in requestHead.fields.entries where known == .other || entry.known == known {
                guard ByteSearch.equalIgnoringCase(input.extracting(entry.name.indices), name.span) else { continue }
                return KeyedHash.hash(input.extracting(entry.value.indices), key: .placement)
            }
            return nil
        case .cookie(let name):
            guard let range = CookiePairs.value(of: name.span, in: requestHead.fields, head: input) else { return nil }
            return KeyedHash.hash(input.extracting(range.indices), key: .placement)
        case .clientAddress:
            return clientAddressHash(exchange, input)
        case .capture(let name):
            guard let slot = plan.captures.slot(of: name) else { return nil }
            let range = captures.range(slot: slot)
            return range.isEmpty ? nil : KeyedHash.hash(path.extracting(range.indices), key: .placement)
        }
    }

    /// Behind a trusted proxy the client is whom that proxy names last; anybody else is who connects.
    private func clientAddressHash(_ exchange: Exchange, _ input: Span<UInt8>) -> UInt64? {
        guard let identity = exchange.downstream?.identity else { return nil }
        var client: ByteRange?
        if identity.isTrusted {
            for entry in requestHead.fields.entries where entry.known == .forwardedFor {
                client = ForwardedFor.last(entry.value, in: input) ?? client
            }
        }
        if let client { return KeyedHash.hash(input.extracting(client.indices), key: .placement) }
        let peer = identity.peer
        return KeyedHash.hash(peer.span, key: .placement)
    }

    /// Appends the cookie that keeps the client with the endpoint that has answered, unless it has that cookie already.
    func appendStickyCookie(_ exchange: Exchange, into out: inout ByteBuffer) {
        guard let cluster = exchange.cluster, let sticky = cluster.sticky, exchange.endpoint >= 0,
            exchange.endpoint != exchange.attempt.sticky, let cookie = cluster.plan.declaration.stickyCookie
        else { return }
        out.append("Set-Cookie: ")
        out.append(cluster.stickyName)
        out.append("=")
        sticky.append(tokenOf: exchange.endpoint, to: &out)
        out.append("; Path=/; HttpOnly; SameSite=Lax")
        if cookie.maxAgeSeconds > 0 {
            out.append("; Max-Age=")
            out.appendDecimal(cookie.maxAgeSeconds)
        }
        out.append(cookie.secure ? "; Secure\r\n" : "\r\n")
    }

    /// Octets at most of the line that `appendStickyCookie` writes, beside the cookie's name.
    static let stickyCookieBytesMax = 128
}
