internal import COpenSSL
internal import Glibc
internal import Kernel

/// The certificates that the system trusts.
enum SystemAuthorities {
    /// Octets of the bundle; Debian's has 220,000.
    private static let bundleBytesMax = 16 << 20

    /// A store with all of them. The bundle is read as a whole: looking authorities up one by one, as OpenSSL does by default, would
    /// read files in the middle of a handshake.
    static func readStore(library: OpaquePointer) throws(TLSConfigurationError) -> OpaquePointer {
        for path in paths() {
            guard let text = try? FileBytes.read(path: path, limit: bundleBytesMax), !text.isEmpty else { continue }
            do {
                let certificates = unsafe try X509List.read(pem: text, library: library)
                return unsafe try certificates.makeStore()
            } catch { continue }
        }
        throw .authorities([.noAuthority])
    }

    /// OpenSSL's own places first, as its variables and its build name them.
    private static func paths() -> [String] {
        var paths: [String] = []
        // The texts are static, or live as long as the environment, which is not changed after the start.
        if let name = unsafe X509_get_default_cert_file_env(), let value = unsafe getenv(name) {
            paths.append(unsafe String(cString: value))
        }
        if let place = unsafe X509_get_default_cert_file() { paths.append(unsafe String(cString: place)) }
        return paths + ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"]
    }
}
