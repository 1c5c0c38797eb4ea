internal import COpenSSL

// What a client's first message decides: the certificate, the protocol, and which tickets count. OpenSSL calls these functions in the
// middle of a handshake, on the session's thread; their argument is the context, which every session holds.

/// Chooses the entry by the name the client asks for, before anything else is decided, so that tickets are judged by the right name.
let helloCallback: @convention(c) (OpaquePointer?, UnsafeMutablePointer<Int32>?, UnsafeMutableRawPointer?) -> Int32 = {
    session, _, argument in
    guard let session = unsafe session, let argument = unsafe argument else { return SSL_CLIENT_HELLO_ERROR }
    let context = unsafe Unmanaged<TLSServerContext>.fromOpaque(argument).takeUnretainedValue()
    return unsafe context.meet(session) ? SSL_CLIENT_HELLO_SUCCESS : SSL_CLIENT_HELLO_ERROR
}

/// Tells the client whether its name was understood (RFC 6066 §3).
let serverNameCallback:
    @convention(c) (OpaquePointer?, UnsafeMutablePointer<Int32>?, UnsafeMutableRawPointer?) -> Int32 =
        { session, _, _ in
            guard let wire = unsafe co_wire_of(session) else { return SSL_TLSEXT_ERR_NOACK }
            return unsafe wire.pointee.name_is_served != 0 ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK
        }

/// Chooses the protocol (RFC 7301 §3.2).
let protocolCallback:
    @convention(c) (
        OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<UInt8>?,
        UnsafePointer<UInt8>?, UInt32, UnsafeMutableRawPointer?
    ) -> Int32 = { _, chosen, chosenCount, offer, offerCount, argument in
        guard let argument = unsafe argument else { return SSL_TLSEXT_ERR_ALERT_FATAL }
        let list = unsafe Unmanaged<TLSServerContext>.fromOpaque(argument).takeUnretainedValue().protocols
        // The offer has this many octets and lives through the call.
        let octets = unsafe Span<UInt8>(_unsafeElements: UnsafeBufferPointer(start: offer, count: Int(offerCount)))
        guard let range = list.choose(from: octets), let own = unsafe list.octets else {
            return SSL_TLSEXT_ERR_ALERT_FATAL
        }
        unsafe chosen?.pointee = UnsafePointer(own + range.lowerBound)
        unsafe chosenCount?.pointee = UInt8(truncatingIfNeeded: range.count)
        return SSL_TLSEXT_ERR_OK
    }

/// Staples the OCSP response of the certificate that was chosen, if there is one and its time is not over.
let stapleCallback: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?) -> Int32 = { session, argument in
    guard let session = unsafe session, let argument = unsafe argument else { return SSL_TLSEXT_ERR_NOACK }
    let context = unsafe Unmanaged<TLSServerContext>.fromOpaque(argument).takeUnretainedValue()
    return unsafe context.staple(to: session) ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK
}

extension TLSServerContext {
    /// Notes the name, moves the session to its entry, and binds its tickets.
    fileprivate func meet(_ session: OpaquePointer) -> Bool {
        guard let wire = unsafe co_wire_of(session) else { return false }
        let name = unsafe ClientHello.serverName(of: session)
        let found = names.entry(for: name)
        let entry = found ?? 0
        unsafe wire.pointee.entry = Int32(truncatingIfNeeded: entry)
        unsafe wire.pointee.name_is_served = found == nil ? 0 : 1
        // The index came from the table that was made with the entries.
        unsafe SSL_set_SSL_CTX(session, entries[entry].handle)
        return unsafe TLSSession.keep(name, in: wire) && bindTickets(of: session, to: name)
    }

    /// A ticket counts only where listener, clients' certificates and name are what they were when it was made. Otherwise a client
    /// could take a session from a name that asks for nothing to one that asks for a certificate. OpenSSL compares the session id
    /// context of a ticket with this one in both versions, after the hello has been met.
    private func bindTickets(of session: OpaquePointer, to name: Span<UInt8>) -> Bool {
        precondition(binding.count == 32 && name.count <= TLSDefaults.serverNameBytesMax)
        // The library's scratch has 16 KiB, and nobody uses it during a handshake; the text has 287 octets at most.
        let text = unsafe library.scratch
        for index in binding.indices { unsafe text[index] = binding[index] }
        for index in name.indices { unsafe text[32 + index] = ServerNameTable.lowercased(name[index]) }
        let digest = unsafe text + 512
        return unsafe EVP_Digest(text, 32 + name.count, digest, nil, library.sha256, nil) == 1
            && SSL_set_session_id_context(session, digest, 32) == 1
    }

    fileprivate func staple(to session: OpaquePointer) -> Bool {
        guard let wire = unsafe co_wire_of(session), let leaf = unsafe SSL_get_certificate(session) else {
            return false
        }
        let now = WallClock.seconds()
        // The index is the one `meet` has set, or 0.
        for served in unsafe entries[Int(wire.pointee.entry)].served where unsafe served.leaf == leaf {
            guard !served.staple.isEmpty, served.stapleEnds > now else { return false }
            return unsafe served.staple.withUnsafeBufferPointer { staple -> Bool in
                guard let copy = unsafe co_malloc(staple.count), let source = staple.baseAddress else { return false }
                unsafe copy.copyMemory(from: source, byteCount: staple.count)
                // OpenSSL takes the copy over.
                return unsafe co_set_stapled(session, copy, staple.count) == 1
            }
        }
        return false
    }
}

/// Reads what OpenSSL has received but not yet looked into.
enum ClientHello {
    /// The host name that the client asks for (RFC 6066 §3), empty when there is none or the extension is malformed, which OpenSSL
    /// will find out by itself. Valid as long as the hello, that is, until the callback ends.
    @_lifetime(immortal)
    static func serverName(of session: OpaquePointer) -> Span<UInt8> {
        var start: UnsafePointer<UInt8>?
        var count = 0
        guard unsafe SSL_client_hello_get0_ext(session, UInt32(TLSEXT_TYPE_server_name), &start, &count) == 1 else {
            return Span()
        }
        // OpenSSL keeps the extension's octets until the callback returns, and nobody keeps the span longer.
        let octets = unsafe Span<UInt8>(_unsafeElements: UnsafeBufferPointer(start: start, count: count))
        guard let range = hostName(in: octets) else { return Span() }
        let name = octets.extracting(range)
        return unsafe _overrideLifetime(name, copying: ())
    }

    /// Where the host name lies in a server_name extension: a list's length, the kind 0, the name's length, the name.
    static func hostName(in extensionOctets: Span<UInt8>) -> Range<Int>? {
        let octets = extensionOctets
        guard octets.count >= 5 else { return nil }
        let listCount = Int(octets[0]) << 8 | Int(octets[1])
        let nameCount = Int(octets[3]) << 8 | Int(octets[4])
        guard listCount == octets.count - 2, octets[2] == 0, nameCount > 0, nameCount <= TLSDefaults.serverNameBytesMax,
            5 + nameCount <= octets.count
        else { return nil }
        let range = 5..<5 + nameCount
        for index in range where octets[index] <= 0x20 || octets[index] >= 0x7F { return nil }
        return range
    }
}
