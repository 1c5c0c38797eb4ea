import Configuration
import Declarations
import Testing

/// What one text in the mapping `tls` of a listener changes, and nothing else.
struct ListenerTLSKey: Sendable, CustomTestStringConvertible {
    var written: String
    var change: @Sendable (inout ListenerTLSDeclaration) -> Void

    init(_ written: String, _ change: @escaping @Sendable (inout ListenerTLSDeclaration) -> Void) {
        self.written = written
        self.change = change
    }

    var testDescription: String { written }
}

@Suite struct ListenerKeysTests {
    @Test func `reads a listener with TLS in the long form`() throws {
        let gateway = try declaration(
            """
            version: 1
            listeners:
              - name: edge
                address: 0.0.0.0:8443
                trusted-proxies: [10.0.0.0/8]
                proxy-protocol: true
                tls:
                  certificates:
                    - { certificate: certs/a.pem, key: certs/a.key, ocsp: certs/a.ocsp }
                    - { certificate: /etc/b.pem, key: /etc/b.pem }
            routes: []
            """)
        let listener = try #require(gateway.listeners.first)
        #expect(listener.acceptsProxyProtocol)
        #expect(
            listener.tls
                == ListenerTLSDeclaration(certificates: [
                    CertificateDeclaration(chainFile: "certs/a.pem", keyFile: "certs/a.key", ocspFile: "certs/a.ocsp"),
                    CertificateDeclaration(chainFile: "/etc/b.pem", keyFile: "/etc/b.pem"),
                ]))
    }

    @Test(arguments: [
        ListenerTLSKey("ocsp: a.ocsp") { $0.certificates[0].ocspFile = "a.ocsp" },
        ListenerTLSKey("minimum-version: 1.3") { $0.minimumVersion = .tls13 },
        ListenerTLSKey("minimum-version: \"1.3\"") { $0.minimumVersion = .tls13 },
        ListenerTLSKey("minimum-version: 1.2") { _ in },
        ListenerTLSKey("protocols: [http/1.1]") { $0.protocols = ["http/1.1"] },
        ListenerTLSKey("ticket-rotation: off") { $0.ticketRotationMilliseconds = 0 },
        ListenerTLSKey("ticket-rotation: 0s") { $0.ticketRotationMilliseconds = 0 },
        ListenerTLSKey("ticket-rotation: 1d") { $0.ticketRotationMilliseconds = 86_400_000 },
        ListenerTLSKey("client-certificates: off") { _ in },
        ListenerTLSKey("client-certificates: { mode: off }") { _ in },
        ListenerTLSKey("client-certificates: { mode: optional, authorities: ca.pem }") {
            $0.clientCertificates.mode = .optional
            $0.clientCertificates.authoritiesFile = "ca.pem"
        },
        ListenerTLSKey("client-certificates: { mode: required, authorities: ca.pem }") {
            $0.clientCertificates.mode = .required
            $0.clientCertificates.authoritiesFile = "ca.pem"
        },
        ListenerTLSKey("kernel-offload: true") { $0.kernelOffload = true },
    ])
    func `a key of TLS changes what it names and nothing else`(key: ListenerTLSKey) throws {
        let gateway = try declaration(
            """
            version: 1
            listeners: [{ address: 127.0.0.1:1, tls: { certificate: a.pem, key: a.key, \(key.written) } }]
            routes: []
            """)
        var expected = ListenerTLSDeclaration(
            certificates: [CertificateDeclaration(chainFile: "a.pem", keyFile: "a.key")])
        key.change(&expected)
        #expect(gateway.listeners.first?.tls == expected)
    }

    @Test func `reads the limits of clients`() throws {
        let gateway = try declaration(
            """
            version: 1
            listeners: [{ address: 127.0.0.1:1 }]
            defaults:
              timeouts: { tunnel-idle: off, tls-handshake: 3s }
              limits: { connections-per-client: 20, buffers: 1GiB }
            routes: []
            """)
        #expect(gateway.timeouts.tunnelIdleMilliseconds == 0)
        #expect(gateway.timeouts.tlsHandshakeMilliseconds == 3_000)
        #expect(gateway.limits.connectionsPerClient == 20)
        #expect(gateway.limits.bufferBytes == 1_073_741_824)
    }

    @Test(arguments: [
        ("", ["websocket"]), (", upgrade: off", []), (", upgrade: WebSocket", ["websocket"]),
        (", upgrade: [websocket, example/2]", ["websocket", "example/2"]),
    ])
    func `a route tells what a request may change to`(written: String, upgrades: [String]) throws {
        let gateway = try declaration(
            """
            version: 1
            listeners: [{ address: 127.0.0.1:1 }]
            upstreams: { u: { endpoints: ["a:1"] } }
            routes: [{ id: r, forward: u\(written) }]
            """)
        #expect(gateway.routes.first?.upgrades == upgrades)
    }

    @Test func `two routes that differ in upgrades are not the same`() {
        let left = RouteDeclaration(id: "r", action: .forward(upstream: "u"))
        var right = left
        right.upgrades = []
        #expect(left != right)
    }

    @Test func `lists the files that somebody else reads, and takes what is wrong with them`() throws {
        let content = """
            version: 1
            listeners: [{ address: 127.0.0.1:1, tls: { key: a.key, certificate: a.pem } }]
            admin: { access-log: logs/access.json }
            upstreams:
              u: { endpoints: ["a:1"], tls: { authorities: ca.pem } }
            routes: [{ id: r, forward: u }]
            """
        let report = ConfigurationReader.read(bytes: Array(content.utf8), file: "routes.yaml").report
        #expect(
            report.files == [
                FileReference(path: "a.key", line: 2, column: 49), FileReference(path: "a.pem", line: 2, column: 69),
                FileReference(path: "ca.pem", line: 5, column: 48),
            ])
        let place = try #require(report.files.last)
        let problem = ConfigurationProblem(
            code: "unreadable-file", line: place.line, column: place.column, message: "there is no such file")
        #expect(
            report.adding([problem]).text() == """
                routes.yaml:5:48: there is no such file
                      u: { endpoints: ["a:1"], tls: { authorities: ca.pem } }
                                                                   ^

                """)
    }
}
