import Foundation

/// A folder that goes away with the value.
public final class TestFolder {
    public let path: String

    public init() throws {
        path = NSTemporaryDirectory() + "martlet-origins-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    public func file(_ name: String) -> String { path + "/" + name }
}

/// A certificate that signed itself, with its key, in PEM files.
public struct TestCertificate: Sendable {
    public let certificateFile: String
    public let keyFile: String

    /// For these names, as `DNS:origin.test` or `IP:127.0.0.1`, separated by commas.
    public init(in folder: TestFolder, _ file: String, names: String) throws {
        certificateFile = folder.file("\(file).pem")
        keyFile = folder.file("\(file).key")
        let process = try Child([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "2",
            "-subj", "/CN=\(file)", "-addext", "subjectAltName=\(names)", "-keyout", keyFile, "-out", certificateFile,
        ])
        guard process.waitForEnd() == 0 else { throw CocoaError(.executableLoad) }
    }
}

extension TestCertificate {
    /// Writes the key once more, sealed by a password.
    public func sealKey(to file: String) throws {
        let process = try Child([
            "openssl", "pkey", "-in", keyFile, "-aes128", "-passout", "pass:secret", "-out", file,
        ])
        guard process.waitForEnd() == 0 else { throw CocoaError(.executableLoad) }
    }
}

/// OpenSSL's own test server, which answers every `GET` with 200 and a page about the connection.
public final class TLSOrigin {
    public let port: UInt16
    private let process: Child

    /// Listens on a free port of the loopback. With `clientAuthorities` only clients that show a certificate get through.
    public init(_ certificate: TestCertificate, clientAuthorities: TestCertificate? = nil, arguments: [String] = [])
        throws
    {
        var all = [
            "openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-cert", certificate.certificateFile, "-key",
            certificate.keyFile,
        ]
        if let clientAuthorities {
            all += ["-Verify", "1", "-verify_return_error", "-CAfile", clientAuthorities.certificateFile]
        }
        process = try Child(all + arguments)
        var text = ""
        while text.firstMatch(of: /ACCEPT 127\.0\.0\.1:(\d+)/) == nil {
            guard let more = process.read() else { throw CocoaError(.executableLoad) }
            text += more
        }
        port = text.firstMatch(of: /ACCEPT 127\.0\.0\.1:(\d+)/).flatMap { UInt16($0.1) } ?? 0
    }
}
