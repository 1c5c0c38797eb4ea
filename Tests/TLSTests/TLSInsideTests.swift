import COpenSSL
import Kernel
import Testing

@testable import TLS

/// What only a look inside can show.
@Suite struct TLSInsideTests {
    let workshop = CertificateWorkshop.shared

    /// A pair that speaks TLS 1.2, which no option of a client asks for.
    private func oldPair(_ change: (inout TLSServerOptions) -> Void = { _ in }) throws -> SessionPair {
        let pair = try SessionPair(Contexts.server(nil, change), Contexts.client())
        #expect(SSL_ctrl(pair.client.handle, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(TLSVersion.tls12.rawValue), nil) == 1)
        #expect(pair.shake().succeeded == true)
        #expect(pair.server.version == .tls12)
        return pair
    }

    @Test func `words, ends and their marks are the same in the old version`() throws {
        let pair = try oldPair()
        #expect(text(pair.server.cipher).hasPrefix("TLS_ECDHE_ECDSA_WITH_"))
        #expect(try pair.echo() == "hello")
        #expect(pair.server.finishSending() == .finished)
        #expect(nextOutcome(pair.client) == .ended)
        #expect(pair.client.endedWithoutNotice == false)
        pair.sockets.client.finishSending()
        #expect(nextOutcome(pair.server) == .ended)
        #expect(pair.server.endedWithoutNotice == true)
    }

    @Test func `a wish to negotiate anew is declined, counted, and leaves the session as it is`() throws {
        let pair = try oldPair()
        SSL_clear_options(pair.client.handle, UInt64(1) << 30)
        #expect(SSL_renegotiate(pair.client.handle) == 1)
        #expect(SSL_do_handshake(pair.client.handle) != 1)
        var buffer = ByteBuffer(capacity: 100)
        for _ in 0..<Patience.turns where pair.server.wire.pointee.renegotiations == 0 {
            #expect(pair.server.receive(into: &buffer, atMost: 100) == .wouldBlock)
        }
        #expect(pair.server.wire.pointee.renegotiations == 1)
        #expect(pair.server.failure == nil)
        #expect(pair.server.send([1].span) == .sent(1))
    }

    @Test func `more declined wishes than allowed end the session`() throws {
        let pair = try oldPair()
        pair.server.wire.pointee.renegotiations = UInt16(CO_RENEGOTIATIONS_MAX)
        SSL_clear_options(pair.client.handle, UInt64(1) << 30)
        #expect(SSL_renegotiate(pair.client.handle) == 1)
        #expect(SSL_do_handshake(pair.client.handle) != 1)
        #expect(nextOutcome(pair.server) == .failed(SystemError(code: 71)))
        #expect(pair.server.failure?.kind == .flooded)
    }

    @Test(arguments: [("late", SSL_TICKET_RETURN_IGNORE_RENEW), ("ec", SSL_TICKET_RETURN_USE)])
    func `a ticket with a certificate that has expired since counts no more`(name: String, verdict: SSL_TICKET_RETURN)
        throws
    {
        let pair = try SessionPair(
            Contexts.server([workshop.certificate(name)]), Contexts.client { $0.verifies = false })
        #expect(pair.shake().succeeded == true)
        // Any session with that certificate will do, and the client's has it.
        let session = SSL_get_session(pair.client.handle)
        #expect(ticketOpenedCallback(nil, session, nil, 0, SSL_TICKET_SUCCESS, nil) == verdict)
        #expect(
            ticketOpenedCallback(nil, session, nil, 0, SSL_TICKET_NO_DECRYPT, nil) == SSL_TICKET_RETURN_IGNORE_RENEW)
    }

    @Test func `errors of others do not change an outcome, and none are left behind`() throws {
        let pair = try SessionPair(Contexts.server(), Contexts.client())
        #expect(pair.shake().succeeded == true)
        _ = BIO_new_file("/nowhere/at/all", "r")
        #expect(ERR_peek_error() != 0)
        var buffer = ByteBuffer(capacity: 100)
        #expect(pair.server.receive(into: &buffer, atMost: 100) == .wouldBlock)
        #expect(pair.client.send([1].span) == .sent(1))
        #expect(nextOutcome(pair.server) == .received(1))
        #expect(pair.sockets.client.send([UInt8](repeating: 0, count: 100).span) == .sent(100))
        #expect(nextOutcome(pair.server) == .failed(SystemError(code: 71)))
        #expect(ERR_peek_error() == 0)
    }
}
