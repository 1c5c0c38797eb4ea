internal import COpenSSL
public import Kernel

/// All that a listener's sessions on one shard have in common: certificates by name, protocols, tickets, client certificates.
///
/// It belongs to one thread at a time. Its sessions hold it, so a reload makes a new one and lets the old one go with its last
/// session. It decides which certificate a client gets and which tickets count; it never sees a socket.
@safe
public final class TLSServerContext {
    /// A certificate of an entry, and what is stapled to it.
    @safe
    struct Served {
        /// Owned by the entry's context.
        let leaf: OpaquePointer
        let staple: [UInt8]
        /// Unix seconds; after this moment the response is worth nothing.
        let stapleEnds: Int64
    }

    /// Certificates with one kind of key each that share their names, in one of OpenSSL's contexts.
    @safe
    struct Entry {
        let handle: OpaquePointer
        var served: [Served]
    }

    let library: TLSLibrary
    /// Entry 0 serves clients that name no host, or an unknown one. Handles are owned, never nil, and freed in `deinit`.
    let entries: [Entry]
    let names: ServerNameTable
    /// SHA-256 of what a ticket is bound to besides the name.
    let binding: [UInt8]
    let asksForCertificates: Bool
    let offloads: Bool
    /// The protocols as ALPN has them, each behind its length. Its storage is handed to OpenSSL during a callback.
    let protocols: ProtocolList
    var tickets: TicketKeyStore?

    /// Makes contexts for every group of certificates.
    ///
    /// `now` is in Unix seconds; it decides about stapled responses. An expired certificate is served all the same: refusing to
    /// start would help nobody. `CertificateInspection` tells of it.
    public init(_ options: TLSServerOptions, library: TLSLibrary, now: Int64) throws(TLSConfigurationError) {
        self.library = library
        offloads = options.kernelOffload
        protocols = try ProtocolList(options.applicationProtocols)
        tickets = options.ticketKeys.map(TicketKeyStore.init)
        asksForCertificates = options.clientCertificates.authorities != nil
        binding = library.digest(options.bindingText)
        let built = try Self.build(options, library: library, now: now)
        entries = built.entries
        names = ServerNameTable(built.names)
        for entry in entries { unsafe listen(on: entry.handle) }
        // Only the first context meets a new client; the hello moves the session to the entry of its name.
        unsafe SSL_CTX_set_client_hello_cb(entries[0].handle, helloCallback, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit {
        for entry in entries { unsafe SSL_CTX_free(entry.handle) }
    }

    /// The keys that seal and open tickets from now on. Only for a context that was made with some.
    public func replaceTicketKeys(_ ring: TicketKeyRing) {
        precondition(tickets != nil, "the context was made without tickets")
        tickets = TicketKeyStore(ring)
    }

    /// Which entry serves a host name, in any case of letters; 0 for an unknown one.
    public func entry(for name: Span<UInt8>) -> Int {
        names.entry(for: name) ?? 0
    }

    /// A session for an accepted connection. It does not own the socket, which must stay open as long as it.
    public func makeSession(_ socket: borrowing TCPSocket) -> TLSSession {
        // The handle is live, and the session holds this object.
        unsafe TLSSession(
            owner: .server(self), context: entries[0].handle, library: library, descriptor: socket.number,
            offloads: offloads)
    }
}

// MARK: - Building

extension TLSServerContext {
    private struct Built {
        var entries: [Entry] = []
        var names: [(name: [UInt8], entry: Int)] = []
    }

    /// 1. Reads every certificate. 2. Puts those that share names together. 3. Makes a context for each such group.
    private static func build(
        _ options: TLSServerOptions, library: TLSLibrary, now: Int64
    ) throws(TLSConfigurationError) -> Built {
        guard !options.certificates.isEmpty else { throw .noCertificate }
        var plan = CertificatePlan()
        for (index, certificate) in options.certificates.enumerated() {
            do {
                let identity = unsafe try TLSIdentity.read(certificate, library: library.handle)
                plan.add(index, names: unsafe X509Facts(identity.chain[0]).servedNames, keyKind: identity.keyKind)
            } catch { throw .certificate(index: index, [error]) }
        }
        let (groups, names) = plan.groups()
        var built = Built(entries: [], names: names)
        let authorities = try ClientAuthorities(options.clientCertificates, library: library)
        do throws(TLSConfigurationError) {
            for group in groups {
                let handle = unsafe try makeContext(options, authorities, library: library)
                unsafe built.entries.append(Entry(handle: handle, served: []))
                for index in group {
                    let served = unsafe try install(options.certificates[index], index, handle, library, now)
                    built.entries[built.entries.count - 1].served.append(served)
                }
            }
        } catch {
            for entry in built.entries { unsafe SSL_CTX_free(entry.handle) }
            throw error
        }
        return built
    }

    private static func install(
        _ certificate: TLSCertificate, _ index: Int, _ handle: OpaquePointer, _ library: TLSLibrary, _ now: Int64
    ) throws(TLSConfigurationError) -> Served {
        do throws(CertificateProblem) {
            let identity = unsafe try TLSIdentity.read(certificate, library: library.handle)
            unsafe try identity.install(in: handle)
            var staple = certificate.stapledResponse ?? []
            var ends = Int64.max
            if !staple.isEmpty {
                let response = OCSPVerdict(staple, chain: identity.chain, now: now)
                if response.problem != nil { staple = [] }
                if response.nextUpdate > 0 { ends = response.nextUpdate }
            }
            // The context holds a reference to the leaf.
            return unsafe Served(leaf: identity.chain[0], staple: staple, stapleEnds: ends)
        } catch { throw .certificate(index: index, [error]) }
    }

    private static func makeContext(
        _ options: TLSServerOptions, _ authorities: borrowing ClientAuthorities, library: TLSLibrary
    ) throws(TLSConfigurationError) -> OpaquePointer {
        OpenSSLErrors.clear()
        guard let handle = unsafe SSL_CTX_new_ex(library.handle, nil, TLS_server_method()) else {
            throw .library(OpenSSLErrors.takeText())
        }
        do throws(TLSConfigurationError) {
            unsafe try TLSDefaults.apply(
                to: handle, minimumVersion: options.minimumVersion, offloads: options.kernelOffload)
            unsafe try authorities.install(in: handle)
        } catch {
            unsafe SSL_CTX_free(handle)
            throw error
        }
        unsafe co_set_cache(handle, 0)
        unsafe SSL_CTX_set_max_early_data(handle, 0)
        unsafe SSL_CTX_set_timeout(handle, min(max(1, options.ticketLifetimeSeconds), 604_800))
        return unsafe handle
    }

    /// The callbacks that every entry needs. Their argument lives longer than any session, for sessions hold it.
    private func listen(on handle: OpaquePointer) {
        let argument = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe co_on_server_name(handle, serverNameCallback, argument)
        unsafe co_on_status(handle, stapleCallback, argument)
        if !protocols.isEmpty { unsafe SSL_CTX_set_alpn_select_cb(handle, protocolCallback, argument) }
        if tickets == nil {
            _ = unsafe co_forbid_tickets(handle)
        } else {
            unsafe SSL_CTX_set_tlsext_ticket_key_evp_cb(handle, ticketKeyCallback)
            if asksForCertificates { unsafe SSL_CTX_set_session_ticket_cb(handle, nil, ticketOpenedCallback, argument) }
        }
    }
}
