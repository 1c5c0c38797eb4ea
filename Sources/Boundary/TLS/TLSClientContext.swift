internal import COpenSSL
public import Kernel

/// All that an upstream's sessions on one shard have in common: whom it trusts, what it shows, and sessions to go on from.
///
/// It belongs to one thread at a time, like `TLSServerContext`.
@safe
public final class TLSClientContext {
    // Owned, never nil, freed in `deinit`.
    private let handle: OpaquePointer
    let library: TLSLibrary
    private let verifies: Bool
    private let offloads: Bool
    private let minimumVersion: TLSVersion
    let resumptions: ResumptionTable

    /// Makes a context. With the system's authorities the first one of a library reads their file.
    public init(_ options: TLSClientOptions, library: TLSLibrary) throws(TLSConfigurationError) {
        self.library = library
        verifies = options.verifies
        offloads = options.kernelOffload
        minimumVersion = options.minimumVersion
        resumptions = ResumptionTable()
        OpenSSLErrors.clear()
        guard let handle = unsafe SSL_CTX_new_ex(library.handle, nil, TLS_client_method()) else {
            throw .library(OpenSSLErrors.takeText())
        }
        do throws(TLSConfigurationError) {
            unsafe try Self.set(options, of: handle, library)
        } catch {
            unsafe SSL_CTX_free(handle)
            throw error
        }
        unsafe co_set_cache(handle, options.resumes ? 1 : 0)
        if options.resumes { unsafe SSL_CTX_sess_set_new_cb(handle, sessionCallback) }
        unsafe self.handle = handle
    }

    deinit {
        unsafe SSL_CTX_free(handle)
    }

    private static func set(
        _ options: TLSClientOptions, of handle: OpaquePointer, _ library: TLSLibrary
    ) throws(TLSConfigurationError) {
        unsafe try TLSDefaults.apply(
            to: handle, minimumVersion: options.minimumVersion, offloads: options.kernelOffload)
        unsafe SSL_CTX_set_verify(handle, options.verifies ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nil)
        if options.verifies {
            let store = unsafe try store(options.authorities, library)
            defer { unsafe X509_STORE_free(store) }
            guard unsafe co_set_store(handle, store) == 1 else { throw .library("no memory") }
        }
        if let certificate = options.certificate {
            do throws(CertificateProblem) {
                let identity = unsafe try TLSIdentity.read(certificate, library: library.handle)
                unsafe try identity.install(in: handle)
            } catch { throw .certificate(index: 0, [error]) }
        }
        let protocols = try ProtocolList(options.applicationProtocols)
        // OpenSSL copies the list. This one of its functions says 0 for success.
        if !protocols.isEmpty, unsafe SSL_CTX_set_alpn_protos(handle, protocols.octets, UInt32(protocols.count)) != 0 {
            throw .library("no memory")
        }
    }

    /// A store with the authorities; the caller owns a reference.
    private static func store(
        _ authorities: TLSClientOptions.Authorities, _ library: TLSLibrary
    ) throws(TLSConfigurationError) -> OpaquePointer {
        switch authorities {
        case .system: return unsafe try library.takeSystemStore()
        case .pem(let text):
            do throws(X509List.Failure) {
                let certificates = unsafe try X509List.read(pem: text, library: library.handle)
                return unsafe try Self.store(of: certificates)
            } catch {
                throw .authorities([error == .notPEM ? .noAuthority : error.problem])
            }
        }
    }

    private static func store(of certificates: borrowing X509List) throws(X509List.Failure) -> OpaquePointer {
        do { return unsafe try certificates.makeStore() } catch { throw .damaged(index: 0) }
    }

    /// A session for a connection to `serverName`, which is a host name or an address without brackets. The certificate must be for it;
    /// a host name is sent as SNI, an address never is (RFC 6066 §3). The socket stays the caller's, and must stay open as long as
    /// the session. Traps when the name is no text for a host at all: empty, longer than 255 octets, or with a zero in it.
    public func makeSession(_ socket: borrowing TCPSocket, serverName: String) -> TLSSession {
        precondition(
            (1...TLSDefaults.serverNameBytesMax).contains(serverName.utf8.count) && !serverName.utf8.contains(0),
            "not the name of a server")
        // The handle is live, and the session holds this object.
        let session = unsafe TLSSession(
            owner: .client(self), context: handle, library: library, descriptor: socket.number, offloads: offloads)
        let name = serverName.utf8.map(ServerNameTable.lowercased)
        let kept = unsafe TLSSession.keep(name.span, in: session.wire)
        precondition(kept)
        let parameters = unsafe SSL_get0_param(session.handle)
        let isAddress = unsafe X509_VERIFY_PARAM_set1_ip_asc(parameters, serverName) == 1
        OpenSSLErrors.clear()
        if !isAddress {
            unsafe X509_VERIFY_PARAM_set_hostflags(parameters, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
            let done =
                unsafe X509_VERIFY_PARAM_set1_host(parameters, serverName, 0) == 1
                && co_set_server_name(session.handle, serverName) == 1
            precondition(done, "no memory for a session")
        }
        unsafe resumptions.resume(session.handle, serverName: name)
        return session
    }
}

/// Keeps a session that the server has offered to go on from. 1: taken over.
private let sessionCallback: @convention(c) (OpaquePointer?, OpaquePointer?) -> Int32 = { session, offered in
    guard let wire = unsafe co_wire_of(session), let owner = unsafe wire.pointee.owner, let offered = unsafe offered
    else {
        return 0
    }
    // Client sessions alone have this callback, and their owner is their context.
    let context = unsafe Unmanaged<TLSClientContext>.fromOpaque(owner).takeUnretainedValue()
    // The name was allocated with this count.
    let name = unsafe Array(UnsafeBufferPointer(start: wire.pointee.name, count: Int(wire.pointee.name_count)))
    unsafe context.resumptions.keep(offered, serverName: name)
    return 1
}
