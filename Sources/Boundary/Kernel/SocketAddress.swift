package import CLinux

/// An IP address and port. An IPv4 address is held as `::ffff:a.b.c.d`, so comparisons and networks need one form.
public struct SocketAddress: Sendable, Equatable {
    package var native: cl_address

    package init(native: cl_address) {
        self.native = native
    }

    /// Equal when address, port and scope are.
    public static func == (left: SocketAddress, right: SocketAddress) -> Bool {
        left.high == right.high && left.low == right.low && left.port == right.port
            && left.native.scope == right.native.scope
    }

    /// From 16 address bytes (IPv4 as `::ffff:a.b.c.d`) and a port in host order.
    public init(bytes: [UInt8], port: UInt16) {
        precondition(bytes.count == 16)
        var address = cl_address()
        address.port = port
        withBytes(of: &address) { target in
            for index in 0..<16 { target[index] = bytes[index] }
        }
        native = address
        native.is_v4 = isMappedIPv4 ? 1 : 0
    }

    /// The port in host order.
    public var port: UInt16 { native.port }
    /// True for IPv4.
    public var isIPv4: Bool { native.is_v4 != 0 }

    /// The 16 address bytes as two numbers in host order, for comparisons under a mask.
    public var high: UInt64 { word(at: 0) }
    /// The lower 8 of the 16 address bytes.
    public var low: UInt64 { word(at: 8) }

    /// One of the 16 address bytes.
    public func byte(_ index: Int) -> UInt8 {
        let word = index < 8 ? high : low
        return UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * (index & 7)))
    }

    private var isMappedIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }

    private func word(at offset: Int) -> UInt64 {
        var copy = native.bytes
        // The tuple holds 16 bytes; 8 of them from `offset` (0 or 8) lie within it.
        return unsafe withUnsafeBytes(of: &copy) { raw in
            UInt64(bigEndian: unsafe raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
    }
}

/// Lends the address bytes for writing.
private func withBytes(of address: inout cl_address, _ body: (inout MutableSpan<UInt8>) -> Void) {
    unsafe withUnsafeMutableBytes(of: &address.bytes) { raw in
        // The tuple is 16 bytes of plain storage that nothing else refers to during the call.
        var span = unsafe MutableSpan<UInt8>(_unsafeBytes: raw)
        body(&span)
    }
}
