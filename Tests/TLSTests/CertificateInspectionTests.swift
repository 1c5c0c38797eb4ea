import Kernel
import TLS
import Testing

@Suite struct CertificateInspectionTests {
    static let workshop = CertificateWorkshop.shared
    let workshop = Self.workshop
    let now = Contexts.now()

    private func problems(_ certificate: TLSCertificate, at moment: Int64? = nil) -> [CertificateProblem] {
        CertificateInspection(certificate, now: moment ?? now).problems
    }

    @Test func `a good chain is described and has no problem`() throws {
        let inspection = CertificateInspection(workshop.certificate("wild", behind: ["middle"]), now: now)
        #expect(inspection.problems == [])
        #expect(inspection.isUsable)
        let first = try #require(inspection.certificates.first)
        #expect(first.hostNames == ["*.wild.example", "wild.example"])
        #expect(first.subject == "CN=x")
        #expect(first.issuer == "CN=middle")
        #expect(first.keyAlgorithm == "EC")
        #expect(first.keyBits == 256)
        #expect(abs(first.notBefore - now) < 3_600)
        #expect(first.notAfter - first.notBefore == 30 * 86_400)
        #expect(inspection.certificates.map(\.subject) == ["CN=x", "CN=middle"])
        let rsa = CertificateInspection(workshop.certificate("rsa"), now: now)
        #expect(rsa.certificates.first?.keyAlgorithm == "RSA")
        #expect(rsa.certificates.first?.keyBits == 2_048)
        let plain = CertificateInspection(workshop.certificate("plain"), now: now)
        #expect(plain.certificates.first?.hostNames == ["plain.example"])
    }

    @Test func `what cannot be used says so, and how to mend it`() throws {
        let ec = workshop.bytes("ec.pem")
        let key = workshop.bytes("ec.key")
        let table: [(TLSCertificate, CertificateProblem)] = [
            (TLSCertificate(chain: [], key: key), .emptyFile),
            (TLSCertificate(chain: Array(" \n\t".utf8), key: key), .emptyFile),
            (TLSCertificate(chain: Array("certificate".utf8), key: key), .notPEM),
            (TLSCertificate(chain: key, key: key), .notPEM),
            (TLSCertificate(chain: Array(ec.prefix(ec.count / 2)), key: key), .damaged(position: 1)),
            (TLSCertificate(chain: ec + Array(ec.prefix(ec.count / 2)), key: key), .damaged(position: 2)),
            (
                TLSCertificate(
                    chain: Array("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".utf8), key: key),
                .damaged(position: 1)
            ),
            (TLSCertificate(chain: ec, key: []), .keyUnreadable),
            (TLSCertificate(chain: ec, key: ec), .keyUnreadable),
            (TLSCertificate(chain: ec, key: workshop.bytes("locked.key")), .keyEncrypted),
            (TLSCertificate(chain: ec, key: workshop.bytes("rsa.key")), .keyMismatch),
            (TLSCertificate(chain: ec, key: workshop.bytes("wild.key")), .keyMismatch),
            (workshop.certificate("weak"), .weakKey(position: 1, bits: 1_024)),
        ]
        for (certificate, problem) in table {
            let inspection = CertificateInspection(certificate, now: now)
            #expect(inspection.problems.first == problem)
            #expect(!inspection.isUsable)
            #expect(problem.preventsUse)
            #expect(problem.description.contains(";"), "\(problem)")
        }
    }

    @Test func `what is only to be warned of can be used`() throws {
        let good = workshop.certificate("ec")
        let ends = try #require(CertificateInspection(good, now: now).certificates.first)
        #expect(problems(good, at: ends.notAfter) == [])
        #expect(problems(good, at: ends.notAfter + 1) == [.expired(position: 1, notAfter: ends.notAfter)])
        #expect(problems(good, at: ends.notBefore) == [])
        #expect(problems(good, at: ends.notBefore - 1) == [.notYetValid(position: 1, notBefore: ends.notBefore)])
        #expect(problems(workshop.certificate("ec", behind: ["middle"])) == [.chainOutOfOrder(position: 2)])
        #expect(
            problems(workshop.certificate("wild", behind: ["ca", "middle"])).contains(.chainOutOfOrder(position: 2)))
        #expect(problems(workshop.certificate("spare")) == [.weakSignature(position: 1, digest: "SHA1")])
        #expect(problems(workshop.certificate("local")) == [.noName])
        #expect(CertificateInspection(good, now: ends.notAfter + 1).isUsable)
        #expect(problems(good, at: ends.notAfter + 1).map(\.description).joined().contains("renew it"))
    }

    @Test func `authorities need certificates`() {
        #expect(CertificateInspection(authorities: workshop.bytes("ca.pem"), now: now).problems == [])
        let both = CertificateInspection(
            authorities: workshop.bytes("ca.pem") + workshop.bytes("other-ca.pem"), now: now)
        #expect(both.certificates.map(\.subject) == ["CN=ca", "CN=other-ca"])
        #expect(CertificateInspection(authorities: [], now: now).problems == [.noAuthority])
        #expect(CertificateInspection(authorities: workshop.bytes("ec.key"), now: now).problems == [.noAuthority])
        #expect(
            CertificateInspection(authorities: workshop.bytes("ca.pem"), now: now + 40 * 86_400).problems.count == 1)
    }

    @Test func `a stapled response must be good, current, signed, and about this certificate`() throws {
        let good = workshop.ocspResponse(for: "ec", status: "V", days: 2)
        func problem(_ staple: [UInt8], alone: Bool = false, at moment: Int64? = nil) -> CertificateProblem? {
            CertificateInspection(
                workshop.certificate("ec", behind: alone ? [] : ["ca"], staple: staple), now: moment ?? now
            ).problems.first
        }
        #expect(problem(good) == nil)
        #expect(problem(good, alone: true) == nil)
        let inspected = CertificateInspection(workshop.certificate("ec", behind: ["ca"], staple: good), now: now)
        let next = try #require(inspected.stapleNextUpdate)
        #expect(abs(next - now - 2 * 86_400) < 60)
        #expect(problem(good, at: next) == .stapleExpired(nextUpdate: next))
        #expect(problem(workshop.ocspResponse(for: "rsa", status: "V", days: 2)) == .stapleForeign)
        #expect(problem(workshop.ocspResponse(for: "rsa", status: "V", days: 2), alone: true) == .stapleForeign)
        #expect(problem(workshop.ocspResponse(for: "ec", status: "R", days: 2)) == .revoked)
        #expect(problem(workshop.ocspResponse(for: "ec", status: "V", days: 2, signer: "other-ca")) == .stapleUnsigned)
        #expect(problem([]) == .stapleUnreadable)
        #expect(problem([0x30, 0x03, 0x0A, 0x01, 0x06]) == .stapleUnsuccessful)
        for count in stride(from: 0, to: good.count, by: 7) {
            #expect(problem(Array(good[..<count])) == .stapleUnreadable)
        }
        var changed = good
        changed[good.count / 2] ^= 1
        #expect(problem(changed) != nil)
    }

    @Test func `a good response is stapled, and any other is left out`() throws {
        let good = workshop.ocspResponse(for: "ec", status: "V", days: 2)
        let revoked = workshop.ocspResponse(for: "ec", status: "R", days: 2)
        let foreign = workshop.ocspResponse(for: "rsa", status: "V", days: 2)
        for (staple, isStapled, moment) in [
            (good, true, now), (revoked, false, now), (foreign, false, now), ([1, 2, 3], false, now),
            (good, false, now + 3 * 86_400),
        ] {
            let server = try Contexts.server(
                [workshop.certificate("ec", behind: ["ca"], staple: staple), workshop.certificate("rsa")], at: moment)
            for version in ["-tls1_2", "-tls1_3"] {
                let partner = try ServedPartner(
                    server, arguments: [version, "-status", "-servername", "first.example"])
                #expect(partner.output.contains("OCSP Response Status: successful") == isStapled)
                #expect(partner.handshake == .done)
            }
        }
        // The other kind of key has no response of its own.
        let server = try Contexts.server(
            [workshop.certificate("ec", behind: ["ca"], staple: good), workshop.certificate("rsa")])
        let partner = try ServedPartner(
            server, arguments: ["-status", "-servername", "first.example", "-sigalgs", "RSA-PSS+SHA256"])
        #expect(partner.output.contains("OCSP response: no response sent"))
    }
}
