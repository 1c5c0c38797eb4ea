internal import COpenSSL
internal import Glibc
public import Kernel

// Content in both directions.

extension TLSSession {
    /// Appends up to `limit` bytes (and never more than fit) to the buffer: at most one record's content.
    ///
    /// `.ended` covers both ends; see `endedWithoutNotice`. A violation of the protocol is `.failed` with `EPROTO`; see `failure`.
    public func receive(into buffer: inout ByteBuffer, atMost limit: Int) -> ReceiveOutcome {
        precondition(buffer.writableCount > 0 && limit > 0)
        guard isUsable else { return .failed(brokenError) }
        guard unsafe wire.pointee.end == 0 else { return .ended }
        begin()
        var outcome = ReceiveOutcome.wouldBlock
        _ = unsafe buffer.fill(atMost: limit) { target, room in
            var count = 0
            // `target` has room for `room` bytes.
            let result = unsafe SSL_read_ex(handle, target, room, &count)
            if result == 1 {
                outcome = .received(count)
                return count
            }
            outcome = receiveFailure(result)
            return 0
        }
        if case .received(let count) = outcome {
            unsafe wire.pointee.received &+= UInt64(count)
            unsafe wire.pointee.starved = 0
        }
        if unsafe wire.pointee.flooded != 0, unsafe wire.pointee.broken == 0 {
            fail()
            return .failed(brokenError)
        }
        return outcome
    }

    /// Sends the buffer's waiting bytes without consuming them.
    public func send(_ buffer: borrowing ByteBuffer) -> SendOutcome {
        send(buffer.readable)
    }

    /// Sends the bytes, as far as the kernel takes them. What is not reported as sent is to be offered again, before all else.
    public func send(_ bytes: Span<UInt8>) -> SendOutcome {
        // The pointer is used only during the call.
        unsafe bytes.withUnsafeBufferPointer { unsafe transmit($0, UnsafeBufferPointer(start: nil, count: 0)) }
    }

    /// Sends `first`, then `second`, in as few records as they need.
    public func send(_ first: Span<UInt8>, _ second: Span<UInt8>) -> SendOutcome {
        // Both pointers are used only during the call.
        unsafe first.withUnsafeBufferPointer { a in
            unsafe second.withUnsafeBufferPointer { b in unsafe transmit(a, b) }
        }
    }

    /// Whether the peer has been told.
    public enum FinishOutcome: Sendable, Equatable {
        /// The close_notify is out, or can never be.
        case finished
        /// The socket is full; try again after an event, or give up.
        case wouldBlock
    }

    /// Tells the peer that no more will be sent, by a close_notify (RFC 8446 §6.1). The socket's own direction stays open; finish it
    /// afterwards. What the peer still sends can be received.
    @discardableResult
    public func finishSending() -> FinishOutcome {
        guard isUsable, unsafe SSL_get_shutdown(handle) & SSL_SENT_SHUTDOWN == 0 || wantsToSend else {
            return .finished
        }
        // A record that is half out must be completed first, and only its sender can do that.
        guard unsafe wire.pointee.pending == 0 else { return .wouldBlock }
        begin()
        let result = unsafe SSL_shutdown(handle)
        if result >= 0 { return .finished }
        switch unsafe SSL_get_error(handle, result) {
        case SSL_ERROR_WANT_READ: return .finished
        case SSL_ERROR_WANT_WRITE: return .wouldBlock
        default:
            fail()
            return .finished
        }
    }

    private var isUsable: Bool { unsafe wire.pointee.established != 0 && wire.pointee.broken == 0 }

    private var brokenError: SystemError {
        let error = unsafe wire.pointee.error
        return SystemError(code: error == 0 ? EPROTO : error)
    }

    private func receiveFailure(_ result: Int32) -> ReceiveOutcome {
        switch unsafe SSL_get_error(handle, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE:
            unsafe wire.pointee.starved = 1
            return .wouldBlock
        case SSL_ERROR_ZERO_RETURN:
            unsafe wire.pointee.end = 1
            return .ended
        case SSL_ERROR_SYSCALL where unsafe wire.pointee.flooded == 0:
            return unheraldedEnd()
        default:
            let isEnd = OpenSSLErrors.reason(of: ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING
            fail()
            guard isEnd else { return .failed(brokenError) }
            unsafe wire.pointee.end = 2
            return .ended
        }
    }

    /// The socket ended or failed. An end leaves the other direction usable.
    private func unheraldedEnd() -> ReceiveOutcome {
        // With the socket's own BIO the only witness is errno, untouched since the call.
        if unsafe wire.pointee.offloads != 0 && wire.pointee.error == 0 { unsafe wire.pointee.error = errno }
        ERR_clear_error()
        guard unsafe wire.pointee.ended == 0, unsafe wire.pointee.error != 0 else {
            unsafe wire.pointee.end = 2
            return .ended
        }
        fail()
        return .failed(brokenError)
    }

    // MARK: - Sending

    /// Sends both runs, a record at a time.
    ///
    /// Where the socket takes only part of a record, OpenSSL keeps the sealed rest. It is not reported as sent, so the caller offers
    /// its bytes again; they are then not looked at, only the rest is sent. Should the caller offer fewer than the record has, the
    /// difference counts as sent ahead, and is skipped when it is offered at last.
    private func transmit(_ first: UnsafeBufferPointer<UInt8>, _ second: UnsafeBufferPointer<UInt8>) -> SendOutcome {
        let total = first.count + second.count
        guard isUsable else { return .failed(brokenError) }
        if sendsByKernel { return unsafe transmitByKernel(first, second) }
        var sent = min(total, unsafe Int(wire.pointee.ahead))
        unsafe wire.pointee.ahead -= Int32(sent)
        while sent < total {
            let pending = unsafe Int(wire.pointee.pending)
            let count = pending > 0 ? pending : min(TLSDefaults.recordBytes, total - sent)
            // OpenSSL does not read what it has sealed already, but whatever it is given must have `count` bytes.
            let source = unsafe pending > 0 ? UnsafePointer(scratch) : piece(first, second, sent, count)
            begin()
            unsafe wire.pointee.sealed = 0
            var written = 0
            let result = unsafe SSL_write_ex(handle, source, count, &written)
            guard result == 1 else {
                if unsafe wire.pointee.sealed != 0 { unsafe wire.pointee.pending = Int32(count) }
                return sendFailure(result, sent: sent)
            }
            let offered = min(written, total - sent)
            unsafe wire.pointee.pending = 0
            unsafe wire.pointee.ahead = Int32(written - offered)
            sent += offered
        }
        return .sent(sent)
    }

    /// `count` bytes from `start` of both runs taken as one; copied together only when they lie in both. At most one record.
    private func piece(
        _ first: UnsafeBufferPointer<UInt8>, _ second: UnsafeBufferPointer<UInt8>, _ start: Int, _ count: Int
    ) -> UnsafePointer<UInt8> {
        precondition(count > 0 && count <= TLSDefaults.recordBytes && start + count <= first.count + second.count)
        // All places lie within the runs by the precondition, and a run with bytes has an address.
        if start >= first.count {
            return unsafe second.baseAddress.unsafelyUnwrapped + (start - first.count)
        }
        let tail = first.count - start
        let source = unsafe first.baseAddress.unsafelyUnwrapped + start
        if tail >= count { return unsafe source }
        unsafe scratch.update(from: source, count: tail)
        unsafe (scratch + tail).update(from: second.baseAddress.unsafelyUnwrapped, count: count - tail)
        return unsafe UnsafePointer(scratch)
    }

    private func sendFailure(_ result: Int32, sent: Int) -> SendOutcome {
        switch unsafe SSL_get_error(handle, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .sent(sent)
        default:
            if unsafe wire.pointee.offloads != 0 && wire.pointee.error == 0 { unsafe wire.pointee.error = errno }
            fail()
            return .failed(brokenError)
        }
    }

    /// The kernel makes the records, so content goes to the socket as it is. OpenSSL would remember where the caller's bytes lay when
    /// the socket was full, and read them there again later.
    private func transmitByKernel(
        _ first: UnsafeBufferPointer<UInt8>, _ second: UnsafeBufferPointer<UInt8>
    ) -> SendOutcome {
        guard first.count + second.count > 0 else { return .sent(0) }
        // Both runs live through the call.
        let result = unsafe co_send(
            wire.pointee.descriptor, first.baseAddress, first.count, second.baseAddress, second.count)
        if result >= 0 { return .sent(result) }
        let error = Int32(truncatingIfNeeded: -result)
        if error == EAGAIN { return .sent(0) }
        unsafe wire.pointee.error = error
        unsafe wire.pointee.broken = 1
        return .failed(SystemError(code: error))
    }
}
