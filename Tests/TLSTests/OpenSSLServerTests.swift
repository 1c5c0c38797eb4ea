import Foundation
import Kernel
import TLS
import Testing

/// Our client against `openssl s_server`.
@Suite struct OpenSSLServerTests {
    private func withServer(_ arguments: [String], _ body: (SocketAddress) throws -> Void) throws {
        let command = RunningCommand(
            ["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", "ec.pem", "-key", "ec.key", "-rev"] + arguments,
            in: CertificateWorkshop.shared.folder)
        defer { command.end() }
        let line = command.line(with: "ACCEPT")
        let port = try #require(UInt16(line.split(separator: ":").last ?? ""), "\(line)")
        try body(try #require(SocketAddress(literal: "127.0.0.1", port: port)))
    }

    /// One connection; whether it was resumed.
    private func connect(_ client: TLSClientContext, _ address: SocketAddress, version: TLSVersion) throws -> Bool {
        let socket = try TCPSocket.connect(to: address)
        let session = client.makeSession(socket, serverName: "first.example")
        var outcome = session.handshake()
        for _ in 0..<Patience.turns where outcome == .wouldBlock {
            Patience.wait()
            outcome = session.handshake()
        }
        #expect(outcome == .done)
        #expect(session.version == version)
        #expect(session.send(Array("abc\n".utf8).span) == .sent(4))
        #expect(String(decoding: try receive(4, session), as: UTF8.self) == "cba\n")
        session.finishSending()
        return session.isResumed
    }

    @Test(arguments: [("-tls1_2", TLSVersion.tls12), ("-tls1_3", .tls13)])
    func `a server of OpenSSL is spoken to, and resumed`(option: String, version: TLSVersion) throws {
        let client = try Contexts.client()
        try withServer([option]) { (address) throws in
            #expect(try connect(client, address, version: version) == false)
            #expect(try connect(client, address, version: version) == true)
            #expect(try connect(client, address, version: version) == true)
        }
    }

    @Test func `a certificate of ours is shown to a server that asks`() throws {
        let client = try Contexts.client { $0.certificate = Contexts.workshop.certificate("alice") }
        try withServer(["-Verify", "3", "-CAfile", "ca.pem", "-verify_return_error"]) { (address) throws in
            #expect(try connect(client, address, version: .tls13) == false)
        }
    }
}
