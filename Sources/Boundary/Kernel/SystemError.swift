internal import Glibc

/// A failed system call, by its `errno`.
public struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The positive `errno` value.
    public let code: Int32

    /// From a positive `errno` value.
    public init(code: Int32) {
        self.code = code
    }

    /// The text the C library has for it, such as `Address already in use`.
    public var description: String {
        // strerror's text is valid until its next call on this thread; it is copied at once.
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }

    /// Too many open files, in the process or the system.
    public var isOutOfDescriptors: Bool { code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM }
    /// The operation would have to wait.
    public var isWouldBlock: Bool { code == EAGAIN }
    /// No such file or directory.
    public var isNotFound: Bool { code == ENOENT }
    /// The address is taken.
    public var isAddressInUse: Bool { code == EADDRINUSE }

    /// Turns a shim's result (a value, or `-errno`) into a value or a throw.
    @inlinable
    static func check(_ result: Int32) throws(SystemError) -> Int32 {
        if result < 0 { throw SystemError(code: -result) }
        return result
    }
}
