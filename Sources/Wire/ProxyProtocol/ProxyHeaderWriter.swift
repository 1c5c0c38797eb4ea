public import Kernel

/// Writes what goes ahead of a client's bytes to an upstream that wants to know the client: the PROXY protocol, version 1 or 2.
///
/// Two IPv4 addresses are written as such, anything else as two IPv6 addresses, with IPv4 as `::ffff:a.b.c.d`. Scopes of
/// link-local addresses have no place in the protocol. Nothing is allocated.
public enum ProxyHeaderWriter {
    /// Bytes that are free in a buffer in which each of these headers fits.
    public static let bytesMax = 107

    /// Version 1, a line of text.
    public static func writeText(source: SocketAddress, destination: SocketAddress, into buffer: inout ByteBuffer) {
        precondition(buffer.writableCount >= bytesMax)
        let isIPv4 = source.isIPv4 && destination.isIPv4
        buffer.append(isIPv4 ? "PROXY TCP4 " : "PROXY TCP6 ")
        appendText(source, isIPv4: isIPv4, to: &buffer)
        appendText(destination, isIPv4: isIPv4, to: &buffer)
        buffer.appendDecimal(Int(source.port))
        buffer.append(UInt8(ascii: " "))
        buffer.appendDecimal(Int(destination.port))
        buffer.append("\r\n")
    }

    /// Version 2, binary, without further values.
    public static func writeBinary(source: SocketAddress, destination: SocketAddress, into buffer: inout ByteBuffer) {
        precondition(buffer.writableCount >= bytesMax)
        let isIPv4 = source.isIPv4 && destination.isIPv4
        let family = isIPv4 ? BinaryHeader.Family.tcpOverIPv4 : .tcpOverIPv6
        appendFixedPart(.proxy, family, to: &buffer)
        for index in (isIPv4 ? 12 : 0)..<16 { buffer.append(source.byte(index)) }
        for index in (isIPv4 ? 12 : 0)..<16 { buffer.append(destination.byte(index)) }
        append(source.port, to: &buffer)
        append(destination.port, to: &buffer)
    }

    /// Version 1 for a connection of our own, such as a health check.
    public static func writeTextForOwnConnection(into buffer: inout ByteBuffer) {
        buffer.append("PROXY UNKNOWN\r\n")
    }

    /// Version 2 for a connection of our own, such as a health check.
    public static func writeBinaryForOwnConnection(into buffer: inout ByteBuffer) {
        appendFixedPart(.local, .unspecified, to: &buffer)
    }

    private static func appendFixedPart(
        _ command: BinaryHeader.Command, _ family: BinaryHeader.Family, to buffer: inout ByteBuffer
    ) {
        buffer.append(BinaryHeader.signature)
        buffer.append(command.rawValue)
        buffer.append(family.rawValue)
        buffer.append(0)
        // The addresses' length fits in one byte.
        buffer.append(UInt8(family.addressBytes))
    }

    private static func append(_ port: UInt16, to buffer: inout ByteBuffer) {
        buffer.append(UInt8(truncatingIfNeeded: port >> 8))
        buffer.append(UInt8(truncatingIfNeeded: port))
    }

    /// The address and the space behind it.
    private static func appendText(_ address: SocketAddress, isIPv4: Bool, to buffer: inout ByteBuffer) {
        if isIPv4 {
            for index in 12..<16 {
                if index > 12 { buffer.append(UInt8(ascii: ".")) }
                buffer.appendDecimal(Int(address.byte(index)))
            }
        } else {
            IPv6Text.append(address, to: &buffer)
        }
        buffer.append(UInt8(ascii: " "))
    }
}
