internal import COpenSSL

// What the handshake has settled. Spans are valid as long as the session; nothing here allocates but `peerCertificate()`.

extension TLSSession {
    /// The version that is spoken, once the handshake is done.
    public var version: TLSVersion { unsafe TLSVersion(rawValue: SSL_version(handle)) ?? .tls12 }

    /// The cipher suite as RFCs name it: `TLS_AES_256_GCM_SHA384`. Empty before the handshake is done.
    public var cipher: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            guard let cipher = unsafe SSL_get_current_cipher(handle), let text = unsafe SSL_CIPHER_standard_name(cipher)
            else {
                return Span()
            }
            // The text is static and ends with a zero.
            let octets = unsafe UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self)
            let span = unsafe Span<UInt8>(_unsafeStart: octets, count: strlen(text))
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// The host name that the client asked for, in lower case; empty when it named none. On a client, the name it asks for.
    public var serverName: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            guard let name = unsafe wire.pointee.name else { return Span() }
            // Allocated with this count, and freed with the session.
            let span = unsafe Span<UInt8>(_unsafeStart: name, count: Int(wire.pointee.name_count))
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// The protocol chosen by ALPN; empty when there was none.
    public var applicationProtocol: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            var text: UnsafePointer<UInt8>?
            var count: UInt32 = 0
            unsafe SSL_get0_alpn_selected(handle, &text, &count)
            guard let text = unsafe text else { return Span() }
            // OpenSSL keeps the text with the session.
            let span = unsafe Span<UInt8>(_unsafeStart: text, count: Int(count))
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// An earlier session goes on: no certificate was sent this time.
    public var isResumed: Bool { unsafe SSL_session_reused(handle) == 1 }

    /// Index of the certificate entry that serves the session; 0 is the default. Always 0 on a client.
    public var entry: Int { unsafe Int(wire.pointee.entry) }

    /// Whether a request for this host would have been met with the same certificates. Where not, it belongs on another connection
    /// (RFC 9110 §15.5.20). Always true on a client.
    public func contextServes(name: Span<UInt8>) -> Bool {
        guard case .server(let context) = owner else { return true }
        // Most requests name the host that the handshake named.
        return isServerName(name) || context.entry(for: name) == entry
    }

    /// The certificate that the peer showed, in this session or in the one it goes on from; `nil` when it showed none.
    public func peerCertificate() -> PeerCertificate? {
        guard isEstablished, let certificate = unsafe SSL_get0_peer_certificate(handle) else { return nil }
        // The session keeps the certificate during the call.
        return unsafe PeerCertificate(
            certificate,
            isVerified: SSL_get_verify_mode(handle) & SSL_VERIFY_PEER != 0
                && SSL_get_verify_result(handle) == Int(X509_V_OK))
    }

    /// A peer certificate is there and its chain was good, without reading it.
    public var hasVerifiedPeer: Bool {
        unsafe isEstablished && SSL_get0_peer_certificate(handle) != nil
            && SSL_get_verify_mode(handle) & SSL_VERIFY_PEER != 0
            && SSL_get_verify_result(handle) == Int(X509_V_OK)
    }

    private func isServerName(_ name: Span<UInt8>) -> Bool {
        let own = serverName
        guard own.count == name.count, own.count > 0 else { return false }
        for index in own.indices where own[index] != ServerNameTable.lowercased(name[index]) { return false }
        return true
    }
}
