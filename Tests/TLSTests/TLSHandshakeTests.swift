import Kernel
import TLS
import Testing

@Suite struct TLSHandshakeTests {
    let workshop = CertificateWorkshop.shared

    @Test(arguments: [TLSVersion.tls12, .tls13])
    func `both sides agree and words go both ways`(version: TLSVersion) throws {
        let options = Contexts.serverOptions()
        let pair = try SessionPair(
            TLSServerContext(options, library: TLSLibrary(), now: Contexts.now()),
            Contexts.client { $0.minimumVersion = version })
        #expect(pair.shake().succeeded == true)
        #expect(pair.server.version == .tls13)
        #expect(String(describing: pair.server.version.text) == "TLSv1.3")
        #expect(text(pair.server.cipher).hasPrefix("TLS_"))
        #expect(try pair.echo() == "hello")
        #expect(pair.server.isResumed == false)
        #expect(pair.server.peerCertificate() == nil)
        #expect(pair.client.hasVerifiedPeer == true)
    }

    @Test func `the client gets the certificate of the name it asks for`() throws {
        let server = try Contexts.server([
            workshop.certificate("ec"), workshop.certificate("wild", behind: ["middle"]), workshop.certificate("plain"),
        ])
        let client = try Contexts.client()
        for (asked, entry) in [
            ("first.example", 0), ("FIRST.example", 0), ("both.example", 0), ("wild.example", 1), ("a.wild.example", 1),
            ("A.WILD.Example", 1), ("plain.example", 2),
        ] {
            let pair = try SessionPair(server, client, asking: asked)
            #expect(pair.shake().succeeded == true, "\(asked)")
            #expect(pair.server.entry == entry)
            #expect(text(pair.server.serverName) == asked.lowercased())
        }
    }

    @Test(arguments: ["unknown.example", "a.b.wild.example", "ignored.example", "127.0.0.1"])
    func `whoever names no host of ours gets the first certificate and finds that it does not fit`(asked: String) throws
    {
        let server = try Contexts.server([workshop.certificate("ec"), workshop.certificate("wild", behind: ["middle"])])
        let pair = try SessionPair(server, Contexts.client(), asking: asked)
        let outcomes = pair.shake()
        #expect(outcomes.clientFailure?.kind == .certificateRefused)
        #expect(pair.server.entry == 0)
        #expect(text(pair.server.serverName) == (asked == "127.0.0.1" ? "" : asked))
        let trusting = try SessionPair(server, Contexts.client { $0.verifies = false }, asking: asked)
        #expect(trusting.shake().succeeded == true)
        #expect(trusting.client.hasVerifiedPeer == false)
        #expect(trusting.client.peerCertificate()?.isVerified == false)
    }

    @Test func `an address is checked against the addresses of the certificate`() throws {
        for address in ["127.0.0.1", "::1"] {
            let pair = try SessionPair(
                Contexts.server([workshop.certificate("local")]), Contexts.client(), asking: address)
            #expect(pair.shake().succeeded == true)
            #expect(text(pair.server.serverName) == "")
        }
        let pair = try SessionPair(
            Contexts.server([workshop.certificate("local")]), Contexts.client(), asking: "127.0.0.2")
        #expect(pair.shake().clientFailure?.kind == .certificateRefused)
    }

    @Test func `an unknown authority and an expired certificate are refused in words`() throws {
        let strange = try SessionPair(
            Contexts.server(), Contexts.client { $0.authorities = .pem(workshop.bytes("other-ca.pem")) })
        let outcomes = strange.shake()
        #expect(outcomes.clientFailure?.kind == .certificateRefused)
        #expect(outcomes.clientFailure?.description.contains("issuer") == true)
        #expect(outcomes.serverFailure?.kind == .alert)
        #expect(outcomes.serverFailure?.alert == 48)
        let late = try SessionPair(
            Contexts.server([workshop.certificate("late")]), Contexts.client(), asking: "late.example")
        #expect(late.shake().clientFailure?.description.contains("expired") == true)
    }

    @Test func `of two kinds of keys the client's algorithms choose`() throws {
        let server = try Contexts.server()
        for (algorithms, kind) in [("ECDSA+SHA256", "id-ecPublicKey"), ("RSA-PSS+SHA256:RSA+SHA256", "rsaEncryption")] {
            let partner = try ServedPartner(server, arguments: ["-servername", "both.example", "-sigalgs", algorithms])
            #expect(partner.output.contains(kind), "\(algorithms): \(partner.output)")
            #expect(partner.entry == 0)
        }
    }

    @Test(arguments: [TLSVersion.tls12, .tls13])
    func `the protocol is the first of the server's that the client offers`(oldest: TLSVersion) throws {
        let server = try Contexts.server {
            $0.applicationProtocols = ["h2", "http/1.1"]
            $0.minimumVersion = oldest
        }
        for (offer, chosen) in [
            (["http/1.1", "h2"], "h2"), (["http/1.1"], "http/1.1"), (["x", "http/1.1"], "http/1.1"), ([], ""),
        ] {
            let pair = try SessionPair(server, Contexts.client { $0.applicationProtocols = offer })
            #expect(pair.shake().succeeded == true)
            #expect(text(pair.server.applicationProtocol) == chosen)
            #expect(text(pair.client.applicationProtocol) == chosen)
        }
    }

    @Test func `a client with other protocols alone is refused by the alert for it`() throws {
        let server = try Contexts.server { $0.applicationProtocols = ["http/1.1"] }
        let pair = try SessionPair(
            server, Contexts.client { $0.applicationProtocols = ["http/1", "http/1.10", "spdy/3"] })
        let outcomes = pair.shake()
        #expect(outcomes.serverFailure?.kind == .applicationProtocol)
        #expect(outcomes.clientFailure?.alert == 120)
        let careless = try SessionPair(Contexts.server(), Contexts.client { $0.applicationProtocols = ["anything"] })
        #expect(careless.shake().succeeded == true)
        #expect(text(careless.server.applicationProtocol) == "")
    }

    @Test func `a host of another certificate belongs on another connection`() throws {
        let server = try Contexts.server([workshop.certificate("ec"), workshop.certificate("wild", behind: ["middle"])])
        let pair = try SessionPair(server, Contexts.client(), asking: "a.wild.example")
        #expect(pair.shake().succeeded == true)
        for (host, fits) in [
            ("a.wild.example", true), ("B.Wild.Example", true), ("wild.example", true), ("first.example", false),
            ("unknown.example", false), ("a.b.wild.example", false), ("", false),
        ] {
            #expect(pair.server.contextServes(name: Array(host.utf8).span) == fits, "\(host)")
        }
        let other = try SessionPair(server, Contexts.client())
        #expect(other.shake().succeeded == true)
        #expect(other.server.contextServes(name: Array("unknown.example".utf8).span) == true)
        #expect(other.server.contextServes(name: Array("x.wild.example".utf8).span) == false)
    }

    @Test func `contexts that cannot work are refused with the reason`() throws {
        #expect(throws: TLSConfigurationError.noCertificate) { try Contexts.server([]) }
        #expect(throws: TLSConfigurationError.certificate(index: 1, [.keyMismatch])) {
            try Contexts.server([workshop.certificate("ec"), workshop.certificate("wild", key: "ec")])
        }
        #expect(throws: TLSConfigurationError.certificate(index: 0, [.keyMismatch])) {
            try Contexts.server([workshop.certificate("ec", key: "rsa")])
        }
        #expect(throws: TLSConfigurationError.certificate(index: 0, [.keyEncrypted])) {
            try Contexts.server([workshop.certificate("ec", key: "locked")])
        }
        #expect(throws: TLSConfigurationError.certificate(index: 0, [.weakKey(position: 1, bits: 0)])) {
            try Contexts.server([workshop.certificate("weak")])
        }
        #expect(throws: TLSConfigurationError.certificate(index: 0, [.emptyFile])) {
            try Contexts.server([TLSCertificate(chain: [], key: [])])
        }
        #expect(throws: TLSConfigurationError.applicationProtocols) {
            try Contexts.server { $0.applicationProtocols = [""] }
        }
        #expect(throws: TLSConfigurationError.authorities([.noAuthority])) {
            try Contexts.server { $0.clientCertificates = .required(authorities: Array("nothing".utf8)) }
        }
        #expect(throws: TLSConfigurationError.authorities([.noAuthority])) {
            try Contexts.client { $0.authorities = .pem(workshop.bytes("ec.key")) }
        }
    }

    @Test func `an upstream without authorities of its own trusts those of the system`() throws {
        let client = try TLSClientContext(TLSClientOptions(), library: TLSLibrary())
        let pair = try SessionPair(Contexts.server(), client)
        #expect(pair.shake().clientFailure?.kind == .certificateRefused)
    }

    @Test func `asking the kernel for records does no harm where it cannot make them`() throws {
        let server = try Contexts.server { $0.kernelOffload = true }
        let pair = try SessionPair(server, Contexts.client { $0.kernelOffload = true })
        #expect(pair.shake().succeeded == true)
        #expect(try pair.echo() == "hello")
        #expect(pair.server.sendsByKernel == pair.client.sendsByKernel)
        #expect(pair.client.finishSending() == .finished)
        #expect(nextOutcome(pair.server) == .ended)
        #expect(pair.server.endedWithoutNotice == false)
    }
}
