internal import COpenSSL
internal import Glibc

/// A chain and its key, read and ready to be put into contexts; freed with the object.
@safe
struct TLSIdentity: ~Copyable {
    /// The chain, the certificate itself first.
    let chain: X509List
    // Owned, never nil.
    private let key: OpaquePointer

    private init(chain: consuming X509List, key: OpaquePointer) {
        self.chain = chain
        unsafe self.key = key
    }

    /// Reads both for a shard's library. Throws what is wrong with them.
    static func read(_ certificate: TLSCertificate, library: OpaquePointer) throws(CertificateProblem) -> TLSIdentity {
        let chain = unsafe try readChain(certificate.chain, library)
        let identity = unsafe TLSIdentity(
            chain: chain, key: try PrivateKey.read(pem: certificate.key.octets, library: library))
        // OpenSSL would put a key of another kind into another place and call that no contradiction.
        guard unsafe X509Facts(identity.chain[0]).matches(key: identity.key) else { throw .keyMismatch }
        return identity
    }

    private static func readChain(_ pem: [UInt8], _ library: OpaquePointer) throws(CertificateProblem) -> X509List {
        do { return unsafe try X509List.read(pem: pem, library: library) } catch { throw error.problem }
    }

    deinit {
        unsafe EVP_PKEY_free(key)
    }

    /// Which of OpenSSL's places for certificates this one takes: one for each kind of key.
    var keyKind: Int32 { unsafe EVP_PKEY_get_base_id(key) }

    /// Puts chain and key into a context, beside those of other kinds.
    func install(in context: OpaquePointer) throws(CertificateProblem) {
        OpenSSLErrors.clear()
        guard unsafe SSL_CTX_use_certificate(context, chain[0]) == 1 else { throw Self.problem(OpenSSLErrors.take()) }
        guard unsafe SSL_CTX_use_PrivateKey(context, key) == 1 else { throw Self.problem(OpenSSLErrors.take()) }
        for index in 1..<max(1, chain.count) {
            guard unsafe co_add_chain_certificate(context, chain[index]) == 1 else {
                throw Self.problem(OpenSSLErrors.take())
            }
        }
    }

    private static func problem(_ code: UInt) -> CertificateProblem {
        let reason = OpenSSLErrors.reason(of: code)
        switch OpenSSLErrors.library(of: code) {
        case ERR_LIB_X509 where reason == X509_R_KEY_VALUES_MISMATCH || reason == X509_R_KEY_TYPE_MISMATCH:
            return .keyMismatch
        case ERR_LIB_SSL where reason == SSL_R_EE_KEY_TOO_SMALL: return .weakKey(position: 1, bits: 0)
        default: return .refused(OpenSSLErrors.text(of: code))
        }
    }
}

/// Reads private keys.
enum PrivateKey {
    /// The key of a PEM text; the caller owns it.
    static func read(pem: [UInt8], library: OpaquePointer?) throws(CertificateProblem) -> OpaquePointer {
        OpenSSLErrors.clear()
        defer { ERR_clear_error() }
        guard !pem.isEmpty else { throw .keyUnreadable }
        var wantsPassword: Int32 = 0
        let key = unsafe pem.withUnsafeBufferPointer { bytes -> OpaquePointer? in
            guard let count = Int32(exactly: bytes.count), let bio = unsafe BIO_new_mem_buf(bytes.baseAddress, count)
            else { return nil }
            // The BIO reads the bytes only as long as they are borrowed.
            defer { unsafe BIO_free(bio) }
            return unsafe co_read_key(bio, library, &wantsPassword)
        }
        guard let key = unsafe key else { throw wantsPassword != 0 ? .keyEncrypted : .keyUnreadable }
        return unsafe key
    }
}
