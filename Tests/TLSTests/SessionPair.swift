import Glibc
import Kernel
import TLS
import Testing

/// Two connected, non-blocking sockets on this machine.
struct SocketPair: ~Copyable {
    let server: TCPSocket
    let client: TCPSocket

    init() throws {
        let address = try #require(SocketAddress(literal: "127.0.0.1", port: 0))
        let listener = try ListeningSocket.listen(on: address, backlog: 16, sharedPort: false)
        let connected = try TCPSocket.connect(to: listener.address)
        let accepted = try accept(from: listener)
        client = connected
        server = accepted
    }

    /// Closes the client's end; the server's stays open.
    consuming func closeClient() -> TCPSocket {
        server
    }
}

/// Waits for a connection, ten seconds at most.
func accept(from listener: borrowing ListeningSocket) throws -> TCPSocket {
    for _ in 0..<Patience.turns {
        switch listener.accept() {
        case .accepted(let socket, _): return socket
        case .failed(let error): throw error
        case .wouldBlock: Patience.wait()
        }
    }
    throw Patience.Exhausted()
}

/// How long a test waits for another process or for the kernel before it fails.
enum Patience {
    struct Exhausted: Error {}

    static let turns = 20_000

    /// Lets others work for at most a millisecond; whoever waits asks again.
    static func wait() {
        _ = poll(nil, 0, 1)
    }
}

/// A server's and a client's session over a pair of sockets.
struct SessionPair: ~Copyable {
    let sockets: SocketPair
    let server: TLSSession
    let client: TLSSession

    init(_ server: TLSServerContext, _ client: TLSClientContext, asking name: String = "first.example") throws {
        let pair = try SocketPair()
        sockets = pair
        self.server = server.makeSession(sockets.server)
        self.client = client.makeSession(sockets.client, serverName: name)
    }

    /// What became of both handshakes.
    struct Handshakes {
        var server = TLSSession.HandshakeOutcome.wouldBlock
        var client = TLSSession.HandshakeOutcome.wouldBlock
        var succeeded: Bool { server == .done && client == .done }
        var serverFailure: TLSFailure? { if case .failed(let failure) = server { failure } else { nil } }
        var clientFailure: TLSFailure? { if case .failed(let failure) = client { failure } else { nil } }
    }

    /// Lets both sides speak in turn until each has succeeded or failed.
    func shake() -> Handshakes {
        var outcomes = Handshakes()
        for turn in 0..<Patience.turns {
            if outcomes.client == .wouldBlock { outcomes.client = client.handshake() }
            if outcomes.server == .wouldBlock { outcomes.server = server.handshake() }
            if outcomes.client != .wouldBlock && outcomes.server != .wouldBlock { break }
            if turn > 20 { Patience.wait() }
        }
        return outcomes
    }

    /// The client's words arrive at the server and come back; tickets of TLS 1.3 arrive on the way.
    func echo(_ text: String = "hello") throws -> String {
        #expect(client.send(Array(text.utf8).span) == .sent(text.utf8.count))
        let heard = try receive(text.utf8.count, server)
        #expect(server.send(heard.span) == .sent(heard.count))
        return String(decoding: try receive(heard.count, client), as: UTF8.self)
    }
}

/// Receives this many bytes, or throws how else it ended.
func receive(_ count: Int, _ session: borrowing TLSSession) throws -> [UInt8] {
    var buffer = ByteBuffer(capacity: count)
    for _ in 0..<Patience.turns where buffer.count < count {
        switch session.receive(into: &buffer, atMost: count) {
        case .received: continue
        case .wouldBlock: Patience.wait()
        case .ended: throw Ended(withNotice: !session.endedWithoutNotice)
        case .failed(let error): throw error
        }
    }
    guard buffer.count == count else { throw Patience.Exhausted() }
    return copy(buffer.readable)
}

/// The peer finished.
struct Ended: Error, Equatable {
    let withNotice: Bool
}

/// The first outcome of a receive that is not "nothing yet".
func nextOutcome(_ session: borrowing TLSSession) -> ReceiveOutcome {
    var buffer = ByteBuffer(capacity: 16_384)
    for _ in 0..<Patience.turns {
        let outcome = session.receive(into: &buffer, atMost: 16_384)
        if outcome != .wouldBlock { return outcome }
        Patience.wait()
    }
    return .wouldBlock
}

func copy(_ span: Span<UInt8>) -> [UInt8] { span.indices.map { span[$0] } }

func text(_ span: Span<UInt8>) -> String { String(decoding: copy(span), as: UTF8.self) }

/// Contexts with the certificates of the workshop.
enum Contexts {
    static let workshop = CertificateWorkshop.shared

    static func now() -> Int64 { SystemClock.wallMilliseconds() / 1_000 }

    static func serverOptions(_ certificates: [TLSCertificate]? = nil) -> TLSServerOptions {
        _ = signal(SIGPIPE, SIG_IGN)
        return TLSServerOptions(
            listener: "public", certificates: certificates ?? [workshop.certificate("ec"), workshop.certificate("rsa")])
    }

    static func server(
        _ certificates: [TLSCertificate]? = nil, at now: Int64? = nil,
        _ change: (inout TLSServerOptions) -> Void = { _ in }
    ) throws -> TLSServerContext {
        var options = serverOptions(certificates)
        change(&options)
        return try TLSServerContext(options, library: TLSLibrary(), now: now ?? Self.now())
    }

    static func client(_ change: (inout TLSClientOptions) -> Void = { _ in }) throws -> TLSClientContext {
        var options = TLSClientOptions()
        options.authorities = .pem(workshop.bytes("ca.pem"))
        change(&options)
        return try TLSClientContext(options, library: TLSLibrary())
    }
}
