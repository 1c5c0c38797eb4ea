internal import Declarations

extension Shapes {
    static let listener = MappingShape<ListenerDraft>(
        name: "listener", summary: "An address to listen on.",
        keys: [
            .optional(
                "name", \.name, ValueShape<String>.identifier.located,
                "Unique among the listeners; `default` when there is only one."),
            .optional(
                "address", \.address, ValueShape<ListenAddress>.listen.located, required: true,
                "IP address and port; `:8080` is every IPv4 address; port 0 takes a free one."),
            .key(
                "trusted-proxies", \.trustedProxies, .list(of: .network, 0...1_000),
                "Networks whose `X-Forwarded-*` and `Forwarded` fields are believed."),
            .key(
                "proxy-protocol", \.acceptsProxyProtocol, .boolean, default: false,
                "Trusted proxies begin each connection with a PROXY protocol header (version 1 or 2)."),
            .optional("tls", \.tls, .listenerTLS, "Terminates TLS; clear text when not written."),
        ])

    static let admin = MappingShape<AdminDraft>(
        name: "admin", summary: "The admin listener, read-only, and the access log.",
        keys: [
            .optional(
                "address", \.address, ValueShape<ListenAddress?>.listenOrOff.located,
                "IP address and port, or `off`; 127.0.0.1:9901 when not written."),
            .key(
                "access-log", \.accessLog, .accessLog, default: .standardOutput,
                "Where the access log goes: stdout, off, or a file, relative to this file's folder."),
        ])

    static let defaults = MappingShape<DefaultsDraft>(
        name: "defaults", summary: "Limits of time and size.",
        keys: [
            .nested("timeouts", \.timeouts, defaultTimeouts, "Limits of time."),
            .nested("limits", \.limits, limits, "Limits of size and number."),
            .key(
                "name-servers", \.nameServers, .list(of: .nameServer, 0...8),
                "Whom to ask for the names of endpoints; the servers of the system when not written."),
            .key(
                "filters", \.filters, .list(of: .filter, 0...64), "Filters of every route, before its own; in order."),
            .nested("upstream", \.upstream, upstreamDefaults, "What upstreams have that say nothing."),
        ])

    static let defaultTimeouts: MappingShape<DefaultTimeouts> = {
        let initial = DefaultTimeouts()
        return MappingShape(
            name: "default-timeouts", title: "`timeouts`",
            summary: "Limits of time on the side of the clients, and those of upstreams that say nothing.",
            keys: [
                .key(
                    "request-head", \.downstream.requestHeadMilliseconds, .duration(),
                    default: initial.downstream.requestHeadMilliseconds,
                    "From the first byte of a request to the end of its head."),
                .key(
                    "idle", \.downstream.idleMilliseconds, .duration(), default: initial.downstream.idleMilliseconds,
                    "Between two requests of a connection."),
                .key(
                    "stall", \.downstream.stallMilliseconds, .duration(), default: initial.downstream.stallMilliseconds,
                    "Without progress while a body is read from or written to a client."),
                .key(
                    "tunnel-idle", \.downstream.tunnelIdleMilliseconds, .duration(),
                    default: initial.downstream.tunnelIdleMilliseconds,
                    "Without a byte in either direction of a WebSocket."),
                .key(
                    "tls-handshake", \.downstream.tlsHandshakeMilliseconds, .duration(),
                    default: initial.downstream.tlsHandshakeMilliseconds,
                    "From the accept of a connection to the end of its TLS handshake."),
                .key(
                    "drain", \.downstream.drainMilliseconds, .duration(), default: initial.downstream.drainMilliseconds,
                    "From SIGTERM to the forced end of what is left."),
                .key(
                    "connect", \.upstream.connectMilliseconds, .duration(),
                    default: initial.upstream.connectMilliseconds,
                    "To the end of the TCP handshake with an endpoint."),
                .key(
                    "response-head", \.upstream.responseHeadMilliseconds, .duration(),
                    default: initial.upstream.responseHeadMilliseconds,
                    "From the end of the request to the end of the response head."),
                .key(
                    "upstream-stall", \.upstream.stallMilliseconds, .duration(),
                    default: initial.upstream.stallMilliseconds,
                    "Between two pieces of a response body."),
                .key(
                    "request", \.upstream.requestMilliseconds, .duration(),
                    default: initial.upstream.requestMilliseconds,
                    "For the whole exchange."),
            ])
    }()

    static let limits: MappingShape<LimitsDeclaration> = {
        let initial = LimitsDeclaration()
        return MappingShape(
            name: "limits", summary: "Limits of size and number.",
            keys: [
                .key(
                    "request-head", \.requestHeadBytes, .size(1_024...65_536), default: initial.requestHeadBytes,
                    "Size of a request head; beyond: 431."),
                .key(
                    "request-target", \.requestTargetBytes, .size(256...65_536), default: initial.requestTargetBytes,
                    "Size of a request target, at most that of the head; beyond: 414."),
                .key(
                    "request-fields", \.requestFields, .integer(1...1_000), default: initial.requestFields,
                    "Header fields of a request; beyond: 431."),
                .key(
                    "request-body", \.requestBodyBytes, .size(1...1_099_511_627_776, off: true),
                    default: initial.requestBodyBytes,
                    "Size of a request body; beyond: 413. A filter `request-size` overrides it."),
                .key(
                    "response-head", \.responseHeadBytes, .size(1_024...65_536), default: initial.responseHeadBytes,
                    "Size of a response head of an upstream; beyond: 502."),
                .key(
                    "connections", \.connections, .integer(1...1_048_576), default: initial.connections,
                    "Connections of clients to the whole process."),
                .key(
                    "connections-per-client", \.connectionsPerClient, .integer(0...1_048_576),
                    default: initial.connectionsPerClient,
                    "Connections of one client address (IPv6: of one /64) to one thread; 0: no limit."),
                .key(
                    "buffers", \.bufferBytes, .size(1_048_576...1_099_511_627_776, off: true),
                    default: initial.bufferBytes,
                    "Size of what the buffers of all connections may hold; beyond, new connections are shed."),
                .key(
                    "requests-per-connection", \.requestsPerConnection, .integer(0...1_000_000_000),
                    default: initial.requestsPerConnection, "Requests before a connection is closed; 0: no limit."),
                .key(
                    "minimum-rate", \.minimumRateBytesPerSecond, .size(1...1_073_741_824, off: true),
                    default: initial.minimumRateBytesPerSecond,
                    "Size per second that a client must send or take, over a stall period."),
            ])
    }()
}

extension ValueShape<ListenAddress?> {
    static let listenOrOff = ValueShape<ListenAddress?>(
        schema: ValueShape<ListenAddress>.listen.schema, expected: "an address such as 127.0.0.1:9901, or off"
    ) { node, reading -> ListenAddress?? in
        let document = reading.document
        let isOff = document.nodes[node].kind == .scalar && document.bytes(node).elementsEqual("off".utf8)
        return isOff ? .some(nil) : ValueShape<ListenAddress>.listen.read(node, reading).map { $0 }
    }
}

extension ValueShape<AccessLogDeclaration> {
    static let accessLog: ValueShape<AccessLogDeclaration> = {
        var shape = ValueShape<String>.text("stdout, off, or the path of a file") { content, _, _ in
            String(decoding: content, as: UTF8.self)
        }.checked { text, node, reading -> AccessLogDeclaration? in
            switch text {
            case "stdout": return .standardOutput
            case "off": return .off
            case "":
                reading.wrongKind(node, expected: "stdout, off, or the path of a file")
                return nil
            default: break
            }
            if text.utf8.contains(0) {
                reading.error("bad-value", at: node, "the path of a file cannot hold a NUL", expected: "a path")
                return nil
            }
            if !text.contains("/"), !text.contains("."),
                let near = Spelling.nearest(to: text, among: ["stdout", "off"])
            {
                reading.error(
                    "unknown-word", at: node, "`\(text)` is a file's name that looks like another word",
                    expected: "stdout, off, or a path with a `/` or a `.` in it", suggestion: near)
                return nil
            }
            return .file(text)
        }
        shape.written = { $0 == .standardOutput ? .string("stdout") : nil }
        return shape
    }()
}
