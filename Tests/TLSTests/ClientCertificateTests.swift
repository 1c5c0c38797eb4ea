import Foundation
import Kernel
import TLS
import Testing

@Suite struct ClientCertificateTests {
    let workshop = CertificateWorkshop.shared

    private func pair(
        _ policy: TLSServerOptions.ClientCertificates, showing name: String?, oldest: TLSVersion = .tls12
    ) throws -> SessionPair {
        try SessionPair(
            Contexts.server { $0.clientCertificates = policy },
            Contexts.client {
                $0.certificate = name.map { workshop.certificate($0) }
                $0.minimumVersion = oldest
            })
    }

    @Test func `a good certificate is told in printable text`() throws {
        let pair = try pair(.required(authorities: workshop.bytes("ca.pem")), showing: "alice")
        #expect(pair.shake().succeeded == true)
        let shown = pair.server.peerCertificate()
        let peer = try #require(shown)
        #expect(peer.isVerified)
        #expect(peer.subject == #"CN=\C3\84lice \<a\+b\>,O=Example\, Inc\0D\0AX-Evil: 1"#)
        #expect(peer.issuer == "CN=ca")
        #expect(peer.uris == ["spiffe://example/alice"])
        #expect(peer.emailAddresses == ["alice@example.org"])
        #expect(peer.hostNames == ["alice.example"])
        #expect(peer.fingerprint.count == 64)
        #expect(peer.serialNumber.count >= 16)
        #expect(peer.notAfter > Contexts.now())
        let inspected = CertificateInspection(workshop.certificate("alice"), now: Contexts.now())
        #expect(inspected.certificates.first?.fingerprint == peer.fingerprint)
        #expect(pair.server.hasVerifiedPeer == true)
    }

    @Test func `optional lets clients in without one`() throws {
        let pair = try pair(.optional(authorities: workshop.bytes("ca.pem")), showing: nil)
        #expect(pair.shake().succeeded == true)
        #expect(pair.server.peerCertificate() == nil)
        #expect(pair.server.hasVerifiedPeer == false)
    }

    @Test func `off does not ask`() throws {
        let pair = try pair(.off, showing: "alice")
        #expect(pair.shake().succeeded == true)
        #expect(pair.server.peerCertificate() == nil)
    }

    @Test func `required refuses clients without one`() throws {
        let pair = try pair(.required(authorities: workshop.bytes("ca.pem")), showing: nil)
        #expect(pair.shake().serverFailure?.kind == .certificateMissing)
        // In TLS 1.3 the client learns of it after its own handshake.
        #expect(nextOutcome(pair.client) == .failed(SystemError(code: 71)))
        #expect(pair.client.failure?.alert == 116)
    }

    @Test(arguments: [("mallory", "local issuer"), ("late", "expired")])
    func `a bad certificate is refused, even where none is needed`(name: String, word: String) throws {
        let authorities = workshop.bytes("ca.pem")
        for policy in [
            TLSServerOptions.ClientCertificates.optional(authorities: authorities), .required(authorities: authorities),
        ] {
            let pair = try pair(policy, showing: name)
            let failure = try #require(pair.shake().serverFailure)
            #expect(failure.kind == .certificateRefused)
            #expect(failure.description.contains(word), "\(failure)")
            #expect(pair.server.hasVerifiedPeer == false)
        }
    }

    @Test func `the names of the authorities are sent, and the server's chain is not completed from them`() throws {
        let server = try Contexts.server {
            $0.clientCertificates = .required(authorities: workshop.bytes("ca.pem") + workshop.bytes("other-ca.pem"))
        }
        let partner = try ServedPartner(
            server,
            arguments: [
                "-servername", "first.example", "-tls1_2", "-cert", "alice.pem", "-key", "alice.key", "-showcerts",
            ])
        #expect(partner.output.contains("Acceptable client certificate CA names\nCN = ca\nCN = other-ca"))
        #expect(partner.output.components(separatedBy: "BEGIN CERTIFICATE").count == 2)
        #expect(partner.peer?.uris == ["spiffe://example/alice"])
    }
}
