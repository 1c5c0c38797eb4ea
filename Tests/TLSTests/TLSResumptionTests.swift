import Foundation
import Kernel
import TLS
import Testing

@Suite struct TLSResumptionTests {
    let workshop = CertificateWorkshop.shared
    let ring = TicketKeyRing.generate()

    private func server(_ change: (inout TLSServerOptions) -> Void = { _ in }) throws -> TLSServerContext {
        try Contexts.server([workshop.certificate("ec"), workshop.certificate("wild", behind: ["middle"])]) {
            $0.ticketKeys = ring
            change(&$0)
        }
    }

    /// A connection of the client; whether it went on from an earlier one.
    private func connect(
        _ server: TLSServerContext, _ client: TLSClientContext, asking name: String = "first.example"
    ) throws -> Bool {
        let pair = try SessionPair(server, client, asking: name)
        let outcomes = pair.shake()
        guard outcomes.succeeded else { throw try #require(outcomes.serverFailure ?? outcomes.clientFailure) }
        #expect(try pair.echo() == "hello")
        #expect(pair.server.isResumed == pair.client.isResumed)
        #expect(pair.client.hasVerifiedPeer == true)
        return pair.server.isResumed
    }

    /// A client that speaks one version alone. The highest version is not an option of upstreams, so the server's is narrowed.
    private func partner(_ version: String, _ server: TLSServerContext, _ more: [String]) throws -> ServedPartner {
        try ServedPartner(server, arguments: ["-\(version)"] + more)
    }

    @Test func `a second connection goes on from the first`() throws {
        let server = try server()
        let client = try Contexts.client()
        #expect(try connect(server, client) == false)
        #expect(try connect(server, client) == true)
        #expect(try connect(server, client) == true)
        #expect(try connect(server, Contexts.client { $0.resumes = false }) == false)
    }

    @Test func `without ticket keys, or without a wish to, nothing is resumed`() throws {
        let client = try Contexts.client()
        let without = try server { $0.ticketKeys = nil }
        #expect(try connect(without, client) == false)
        #expect(try connect(without, client) == false)
        let forgetful = try Contexts.client { $0.resumes = false }
        let server = try server()
        #expect(try connect(server, forgetful) == false)
        #expect(try connect(server, forgetful) == false)
    }

    @Test func `any context with the same ring resumes, of any shard`() throws {
        let client = try Contexts.client()
        #expect(try connect(server(), client) == false)
        #expect(try connect(server(), client) == true)
    }

    @Test func `a turned ring opens old tickets until their key is gone`() throws {
        let server = try server()
        let client = try Contexts.client()
        #expect(try connect(server, client) == false)
        let turned = ring.turned(to: TicketKeyRing.generateKey())
        server.replaceTicketKeys(turned)
        #expect(try connect(server, client) == true)
        // The new tickets are sealed with the new key; of the old ones the client still has one.
        let again = turned.turned(to: TicketKeyRing.generateKey(), keeping: 1)
        server.replaceTicketKeys(again)
        #expect(try connect(server, client) == true)
        server.replaceTicketKeys(.generate())
        #expect(try connect(server, client) == false)
    }

    @Test(arguments: ["tls1_2", "tls1_3"])
    func `another program resumes too, and keeps to listener, name and policy`(version: String) throws {
        let file = "session-\(version).pem"
        let save = ["-servername", "first.example", "-sess_out", file]
        let first = try partner(version, server(), save)
        #expect(first.handshake == .done)
        #expect(!first.isResumed)
        let load = ["-servername", "first.example", "-sess_in", file]
        #expect(try partner(version, server(), load).isResumed == true)
        let other = try server { $0.listener = "internal" }
        #expect(try partner(version, other, load).isResumed == false)
        for name in ["both.example", "a.wild.example", "unknown.example"] {
            let elsewhere = try partner(version, server(), ["-servername", name, "-sess_in", file])
            #expect(elsewhere.handshake == .done)
            #expect(!elsewhere.isResumed, "\(name)")
        }
        let nameless = try partner(version, server(), ["-noservername", "-sess_in", file])
        #expect(nameless.handshake == .done && !nameless.isResumed)
        #expect(try partner(version, server { $0.ticketKeys = .generate() }, load).isResumed == false)
    }

    @Test(arguments: ["tls1_2", "tls1_3"])
    func `a ticket from where no certificate is asked opens no place where one is`(version: String) throws {
        let file = "anonymous-\(version).pem"
        let name = ["-servername", "first.example"]
        #expect(try partner(version, server(), name + ["-sess_out", file]).handshake == .done)
        let authorities = workshop.bytes("ca.pem")
        let required = try partner(
            version, server { $0.clientCertificates = .required(authorities: authorities) }, name + ["-sess_in", file])
        #expect(required.failure?.kind == .certificateMissing)
        let optional = try partner(
            version, server { $0.clientCertificates = .optional(authorities: authorities) }, name + ["-sess_in", file])
        #expect(optional.handshake == .done && !optional.isResumed && optional.peer == nil)
    }

    @Test(arguments: ["tls1_2", "tls1_3"])
    func `a resumed session still knows the client's certificate, under the same authorities alone`(version: String)
        throws
    {
        let file = "alice-\(version).pem"
        let arguments = ["-servername", "first.example", "-cert", "alice.pem", "-key", "alice.key"]
        func required(_ authorities: [UInt8]) throws -> TLSServerContext {
            try server { $0.clientCertificates = .required(authorities: authorities) }
        }
        let authorities = workshop.bytes("ca.pem")
        let first = try partner(version, required(authorities), arguments + ["-sess_out", file])
        #expect(first.peer?.isVerified == true)
        let second = try partner(version, required(authorities), ["-servername", "first.example", "-sess_in", file])
        #expect(second.isResumed)
        #expect(second.peer == first.peer)
        #expect(second.peer?.isVerified == true)
        let changed = try partner(
            version, required(authorities + workshop.bytes("other-ca.pem")), arguments + ["-sess_in", file])
        #expect(!changed.isResumed && changed.handshake == .done)
    }

    @Test func `a client keeps a bounded number of sessions for a bounded number of servers`() throws {
        let server = try server()
        let client = try Contexts.client()
        for _ in 0..<4 {
            let pair = try SessionPair(server, client)
            #expect(pair.shake().succeeded == true)
            #expect(try pair.echo() == "hello")
        }
        for number in 0..<80 {
            let pair = try SessionPair(server, client, asking: "n\(number).wild.example")
            #expect(pair.shake().succeeded == true)
            #expect(try pair.echo() == "hello")
        }
        #expect(try connect(server, client, asking: "first.example") == false)
        #expect(try connect(server, client, asking: "n79.wild.example") == true)
        #expect(try connect(server, client, asking: "n40.wild.example") == true)
    }

    @Test func `a ring keeps eight keys and shows none`() {
        var ring = TicketKeyRing.generate()
        for _ in 0..<20 { ring = ring.turned(to: TicketKeyRing.generateKey(), keeping: 100) }
        var shown = ""
        dump(ring, to: &shown)
        #expect(shown.components(separatedBy: "•••").count == 9)
        #expect(shown.count < 400)
        #expect(TicketKeyRing.generateKey() != TicketKeyRing.generateKey())
    }
}
