internal import Kernel
internal import TLS

/// What carries a connection's bytes: a socket alone, or TLS over it. Whoever moves bytes treats both alike.
struct Transport: ~Copyable {
    let socket: TCPSocket
    /// Refers to the socket, and ends with it.
    private var session: TLSSession?

    /// A socket alone.
    init(_ socket: consuming TCPSocket) {
        self.socket = socket
    }

    /// Puts a session over the socket.
    mutating func encrypt(_ makeSession: (borrowing TCPSocket) -> TLSSession) {
        session = makeSession(socket)
    }

    /// There is a session over the socket.
    var isEncrypted: Bool {
        switch session {
        case .none: false
        case .some: true
        }
    }

    /// Goes on with the handshake; a socket alone has none to make.
    func handshake() -> TLSSession.HandshakeOutcome {
        switch session {
        case .none: .done
        case .some(let session): session.handshake()
        }
    }

    /// Appends up to `limit` bytes, and never more than fit.
    @inline(__always)
    func receive(into buffer: inout ByteBuffer, atMost limit: Int) -> ReceiveOutcome {
        switch session {
        case .none: socket.receive(into: &buffer, atMost: limit)
        case .some(let session): session.receive(into: &buffer, atMost: limit)
        }
    }

    /// After a receive that brought `count` of the `asked` bytes: there may be more, without another event. A short read of an
    /// edge-triggered socket means that the kernel has no more; a session may hold a record that no event will report.
    @inline(__always)
    func mayReceiveMore(_ count: Int, asked: Int) -> Bool {
        switch session {
        case .none: count >= asked
        case .some(let session): session.mayReceiveMore
        }
    }

    /// Sends the buffer's waiting bytes without consuming them.
    @inline(__always)
    func send(_ buffer: borrowing ByteBuffer) -> SendOutcome { send(buffer.readable) }

    /// Sends the bytes as far as they are taken; the rest is to be offered again before all else.
    @inline(__always)
    func send(_ bytes: Span<UInt8>) -> SendOutcome {
        switch session {
        case .none: socket.send(bytes)
        case .some(let session): session.send(bytes)
        }
    }

    /// Sends `first`, then `second`, in one system call where that can be.
    func send(_ first: Span<UInt8>, _ second: Span<UInt8>) -> SendOutcome {
        switch session {
        case .none: socket.send(first, second)
        case .some(let session): session.send(first, second)
        }
    }

    /// The session has something to send that is not the caller's.
    var wantsToSend: Bool {
        switch session {
        case .none: false
        case .some(let session): session.wantsToSend
        }
    }

    /// The end of what was received is the socket's alone: whoever stands between may have cut it.
    var endedWithoutNotice: Bool {
        switch session {
        case .none: false
        case .some(let session): session.endedWithoutNotice
        }
    }

    /// A request for this host would have been met with the same certificates; always true without a session.
    func serves(host: Span<UInt8>) -> Bool {
        switch session {
        case .none: true
        case .some(let session): session.contextServes(name: host)
        }
    }

    /// Lets `body` look at the session, if there is one.
    func withSession(_ body: (borrowing TLSSession) -> Void) {
        switch session {
        case .none: break
        case .some(let session): body(session)
        }
    }

    /// Tells the peer that no more will be sent.
    func finishSending() {
        switch session {
        case .none: break
        case .some(let session): session.finishSending()
        }
        socket.finishSending()
    }
}
