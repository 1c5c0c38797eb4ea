import Fetch
import Foundation
import Kernel
import TestOrigins
import Testing

@Suite struct FetchTLSTests {
    private let folder: TestFolder
    private let certificate: TestCertificate

    init() throws {
        folder = try TestFolder()
        certificate = try TestCertificate(in: folder, "origin", names: "DNS:origin.test,IP:127.0.0.1")
    }

    private func request(_ origin: TLSOrigin, host: String = "origin.test") -> FetchRequest {
        var request = FetchRequest(url: "https://\(host):\(origin.port)/")
        request.address = loopback(origin.port)
        request.tls.authoritiesFile = certificate.certificateFile
        return request
    }

    @Test func `an origin whose authority is known is believed`() throws {
        let origin = try TLSOrigin(certificate)
        let outcome = try fetch(request(origin))
        #expect(try outcome.response().status == 200)
        #expect(outcome.times.securedMicroseconds > 0)
        #expect(try fetch(request(origin, host: "127.0.0.1")).response().status == 200)
    }

    @Test func `an origin whose authority is unknown is not believed`() throws {
        let origin = try TLSOrigin(certificate)
        var request = request(origin)
        request.tls.authoritiesFile = nil
        let error = try fetch(request).error()
        #expect(error.kind == .notTrusted)
        #expect(error.text.contains("self-signed certificate"))
    }

    @Test func `a certificate for another name is not believed`() throws {
        let origin = try TLSOrigin(certificate)
        let error = try fetch(request(origin, host: "another.test")).error()
        #expect(error.kind == .notTrusted)
        #expect(error.text.contains("another.test"))
    }

    @Test func `the server's name may differ from the host`() throws {
        let origin = try TLSOrigin(
            certificate,
            arguments: [
                "-servername", "origin.test", "-servername_fatal", "-cert2", certificate.certificateFile, "-key2",
                certificate.keyFile,
            ])
        var request = request(origin, host: "another.test")
        request.tls.serverName = "origin.test"
        #expect(try fetch(request).response().status == 200)
        // Without an address the URL's host is where the connection goes.
        request = self.request(origin, host: "localhost")
        request.address = nil
        request.tls.serverName = "origin.test"
        #expect(try fetch(request).response().status == 200)
    }

    @Test func `without verification anyone is believed`() throws {
        let origin = try TLSOrigin(certificate)
        var request = request(origin, host: "another.test")
        request.tls.authoritiesFile = nil
        request.tls.verifies = false
        #expect(try fetch(request).response().status == 200)
    }

    @Test func `our own certificate is shown when asked for`() throws {
        let own = try TestCertificate(in: folder, "client", names: "DNS:client.test")
        let origin = try TLSOrigin(certificate, clientAuthorities: own)
        #expect(throws: FetchError.self) { try fetch(self.request(origin)).result.get() }
        var request = request(origin)
        request.tls.certificateFile = own.certificateFile
        request.tls.keyFile = own.keyFile
        #expect(try fetch(request).response().status == 200)
    }

    @Test func `a certificate of ours that is not there is a failure of TLS`() throws {
        let origin = try TLSOrigin(certificate)
        var request = request(origin)
        request.tls.certificateFile = folder.file("missing.pem")
        #expect(try fetch(request).error().kind == .tlsFailed)
        request = self.request(origin)
        request.tls.authoritiesFile = folder.file("missing.pem")
        #expect(try fetch(request).error().kind == .tlsFailed)
    }

    @Test func `a sealed key is a failure and no question to the terminal`() throws {
        let origin = try TLSOrigin(certificate)
        try certificate.sealKey(to: folder.file("sealed.key"))
        var request = request(origin)
        request.tls.certificateFile = certificate.certificateFile
        request.tls.keyFile = folder.file("sealed.key")
        #expect(try fetch(request).error().kind == .tlsFailed)
    }

    @Test func `an origin that speaks only older versions is refused`() throws {
        let origin = try TLSOrigin(certificate, arguments: ["-tls1_2"])
        var request = request(origin)
        #expect(try fetch(request).response().status == 200)
        request.tls.minimumVersion = .tls13
        #expect(try fetch(request).error().kind == .tlsFailed)
    }

    @Test func `a fresh connection is verified again however often it is made`() throws {
        let origin = try TLSOrigin(certificate)
        let loop = try FetchLoop()
        var request = request(origin)
        request.connection = .fresh
        _ = loop.start(request, tag: 1)
        let page = String(decoding: try finish(loop)[0].response().body, as: UTF8.self)
        #expect(page.contains("New, "))
        _ = loop.start(request, tag: 2)
        let again = String(decoding: try finish(loop)[0].response().body, as: UTF8.self)
        #expect(again.contains("New, "))
        #expect(!again.contains("Reused, "))
    }
}
