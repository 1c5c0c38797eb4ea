import Kernel
import TLS
import Testing

@Suite struct TLSHostileTests {
    /// The first message of a client of ours, as it is on the wire.
    private func clientHello() throws -> [UInt8] {
        let sockets = try SocketPair()
        let client = try Contexts.client { $0.applicationProtocols = ["http/1.1"] }
            .makeSession(sockets.client, serverName: "first.example")
        #expect(client.handshake() == .wouldBlock)
        var buffer = ByteBuffer(capacity: 16_384)
        for _ in 0..<Patience.turns where buffer.isEmpty { _ = sockets.server.receive(into: &buffer, atMost: 16_384) }
        return copy(buffer.readable)
    }

    /// How the server's handshake stands after some octets, and then after the end.
    private func outcomes(
        _ context: TLSServerContext, _ octets: [UInt8]
    ) throws -> (before: TLSSession.HandshakeOutcome, after: TLSSession.HandshakeOutcome) {
        let sockets = try SocketPair()
        let session = context.makeSession(sockets.server)
        if !octets.isEmpty { #expect(sockets.client.send(octets.span) == .sent(octets.count)) }
        let before = session.handshake()
        sockets.client.finishSending()
        var after = session.handshake()
        for _ in 0..<Patience.turns where after == .wouldBlock { after = session.handshake() }
        #expect(session.handshake() == after)
        return (before, after)
    }

    @Test func `a hello that is cut anywhere is waited for and then over`() throws {
        let hello = try clientHello()
        let context = try Contexts.server { $0.applicationProtocols = ["http/1.1"] }
        for count in 0..<hello.count {
            let (before, after) = try outcomes(context, Array(hello[..<count]))
            #expect(before == .wouldBlock, "\(count)")
            guard case .failed(let failure) = after else {
                Issue.record("\(count): \(after)")
                continue
            }
            #expect(failure.kind == .closed, "\(count): \(failure)")
        }
    }

    @Test func `a hello with any octet changed never traps`() throws {
        let hello = try clientHello()
        let context = try Contexts.server { $0.applicationProtocols = ["http/1.1"] }
        for index in hello.indices {
            for change: UInt8 in [0x01, 0x80, 0xFF] {
                var broken = hello
                broken[index] ^= change
                _ = try outcomes(context, broken)
            }
        }
    }

    @Test func `a hello in pieces of one octet is a hello`() throws {
        let server = try Contexts.server()
        let relay = try SocketPair()
        let sockets = try SocketPair()
        let client = try Contexts.client().makeSession(relay.client, serverName: "first.example")
        let session = server.makeSession(sockets.server)
        var buffer = ByteBuffer(capacity: 1)
        var serverOutcome = session.handshake()
        var clientOutcome = client.handshake()
        for _ in 0..<Patience.turns where serverOutcome == .wouldBlock || clientOutcome == .wouldBlock {
            if case .received = relay.server.receive(into: &buffer, atMost: 1) {
                _ = sockets.client.send(buffer)
                buffer.clear()
            }
            serverOutcome = session.handshake()
            if case .received = sockets.client.receive(into: &buffer, atMost: 1) {
                _ = relay.server.send(buffer)
                buffer.clear()
            }
            clientOutcome = client.handshake()
        }
        #expect(serverOutcome == .done)
        #expect(clientOutcome == .done)
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", TLSFailure.Kind.notTLS), ("CONNECT a:1 HTTP/1.1\r\n\r\n", .notTLS),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .notTLS), ("SSH-2.0-OpenSSH_9.2\r\n", .notTLS),
        ("\u{16}\u{3}\u{1}\u{7F}\u{7F}aaaaaaaaaa", .notTLS),
        ("PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n", .notTLS),
    ])
    func `what is no TLS is said to be none`(text: String, kind: TLSFailure.Kind) throws {
        let (before, _) = try outcomes(Contexts.server(), Array(text.utf8))
        guard case .failed(let failure) = before else {
            Issue.record("\(before)")
            return
        }
        #expect(failure.kind == kind, "\(failure)")
        #expect(failure.description.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
    }

    @Test func `garbage of every length ends in an outcome`() throws {
        let context = try Contexts.server()
        var random = FastRandom(seed: 3)
        for count in 0..<200 {
            let octets = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            guard case .failed = try outcomes(context, octets).after else {
                Issue.record("\(octets)")
                continue
            }
            var record: [UInt8] = [22, 3, 1, UInt8(count >> 8), UInt8(count & 255)]
            record += octets
            guard case .failed = try outcomes(context, record).after else {
                Issue.record("\(record)")
                continue
            }
        }
    }

    @Test func `an old version is refused as such`() throws {
        let server = try Contexts.server { $0.minimumVersion = .tls13 }
        let partner = try ServedPartner(server, arguments: ["-tls1_2"])
        #expect(partner.failure?.kind == .version)
        #expect(partner.output.contains("alert protocol version"))
        let weak = try ServedPartner(
            Contexts.server(), arguments: ["-tls1_2", "-cipher", "AES128-SHA:AES128-GCM-SHA256"])
        #expect(weak.failure?.kind == .cipher)
    }

    @Test func `an attempt to negotiate anew is refused`() throws {
        let partner = try ServedPartner(
            Contexts.server(), arguments: ["-tls1_2"], steps: ["R\n", "hello\n"], echo: "RENEGOTIATING")
        #expect(partner.handshake == .done)
        // The other side takes the refusal for the end.
        #expect(partner.output.contains("no renegotiation"))
        #expect(partner.heard == "")
    }

    @Test func `a few updates of keys are taken, and a flood of them ends the session`() throws {
        let few = try ServedPartner(
            Contexts.server(), arguments: ["-tls1_3"], steps: ["k\n", "K\n", "hello\n"], echo: "KEYUPDATE")
        #expect(few.heard == "hello\n")
        #expect(few.output.contains("HELLO"))
        let many = try ServedPartner(
            Contexts.server(), arguments: ["-tls1_3"], steps: [String](repeating: "k\n", count: 40) + ["hello\n"],
            echo: "KEYUPDATE")
        #expect(many.heard == "")
        #expect(many.failure?.kind == .flooded)
        #expect(many.lastOutcome == .failed(SystemError(code: 71)))
    }
}
