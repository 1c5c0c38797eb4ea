import Foundation
import TLS

/// Certificates of every kind, made once per run with the `openssl` command in a temporary folder.
struct CertificateWorkshop: Sendable {
    static let shared = CertificateWorkshop()

    /// Where the files are, for partners that read files.
    let folder: String

    private init() {
        var path = FileManager.default.temporaryDirectory.appendingPathComponent("tls-tests-XXXXXX").path
        path = path.withCString { text in
            let copy = strdup(text)!
            defer { free(copy) }
            return String(cString: mkdtemp(copy))
        }
        folder = path
        let folder = path
        atexit_b_free { try? FileManager.default.removeItem(atPath: folder) }
        for step in Self.steps {
            let result = Self.run(["openssl"] + step, in: path)
            precondition(result.status == 0, "openssl \(step.joined(separator: " ")): \(result.errors)")
        }
    }

    /// Keys, authorities, then whatever they sign.
    private static var steps: [[String]] {
        var steps: [[String]] = []
        for name in ["ca", "other-ca", "middle", "ec", "wild", "plain", "local", "alice", "mallory", "late", "spare"] {
            steps.append(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "\(name).key"])
        }
        steps.append(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "rsa.key"])
        steps.append(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024", "-out", "weak.key"])
        steps.append(["pkey", "-in", "ec.key", "-aes256", "-passout", "pass:secret", "-out", "locked.key"])
        for name in ["ca", "other-ca"] {
            steps.append([
                "req", "-x509", "-new", "-key", "\(name).key", "-subj", "/CN=\(name)", "-days", "30", "-out",
                "\(name).pem",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign",
            ])
        }
        steps += signed("middle", by: "ca", subject: "/CN=middle", extensions: "basicConstraints=critical,CA:TRUE")
        steps += signed(
            "ec", by: "ca", subject: "/CN=ignored.example",
            extensions: "subjectAltName=DNS:First.Example,DNS:both.example")
        steps += signed(
            "rsa", by: "ca", subject: "/CN=x", extensions: "subjectAltName=DNS:first.example,DNS:both.example")
        steps += signed(
            "wild", by: "middle", subject: "/CN=x", extensions: "subjectAltName=DNS:*.wild.example,DNS:wild.example")
        steps += signed("plain", by: "ca", subject: "/O=Org/CN=plain.example", extensions: "keyUsage=digitalSignature")
        steps += signed("local", by: "ca", subject: "/CN=x", extensions: "subjectAltName=IP:127.0.0.1,IP:::1")
        steps += signed(
            "alice", by: "ca", subject: "/O=Example, Inc\r\nX-Evil: 1/CN=Älice <a\\+b>",
            extensions:
                "extendedKeyUsage=clientAuth\nsubjectAltName=URI:spiffe://example/alice,email:alice@example.org,DNS:alice.example"
        )
        steps += signed("mallory", by: "other-ca", subject: "/CN=mallory", extensions: "extendedKeyUsage=clientAuth")
        steps += signed(
            "late", by: "ca", subject: "/CN=late", extensions: "subjectAltName=DNS:late.example", days: "-1")
        steps += signed("weak", by: "ca", subject: "/CN=x", extensions: "subjectAltName=DNS:weak.example")
        steps += signed(
            "spare", by: "ca", subject: "/CN=x", extensions: "subjectAltName=DNS:sha.example", digest: "-sha1")
        return steps
    }

    private static func signed(
        _ name: String, by authority: String, subject: String, extensions: String, days: String = "30",
        digest: String = "-sha256"
    ) -> [[String]] {
        [
            ["req", "-new", "-utf8", "-key", "\(name).key", "-subj", subject, "-out", "\(name).csr"],
            [
                "x509", "-req", "-in", "\(name).csr", "-CA", "\(authority).pem", "-CAkey", "\(authority).key", "-days",
                days,
                digest, "-out", "\(name).pem", "-CAcreateserial", "-extfile", "/dev/stdin",
                "\u{0}" + extensions + "\n",
            ],
        ]
    }

    /// The bytes of a file.
    func bytes(_ name: String) -> [UInt8] {
        [UInt8](FileManager.default.contents(atPath: "\(folder)/\(name)") ?? Data())
    }

    /// A certificate with its key, and whatever stands behind it in the chain.
    func certificate(_ name: String, behind: [String] = [], key: String? = nil, staple: [UInt8]? = nil)
        -> TLSCertificate
    {
        TLSCertificate(
            chain: ([name] + behind).flatMap { bytes("\($0).pem") }, key: bytes("\(key ?? name).key"),
            stapledResponse: staple)
    }

    /// An OCSP response for a certificate, as the authority's responder would give it.
    func ocspResponse(for name: String, status: String, days: Int, signer: String = "ca") -> [UInt8] {
        let serial = String(
            Self.run(["openssl", "x509", "-in", "\(name).pem", "-noout", "-serial"], in: folder).output
                .trimmingCharacters(in: .whitespacesAndNewlines).dropFirst("serial=".count))
        // A name of its own: two tests may ask for the same response at once.
        let stem = "ocsp-\(name)-\(status)-\(days)-\(signer)-\(UUID().uuidString.prefix(8))"
        let line =
            status == "R"
            ? "R\t351231235959Z\t260101000000Z\t\(serial)\tunknown\t/CN=\(name)\n"
            : "V\t351231235959Z\t\t\(serial)\tunknown\t/CN=\(name)\n"
        try? line.write(toFile: "\(folder)/\(stem).index", atomically: true, encoding: .utf8)
        try? "unique_subject = no\n".write(toFile: "\(folder)/\(stem).index.attr", atomically: true, encoding: .utf8)
        let asked = Self.run(
            [
                "openssl", "ocsp", "-issuer", "ca.pem", "-cert", "\(name).pem", "-no_nonce", "-reqout",
                "\(stem).request",
            ], in: folder)
        let answered = Self.run(
            [
                "openssl", "ocsp", "-index", "\(stem).index", "-CA", "ca.pem", "-rsigner", "\(signer).pem", "-rkey",
                "\(signer).key", "-reqin", "\(stem).request", "-respout", "\(stem).der", "-ndays", "\(days)",
            ], in: folder)
        precondition(asked.status == 0 && answered.status == 0, asked.errors + answered.errors)
        return bytes("\(stem).der")
    }

    /// Runs a command to its end. An argument that begins with a zero is what the command reads.
    static func run(_ arguments: [String], in folder: String) -> (status: Int32, output: String, errors: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments.filter { !$0.hasPrefix("\u{0}") }
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        let (input, output, errors) = (Pipe(), Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = errors
        do { try process.run() } catch { return (-1, "", "\(error)") }
        if let text = arguments.first(where: { $0.hasPrefix("\u{0}") }) {
            input.fileHandleForWriting.write(Data(text.dropFirst().utf8))
        }
        try? input.fileHandleForWriting.close()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        let complained = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (
            process.terminationStatus, String(decoding: said, as: UTF8.self),
            String(decoding: complained, as: UTF8.self)
        )
    }
}

nonisolated(unsafe) private var atExit: (() -> Void)?

/// Runs the closure when the process ends.
private func atexit_b_free(_ body: @escaping () -> Void) {
    atExit = body
    atexit { atExit?() }
}
