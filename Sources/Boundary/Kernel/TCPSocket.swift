internal import CLinux
internal import Glibc

/// What a receive brought.
@frozen
public enum ReceiveOutcome: Sendable, Equatable {
    /// This many bytes were appended, at least 1.
    case received(Int)
    /// Nothing to read now.
    case wouldBlock
    /// The peer will send no more.
    case ended
    /// The connection is gone.
    case failed(SystemError)
}

/// What a send achieved.
@frozen
public enum SendOutcome: Sendable, Equatable {
    /// This many bytes went to the kernel; fewer than given means it is full.
    case sent(Int)
    /// The connection is gone.
    case failed(SystemError)
}

/// A non-blocking stream socket.
@frozen
public struct TCPSocket: ~Copyable {
    @usableFromInline let descriptor: Descriptor

    @inlinable
    init(_ descriptor: consuming Descriptor) {
        self.descriptor = descriptor
    }

    /// The descriptor's number, for other boundaries that work on the socket while it is open; they never close it.
    package var number: Int32 { descriptor.number }

    /// Starts a connect; a writable event reports its end, and `connectFailure()` how it ended.
    public static func connect(to address: SocketAddress) throws(SystemError) -> TCPSocket {
        var native = address.native
        return TCPSocket(Descriptor(owning: try SystemError.check(unsafe cl_connect_tcp(&native))))
    }

    /// The end of a started connect; `nil` is success.
    public func connectFailure() -> SystemError? {
        let result = cl_connect_result(descriptor.number)
        return result == 0 ? nil : SystemError(code: -result)
    }

    /// Appends up to `limit` bytes (and never more than fit) to the buffer.
    public func receive(into buffer: inout ByteBuffer, atMost limit: Int) -> ReceiveOutcome {
        precondition(buffer.writableCount > 0 && limit > 0)
        var outcome = ReceiveOutcome.ended
        _ = unsafe buffer.fill(atMost: limit) { target, room in
            // `target` has room for `room` bytes.
            let result = unsafe cl_receive(descriptor.number, target, room)
            if result > 0 { outcome = .received(result) }
            if result < 0 { outcome = Self.receiveFailure(Int32(truncatingIfNeeded: -result)) }
            return max(0, result)
        }
        return outcome
    }

    /// Sends the buffer's waiting bytes without consuming them.
    public func send(_ buffer: borrowing ByteBuffer) -> SendOutcome {
        send(buffer.readable)
    }

    /// Sends the bytes, as far as the kernel takes them.
    public func send(_ bytes: Span<UInt8>) -> SendOutcome {
        guard bytes.count > 0 else { return .sent(0) }
        // The pointer is used only during the call.
        let result = unsafe bytes.withUnsafeBufferPointer {
            unsafe cl_send(descriptor.number, $0.baseAddress, $0.count)
        }
        return Self.sendOutcome(result)
    }

    /// Sends `first`, then `second`, in one system call.
    public func send(_ first: Span<UInt8>, _ second: Span<UInt8>) -> SendOutcome {
        // Both pointers are used only during the call.
        let result = unsafe first.withUnsafeBufferPointer { a in
            unsafe second.withUnsafeBufferPointer { b in
                unsafe cl_send_two(descriptor.number, a.baseAddress, a.count, b.baseAddress, b.count)
            }
        }
        return Self.sendOutcome(result)
    }

    /// Tells the peer that no more will be sent.
    public func finishSending() {
        _ = cl_shutdown_write(descriptor.number)
    }

    /// Makes the coming close a reset, so that the peer cannot take a cut message for a whole one.
    public func resetOnClose() {
        _ = cl_reset_on_close(descriptor.number)
    }

    private static func receiveFailure(_ code: Int32) -> ReceiveOutcome {
        code == EAGAIN ? .wouldBlock : .failed(SystemError(code: code))
    }

    private static func sendOutcome(_ result: Int) -> SendOutcome {
        if result >= 0 { return .sent(result) }
        let code = Int32(truncatingIfNeeded: -result)
        return code == EAGAIN ? .sent(0) : .failed(SystemError(code: code))
    }
}
