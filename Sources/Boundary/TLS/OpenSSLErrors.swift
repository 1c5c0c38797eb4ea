internal import COpenSSL

/// The error queue that OpenSSL keeps for each thread. Whoever finds it dirty misreads the next call's outcome.
enum OpenSSLErrors {
    /// Empties the queue. Looking first is cheaper than the sweep over its sixteen places.
    @inline(__always)
    static func clear() {
        if ERR_peek_error() != 0 { ERR_clear_error() }
    }

    /// The code of the first error, the cause; the queue is empty afterwards.
    static func take() -> UInt {
        let code = ERR_peek_error()
        ERR_clear_error()
        return code
    }

    /// The text of the first error; the queue is empty afterwards.
    static func takeText() -> String {
        text(of: take())
    }

    /// OpenSSL's text for a code.
    static func text(of code: UInt) -> String {
        // The text is static.
        guard code != 0, let text = unsafe ERR_reason_error_string(code) else { return "no reason was given" }
        return unsafe String(cString: text)
    }

    /// Why, as one of the library's constants: `SSL_R_…` or `PEM_R_…`.
    static func reason(of code: UInt) -> Int32 {
        // The highest bit marks an errno, which is no reason.
        code & (1 << 31) != 0 ? 0 : Int32(truncatingIfNeeded: code & 0x7F_FFFF)
    }

    /// Which library gave the code, as `ERR_LIB_…`.
    static func library(of code: UInt) -> Int32 {
        code & (1 << 31) != 0 ? ERR_LIB_SYS : Int32(truncatingIfNeeded: (code >> 23) & 0xFF)
    }
}
