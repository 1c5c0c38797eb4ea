internal import COpenSSL

/// Sessions that a client can go on from, by the name of the server. Bounded: names and sessions that were not used for the longest
/// time go first.
@safe
final class ResumptionTable {
    /// Names of servers.
    static let namesMax = 64
    /// Sessions for each; a server of TLS 1.3 offers two with each handshake.
    static let sessionsMax = 4

    @safe
    private struct Server {
        let name: [UInt8]
        /// Owned, the newest last.
        var sessions: [OpaquePointer]
    }

    /// The name used last is the last.
    private var servers: [Server] = []

    deinit {
        for server in servers { Self.free(server) }
    }

    /// Takes a session over.
    func keep(_ session: OpaquePointer, serverName: [UInt8]) {
        var server = unsafe take(serverName) ?? Server(name: serverName, sessions: [])
        unsafe server.sessions.append(session)
        if unsafe server.sessions.count > Self.sessionsMax { unsafe SSL_SESSION_free(server.sessions.removeFirst()) }
        servers.append(server)
        if servers.count > Self.namesMax { Self.free(servers.removeFirst()) }
    }

    /// Lets a new connection go on from the newest session for the name, if there is one. A ticket of TLS 1.3 is used once, so that
    /// connections cannot be linked (RFC 8446 §C.4).
    func resume(_ connection: OpaquePointer, serverName: [UInt8]) {
        guard var server = take(serverName) else { return }
        if let session = unsafe server.sessions.popLast() {
            // OpenSSL takes a reference of its own, and looks at the session's age by itself.
            let isUsable = unsafe SSL_SESSION_is_resumable(session) == 1 && SSL_set_session(connection, session) == 1
            if unsafe isUsable && SSL_SESSION_get_protocol_version(session) < TLSVersion.tls13.rawValue {
                unsafe server.sessions.append(session)
            } else {
                unsafe SSL_SESSION_free(session)
            }
        }
        if unsafe !server.sessions.isEmpty { servers.append(server) }
    }

    /// Sessions kept for a name.
    func count(for serverName: [UInt8]) -> Int {
        servers.first { $0.name == serverName }.map { unsafe $0.sessions.count } ?? 0
    }

    private func take(_ name: [UInt8]) -> Server? {
        servers.lastIndex { $0.name == name }.map { servers.remove(at: $0) }
    }

    private static func free(_ server: Server) {
        for index in unsafe server.sessions.indices { unsafe SSL_SESSION_free(server.sessions[index]) }
    }
}
