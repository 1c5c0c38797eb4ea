internal import CLinux
internal import Glibc

/// A descriptor that log lines are appended to: a file, or what standard output or error leads to.
///
/// Only a regular file's disk can make a write wait; pipes, sockets and terminals answer `wouldBlock` instead, so the
/// thread that writes can always be stopped.
public struct LogDescriptor: ~Copyable, Sendable {
    private let descriptor: Descriptor
    private let kind: Int32
    /// Bytes written since the page cache was last relieved.
    private var unsettledBytes = 0

    /// So much of a file stays in the page cache at a time, about three times over.
    private static let settleBytes = 4 << 20

    /// What became of a write.
    public enum WriteOutcome: Sendable, Equatable {
        /// The first so many bytes were taken, at least one.
        case wrote(Int)
        /// Nothing was taken; wait first.
        case wouldBlock
        case failed(SystemError)
    }

    /// What a wait ended with.
    public enum WaitOutcome: Sendable {
        case ready, timedOut
    }

    private init(descriptor: consuming Descriptor, kind: Int32) {
        self.descriptor = descriptor
        self.kind = kind
    }

    /// Opens a file for appending; makes it with mode 0640 when there is none.
    public static func file(path: String) throws(SystemError) -> LogDescriptor {
        var kind: Int32 = 0
        // Both pointers are valid during the call.
        let number = try SystemError.check(unsafe cl_log_open(path, &kind))
        return LogDescriptor(descriptor: Descriptor(owning: number), kind: kind)
    }

    /// What standard output leads to.
    public static func standardOutput() throws(SystemError) -> LogDescriptor { try duplicate(STDOUT_FILENO) }

    /// What standard error leads to.
    public static func standardError() throws(SystemError) -> LogDescriptor { try duplicate(STDERR_FILENO) }

    private static func duplicate(_ original: Int32) throws(SystemError) -> LogDescriptor {
        var kind: Int32 = 0
        // The pointer is valid during the call.
        let number = try SystemError.check(unsafe cl_log_duplicate(original, &kind))
        return LogDescriptor(descriptor: Descriptor(owning: number), kind: kind)
    }

    /// Writes as many of the bytes as can be taken now. `bytes` is not empty.
    public func write(_ bytes: Span<UInt8>) -> WriteOutcome {
        precondition(!bytes.isEmpty)
        let isSliced = kind == CL_LOG_SLICED
        if isSliced && wait(timeoutMilliseconds: 0) == .timedOut { return .wouldBlock }
        let count = isSliced ? min(bytes.count, Int(CL_LOG_SLICE)) : bytes.count
        // The span's bytes are valid during the call.
        let written = unsafe bytes.withUnsafeBufferPointer {
            unsafe cl_log_write(descriptor.number, $0.baseAddress, count)
        }
        if written > 0 { return .wrote(written) }
        if written == -Int(EAGAIN) || written == 0 { return .wouldBlock }
        return .failed(SystemError(code: Int32(-written)))
    }

    /// Tells that so many bytes were written, so that a file's older pages leave the page cache from time to time.
    ///
    /// A log is written once and read at its end: the rest of it only takes memory from what others need there. Besides, pages
    /// given back are used for the next lines, where fresh ones would have to be found first (measured on a virtual machine:
    /// 0.3 us for each line of 400 bytes in place of 1.4 us).
    public mutating func settle(_ written: Int) {
        guard kind == CL_LOG_REGULAR else { return }
        unsettledBytes += written
        guard unsettledBytes >= Self.settleBytes else { return }
        cl_log_settle(descriptor.number, Int64(unsettledBytes))
        unsettledBytes = 0
    }

    /// Waits until there may be room to write.
    public func wait(timeoutMilliseconds: Int) -> WaitOutcome {
        cl_log_wait(descriptor.number, Int32(clamping: max(0, timeoutMilliseconds))) == 0 ? .timedOut : .ready
    }
}
