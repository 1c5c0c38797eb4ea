internal import COpenSSL

/// Who may sign clients' certificates, ready to be put into every context of a listener.
@safe
struct ClientAuthorities: ~Copyable {
    // Both are owned; both are nil when clients are not asked.
    private let store: OpaquePointer?
    private let names: OpaquePointer?
    private let mode: Int32

    init(_ policy: TLSServerOptions.ClientCertificates, library: TLSLibrary) throws(TLSConfigurationError) {
        guard let pem = policy.authorities else {
            unsafe store = nil
            unsafe names = nil
            mode = SSL_VERIFY_NONE
            return
        }
        let (store, names) = unsafe try Self.read(pem, library)
        unsafe self.store = store
        unsafe self.names = names
        mode = policy.isRequired ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT : SSL_VERIFY_PEER
    }

    deinit {
        unsafe X509_STORE_free(store)
        unsafe co_free_names(names)
    }

    private static func read(
        _ pem: [UInt8], _ library: TLSLibrary
    ) throws(TLSConfigurationError) -> (store: OpaquePointer, names: OpaquePointer) {
        let certificates: X509List
        do { certificates = unsafe try X509List.read(pem: pem, library: library.handle) } catch {
            throw .authorities([error == .notPEM ? .noAuthority : error.problem])
        }
        let store = unsafe try certificates.makeStore()
        guard let names = unsafe co_new_names() else { fatalError("no memory") }
        for index in 0..<certificates.count { unsafe co_add_name(names, certificates[index]) }
        return unsafe (store, names)
    }

    /// Asks clients of a context for certificates, naming the authorities, if that is the policy.
    func install(in context: OpaquePointer) throws(TLSConfigurationError) {
        unsafe SSL_CTX_set_verify(context, mode, nil)
        guard let store = unsafe store else { return }
        guard unsafe co_set_store(context, store) == 1, unsafe co_set_client_authorities(context, names) == 1 else {
            throw .library("no memory")
        }
    }
}

extension TLSServerOptions.ClientCertificates {
    /// PEM of the authorities; `nil` when clients are not asked.
    var authorities: [UInt8]? {
        switch self {
        case .off: nil
        case .optional(let authorities), .required(let authorities): authorities
        }
    }

    var isRequired: Bool {
        if case .required = self { true } else { false }
    }
}

extension TLSServerOptions {
    /// What a ticket is bound to besides the name of the server: the listener, and what its clients have to show.
    var bindingText: [UInt8] {
        let policy: UInt8 = clientCertificates.authorities == nil ? 0 : clientCertificates.isRequired ? 2 : 1
        return Array(listener.utf8) + [0, policy] + (clientCertificates.authorities ?? [])
    }
}
