internal import COpenSSL
internal import Kernel

/// OpenSSL as one shard sees it.
///
/// OpenSSL 3 keeps its algorithms, its random generators and their locks in a library context. The default one is shared by all
/// threads, and its locks are taken several times in each handshake; with a context for each shard nobody waits. Make one on (or
/// for) each shard, and all its TLS contexts from it. The system's `openssl.cnf` does not apply here.
@safe
public final class TLSLibrary: @unchecked Sendable {
    // The rule that makes this safe: contexts are made on one thread of the control plane, which alone asks for the system's
    // authorities; sessions, and with them `scratch`, are used on the one shard's thread. OpenSSL's own part is safe on any thread.

    /// By the index of their shard. They live as long as the process, because OpenSSL remembers in each thread which library contexts
    /// it has used, and looks them up again when the thread ends.
    private static let kept = Guarded<[Int: TLSLibrary]>([:])

    /// The library of a shard, made when it is first asked for.
    public static func of(shard index: Int) -> TLSLibrary {
        kept.withLock { kept in
            if let known = kept[index] { return known }
            let library = TLSLibrary()
            kept[index] = library
            return library
        }
    }

    // Both are made in `init`, never replaced, and freed in `deinit`, after every context, for those hold this object.
    let handle: OpaquePointer
    let transport: OpaquePointer
    /// The algorithms that are asked for again and again, looked up once.
    let sha256: OpaquePointer
    let ticketCipher: OpaquePointer
    /// Where a head and the start of a body come together for one record; used only within one call of one session.
    let scratch: UnsafeMutablePointer<UInt8>
    /// The system's authorities once someone has asked for them.
    private var systemStore: OpaquePointer?

    /// A library context of its own, with OpenSSL's default provider. Traps without memory.
    public init() {
        guard let handle = unsafe OSSL_LIB_CTX_new(), let transport = unsafe co_wire_method(),
            let sha256 = unsafe EVP_MD_fetch(handle, "SHA256", nil),
            let ticketCipher = unsafe EVP_CIPHER_fetch(handle, "AES-256-CBC", nil)
        else { fatalError("OpenSSL has no memory or no default provider") }
        unsafe self.handle = handle
        unsafe self.transport = transport
        unsafe self.sha256 = sha256
        unsafe self.ticketCipher = ticketCipher
        unsafe scratch = .allocate(capacity: TLSDefaults.recordBytes)
        unsafe systemStore = nil
    }

    deinit {
        // What this thread has of the context goes with it. Another thread that has used it must have ended.
        unsafe OPENSSL_thread_stop_ex(handle)
        unsafe X509_STORE_free(systemStore)
        unsafe EVP_CIPHER_free(ticketCipher)
        unsafe EVP_MD_free(sha256)
        unsafe BIO_meth_free(transport)
        unsafe OSSL_LIB_CTX_free(handle)
        // What was sent last may have been secret.
        unsafe OPENSSL_cleanse(scratch, TLSDefaults.recordBytes)
        unsafe scratch.deallocate()
    }

    /// The version of OpenSSL that is really loaded, such as `OpenSSL 3.0.19 27 Jan 2026`.
    public static var versionText: String {
        // The text is static.
        unsafe String(cString: OpenSSL_version(OPENSSL_VERSION))
    }

    /// The authorities that the system trusts, read once; the caller owns a reference. This reads files and may block.
    func takeSystemStore() throws(TLSConfigurationError) -> OpaquePointer {
        if unsafe systemStore == nil {
            unsafe systemStore = try SystemAuthorities.readStore(library: handle)
        }
        guard let store = unsafe systemStore else { throw .library("no store of authorities") }
        unsafe X509_STORE_up_ref(store)
        return unsafe store
    }

    /// SHA-256 of some octets: 32 of them.
    func digest(_ octets: [UInt8]) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: 32)
        // The digest writes its 32 octets, and reads what it is given during the call.
        let done = unsafe octets.withUnsafeBufferPointer {
            unsafe EVP_Digest($0.baseAddress, $0.count, &result, nil, sha256, nil)
        }
        precondition(done == 1, "SHA-256 failed")
        return result
    }
}
