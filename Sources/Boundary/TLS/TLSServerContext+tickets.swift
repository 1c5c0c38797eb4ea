internal import COpenSSL
internal import Kernel

/// Seals or opens a ticket (RFC 5077 §4, RFC 8446 §4.6.1). 1: done; 2: opened, and a new one is due; 0: not ours; -1: failed.
let ticketKeyCallback:
    @convention(c) (
        OpaquePointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<UInt8>?, OpaquePointer?, OpaquePointer?,
        Int32
    ) -> Int32 = { session, name, vector, cipher, mac, sealing in
        guard let session = unsafe session, let wire = unsafe co_wire_of(session),
            let owner = unsafe wire.pointee.owner,
            let name = unsafe name, let vector = unsafe vector
        else { return -1 }
        // Server sessions alone have this callback, and their owner is their context.
        let context = unsafe Unmanaged<TLSServerContext>.fromOpaque(owner).takeUnretainedValue()
        guard let keys = context.tickets else { return 0 }
        let library = context.library
        if sealing != 0 {
            let key = unsafe keys.current
            // OpenSSL gives 16 octets for each of both.
            unsafe name.update(from: key, count: Int(CO_TICKET_NAME))
            guard unsafe RAND_bytes_ex(library.handle, vector, 16, 0) == 1 else { return -1 }
            return unsafe co_prepare_ticket(cipher, mac, library.ticketCipher, key, vector, 1) == 1 ? 1 : -1
        }
        guard let (key, index) = unsafe keys.find(name) else { return 0 }
        guard unsafe co_prepare_ticket(cipher, mac, library.ticketCipher, key, vector, 0) == 1 else { return -1 }
        // A ticket of TLS 1.3 is for one use, so the client gets another (RFC 8446 §C.4); one of TLS 1.2 does until its key is old.
        return unsafe index > 0 || SSL_version(session) == TLSVersion.tls13.rawValue ? 2 : 1
    }

/// Judges an opened ticket: one whose client certificate has expired since counts no more. The cases are OpenSSL's own defaults.
let ticketOpenedCallback:
    @convention(c) (
        OpaquePointer?, OpaquePointer?, UnsafePointer<UInt8>?, Int, SSL_TICKET_STATUS, UnsafeMutableRawPointer?
    )
        -> SSL_TICKET_RETURN = { _, ticket, _, _, status, _ in
            guard status == SSL_TICKET_SUCCESS || status == SSL_TICKET_SUCCESS_RENEW else {
                return SSL_TICKET_RETURN_IGNORE_RENEW
            }
            if let ticket = unsafe ticket, let certificate = unsafe SSL_SESSION_get0_peer(ticket) {
                let end = unsafe X509Facts(certificate).notAfter
                if end < WallClock.seconds() { return SSL_TICKET_RETURN_IGNORE_RENEW }
            }
            return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW
        }

/// The time of day, for what is decided inside of OpenSSL's callbacks, where it cannot be an argument.
enum WallClock {
    /// Unix seconds.
    static func seconds() -> Int64 { SystemClock.wallMilliseconds() / 1_000 }
}
