internal import COpenSSL
internal import Glibc
internal import Kernel

/// One connection's TLS, on either side, over a socket that someone else owns.
///
/// It offers what a `TCPSocket` offers, with the same outcomes, so that whoever moves bytes treats both alike. Three things differ:
/// - `handshake()` comes first, and its end may already have brought content: look at `mayReceiveMore`.
/// - A receive that brings less than asked for does not mean that the socket is empty: a record is the most it brings. Go on as long as
///   `mayReceiveMore` says so.
/// - A receive may have to send and a send to receive, so after `wouldBlock` or a short send any event is a reason to try again.
///
/// Nothing here blocks or allocates on the way of content, but OpenSSL takes and returns one buffer for a record each way, so that an
/// idle session has none. Errors leave no trace in OpenSSL's queue. After a fatal one every call fails.
@safe
public struct TLSSession: ~Copyable {
    /// Who made it; kept alive for the callbacks.
    enum Owner {
        case server(TLSServerContext)
        case client(TLSClientContext)
    }

    // Both are made in `init`, never nil, never replaced, and freed in `deinit`, OpenSSL's first, for it refers to the other.
    let handle: OpaquePointer
    let wire: UnsafeMutablePointer<co_wire>
    private let library: TLSLibrary
    let owner: Owner

    init(owner: Owner, context: OpaquePointer, library: TLSLibrary, descriptor: Int32, offloads: Bool) {
        guard let handle = unsafe SSL_new(context) else { fatalError("no memory for a session") }
        unsafe self.handle = handle
        unsafe wire = .allocate(capacity: 1)
        unsafe wire.initialize(to: co_wire())
        unsafe wire.pointee.descriptor = descriptor
        unsafe wire.pointee.offloads = offloads ? 1 : 0
        self.library = library
        self.owner = owner
        switch owner {
        case .server(let context):
            unsafe wire.pointee.owner = Unmanaged.passUnretained(context).toOpaque()
            unsafe SSL_set_accept_state(handle)
        case .client(let context):
            unsafe wire.pointee.owner = Unmanaged.passUnretained(context).toOpaque()
            unsafe SSL_set_connect_state(handle)
        }
        guard unsafe co_attach(handle, wire, library.transport) == 1 else { fatalError("no memory for a session") }
    }

    deinit {
        // Without this OpenSSL would take the end of the connection for a failure and spoil the session for later use.
        if unsafe wire.pointee.broken == 0 {
            unsafe SSL_set_shutdown(handle, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN)
        }
        unsafe SSL_free(handle)
        unsafe wire.pointee.name?.deallocate()
        unsafe wire.deinitialize(count: 1)
        unsafe wire.deallocate()
    }

    // MARK: - Handshake

    /// How far the handshake is.
    public enum HandshakeOutcome: Sendable, Equatable {
        /// Both sides agree; content may flow, and may already be here.
        case done
        /// The peer's turn, or the socket is full: try again after any event.
        case wouldBlock
        /// No session comes of it. What OpenSSL had to say to the peer has been sent; close the socket.
        case failed(TLSFailure)
    }

    /// Goes on with the handshake as far as it gets; call it after every event until it is done or has failed.
    public func handshake() -> HandshakeOutcome {
        if unsafe wire.pointee.established != 0 { return .done }
        if let failure { return .failed(failure) }
        begin()
        let result = unsafe SSL_do_handshake(handle)
        if result == 1 {
            unsafe wire.pointee.established = 1
            return .done
        }
        switch unsafe SSL_get_error(handle, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .wouldBlock
        case SSL_ERROR_SYSCALL where unsafe wire.pointee.offloads != 0:
            // The socket's own BIO leaves the reason in errno.
            unsafe wire.pointee.error = errno
            fallthrough
        default:
            fail()
            return .failed(failure ?? .closed)
        }
    }

    // MARK: - State

    /// The handshake is done.
    public var isEstablished: Bool { unsafe wire.pointee.established != 0 }

    /// Why nothing goes any more; `nil` as long as it does.
    public var failure: TLSFailure? {
        guard unsafe wire.pointee.broken != 0 else { return nil }
        if unsafe wire.pointee.flooded != 0 { return .flooded }
        if unsafe wire.pointee.failure != 0 {
            return unsafe TLSFailure(code: UInt(wire.pointee.failure), verdict: wire.pointee.verdict)
        }
        let error = unsafe wire.pointee.error
        return error == 0 ? .closed : .system(SystemError(code: error))
    }

    /// The peer's direction ended without a close_notify: whoever stands between may have cut it off. A message whose end is the end
    /// of the connection must not be taken for whole (RFC 9112 §9.8).
    public var endedWithoutNotice: Bool { unsafe wire.pointee.end == 2 }

    /// Octets wait inside of the session that no event of the socket will report.
    public var hasBufferedInput: Bool {
        unsafe wire.pointee.starved == 0 && wire.pointee.broken == 0 && SSL_has_pending(handle) == 1
    }

    /// A receive may bring something without another event: there is buffered input, or the socket was not empty when last read. False
    /// after a receive that would have to wait, until the next one brings something.
    public var mayReceiveMore: Bool {
        guard unsafe wire.pointee.broken == 0, unsafe wire.pointee.end == 0, unsafe wire.pointee.starved == 0 else {
            return false
        }
        // How full the kernel's own records left the socket is not known; asking once more is the price.
        return unsafe wire.pointee.offloads != 0 || wire.pointee.drained == 0 || SSL_has_pending(handle) == 1
    }

    /// The session has something to send that is not the caller's: part of a record, or of the protocol's own messages. A writable
    /// event is a reason to call `send`, `receive` or `handshake` again.
    public var wantsToSend: Bool {
        unsafe wire.pointee.broken == 0 && (wire.pointee.pending > 0 || SSL_want(handle) == SSL_WRITING)
    }

    /// The kernel makes the records that are sent.
    public var sendsByKernel: Bool { unsafe wire.pointee.offloads != 0 && co_sends_by_kernel(handle) != 0 }
    /// The kernel opens the records that are received.
    public var receivesByKernel: Bool { unsafe wire.pointee.offloads != 0 && co_receives_by_kernel(handle) != 0 }

    /// Where octets of two places come together for one record.
    var scratch: UnsafeMutablePointer<UInt8> { unsafe library.scratch }

    // MARK: - Calls of OpenSSL

    /// Before each call: what is left of earlier ones would be taken for its outcome.
    @inline(__always)
    func begin() {
        OpenSSLErrors.clear()
        unsafe wire.pointee.error = 0
    }

    /// After a fatal outcome: keeps the reason, and lets nothing follow.
    func fail() {
        unsafe wire.pointee.broken = 1
        unsafe wire.pointee.failure = UInt64(OpenSSLErrors.take())
        unsafe wire.pointee.verdict = SSL_get_verify_result(handle)
    }

    /// Keeps a name in lower case with its session; false without memory, or when it is too long to be one.
    static func keep(_ name: Span<UInt8>, in wire: UnsafeMutablePointer<co_wire>) -> Bool {
        guard name.count <= TLSDefaults.serverNameBytesMax else { return false }
        unsafe wire.pointee.name?.deallocate()
        unsafe wire.pointee.name = nil
        unsafe wire.pointee.name_count = UInt8(name.count)
        guard name.count > 0 else { return true }
        let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: name.count)
        for index in name.indices { unsafe copy[index] = ServerNameTable.lowercased(name[index]) }
        unsafe wire.pointee.name = unsafe copy
        return true
    }
}
