internal import Kernel

/// Version 2: twelve bytes of signature, version and command, family, length, addresses, and further values.
enum BinaryHeader {
    /// Bytes in front of the addresses.
    static let fixedBytes = 16
    /// Bytes of what the length counts.
    static let payloadBytesMax = ProxyHeaderParser.bytesMax - fixedBytes
    static let signature: StaticString = "\r\n\r\n\0\r\nQUIT\n"

    /// Version in the upper half, command in the lower (proxy-protocol.txt §2.2).
    enum Command: UInt8 {
        /// The sender speaks for itself, to check our health for instance.
        case local = 0x20
        case proxy = 0x21
    }

    /// Address family in the upper half, transport in the lower. Datagrams cannot come over a stream; the rest is reserved.
    enum Family: UInt8 {
        case unspecified = 0x00
        case tcpOverIPv4 = 0x11
        case tcpOverIPv6 = 0x21
        case unixStream = 0x31

        var addressBytes: Int {
            switch self {
            case .unspecified: 0
            case .tcpOverIPv4: 12
            case .tcpOverIPv6: 36
            case .unixStream: 216
            }
        }
    }

    static func read(_ bytes: Span<UInt8>) throws(HeaderStop) -> ProxyHeaderOutcome {
        var index = 0
        try HeaderReading.expect(signature, bytes, &index)
        guard let command = Command(rawValue: try HeaderReading.byte(bytes, &index)) else { throw .failed }
        let familyByte = try HeaderReading.byte(bytes, &index)
        // Of a LOCAL header even the family is to be ignored.
        guard let family = command == .local ? Family.unspecified : Family(rawValue: familyByte) else { throw .failed }
        let end = fixedBytes + (try length(bytes, &index, family))
        switch family {
        case .unspecified:
            guard bytes.count >= end else { throw .incomplete }
            return .local(consumed: end)
        case .unixStream:
            // The names of another machine's files mean nothing here.
            try TypeLengthValues.check(bytes, from: index + family.addressBytes, to: end)
            return .local(consumed: end)
        case .tcpOverIPv4, .tcpOverIPv6:
            try TypeLengthValues.check(bytes, from: index + family.addressBytes, to: end)
            return try addresses(bytes, &index, family, end: end)
        }
    }

    /// How many bytes follow.
    private static func length(_ bytes: Span<UInt8>, _ index: inout Int, _ family: Family) throws(HeaderStop) -> Int {
        let high = Int(try HeaderReading.byte(bytes, &index)) << 8
        guard high <= payloadBytesMax else { throw .failed }
        let length = high | Int(try HeaderReading.byte(bytes, &index))
        guard length <= payloadBytesMax, length >= family.addressBytes else { throw .failed }
        return length
    }

    private static func addresses(
        _ bytes: Span<UInt8>, _ index: inout Int, _ family: Family, end: Int
    ) throws(HeaderStop) -> ProxyHeaderOutcome {
        let source = try address(bytes, &index, family)
        let destination = try address(bytes, &index, family)
        let sourcePort = try HeaderReading.word(bytes, &index)
        let destinationPort = try HeaderReading.word(bytes, &index)
        return .complete(
            consumed: end, source: SocketAddress(high: source.high, low: source.low, port: sourcePort),
            destination: SocketAddress(high: destination.high, low: destination.low, port: destinationPort))
    }

    private static func address(
        _ bytes: Span<UInt8>, _ index: inout Int, _ family: Family
    ) throws(HeaderStop) -> (high: UInt64, low: UInt64) {
        guard family == .tcpOverIPv6 else {
            return (0, 0xFFFF_0000_0000 | (try HeaderReading.number(bytes, &index, count: 4)))
        }
        let high = try HeaderReading.number(bytes, &index, count: 8)
        return (high, try HeaderReading.number(bytes, &index, count: 8))
    }
}
