internal import CLinux
internal import Glibc

extension SocketAddress {
    /// Parses an IPv4 or IPv6 literal (without brackets); `nil` for anything else.
    public init?(literal: String, port: UInt16) {
        var v4 = in_addr()
        var v6 = in6_addr()
        if unsafe inet_pton(AF_INET, literal, &v4) == 1 {
            let value = UInt32(bigEndian: v4.s_addr)
            self.init(
                bytes: [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]
                    + (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32(24 - 8 * $0)) },
                port: port)
            return
        }
        guard unsafe inet_pton(AF_INET6, literal, &v6) == 1 else { return nil }
        self.init(bytes: unsafe withUnsafeBytes(of: &v6) { unsafe [UInt8]($0) }, port: port)
    }

    /// The address without port, as text: dotted IPv4, or IPv6 by RFC 5952 as the C library writes it.
    public var hostText: String {
        if isIPv4 { return "\(byte(12)).\(byte(13)).\(byte(14)).\(byte(15))" }
        var bytes = native.bytes
        var text = [CChar](repeating: 0, count: 64)
        // 64 bytes are more than INET6_ADDRSTRLEN asks for.
        guard unsafe inet_ntop(AF_INET6, &bytes, &text, socklen_t(text.count)) != nil else { return "::" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// `1.2.3.4:80` or `[::1]:80`.
    public var text: String {
        isIPv4 ? "\(hostText):\(port)" : "[\(hostText)]:\(port)"
    }
}
