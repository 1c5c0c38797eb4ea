internal import CLinux

extension SocketAddress {
    /// From the 16 address bytes as two numbers in host order (IPv4 as `::ffff:a.b.c.d`) and a port in host order. Allocates
    /// nothing.
    public init(high: UInt64, low: UInt64, port: UInt16) {
        self.init(native: .init())
        native.port = port
        native.is_v4 = high == 0 && low >> 32 == 0xFFFF ? 1 : 0
        let words = (high.bigEndian, low.bigEndian)
        unsafe withUnsafeMutableBytes(of: &native.bytes) { target in
            // Both are 16 bytes of plain storage.
            unsafe withUnsafeBytes(of: words) { unsafe target.copyMemory(from: $0) }
        }
    }

    /// From the four numbers of an IPv4 address, the first in the highest byte, and a port in host order.
    public init(ipv4: UInt32, port: UInt16) {
        self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(ipv4), port: port)
    }
}
