internal import Kernel

/// Version 1: `PROXY TCP4 192.0.2.1 198.51.100.1 56324 443` and a line end, or `PROXY UNKNOWN` with whatever behind it.
enum TextHeader {
    /// Bytes of the longest line with its end (proxy-protocol.txt §2.1). Lines with addresses are always shorter: 104 bytes.
    static let bytesMax = 107

    static func read(_ bytes: Span<UInt8>) throws(HeaderStop) -> ProxyHeaderOutcome {
        var index = 0
        try HeaderReading.expect("PROXY ", bytes, &index)
        switch try HeaderReading.byte(bytes, &index) {
        case UInt8(ascii: "T"):
            try HeaderReading.expect("CP", bytes, &index)
            return try addresses(bytes, &index)
        case UInt8(ascii: "U"):
            try HeaderReading.expect("NKNOWN", bytes, &index)
            return try unknown(bytes, &index)
        default:
            throw .failed
        }
    }

    private static func addresses(
        _ bytes: Span<UInt8>, _ index: inout Int
    ) throws(HeaderStop) -> ProxyHeaderOutcome {
        let family = try HeaderReading.byte(bytes, &index)
        guard family == UInt8(ascii: "4") || family == UInt8(ascii: "6") else { throw .failed }
        try HeaderReading.expect(" ", bytes, &index)
        let isIPv4 = family == UInt8(ascii: "4")
        let source = try address(bytes, &index, isIPv4: isIPv4)
        let destination = try address(bytes, &index, isIPv4: isIPv4)
        let sourcePort = try AddressText.decimal(bytes, &index, max: 65_535, endingWith: UInt8(ascii: " "))
        let destinationPort = try AddressText.decimal(bytes, &index, max: 65_535, endingWith: 0x0D)
        try HeaderReading.expect("\n", bytes, &index)
        return .complete(
            consumed: index,
            source: SocketAddress(high: source.high, low: source.low, port: UInt16(sourcePort)),
            destination: SocketAddress(high: destination.high, low: destination.low, port: UInt16(destinationPort)))
    }

    private static func address(
        _ bytes: Span<UInt8>, _ index: inout Int, isIPv4: Bool
    ) throws(HeaderStop) -> (high: UInt64, low: UInt64) {
        guard isIPv4 else { return try AddressText.ipv6(bytes, &index) }
        return (0, 0xFFFF_0000_0000 | UInt64(try AddressText.ipv4(bytes, &index)))
    }

    /// What follows UNKNOWN is to be ignored, but it is printable text all the same.
    private static func unknown(_ bytes: Span<UInt8>, _ index: inout Int) throws(HeaderStop) -> ProxyHeaderOutcome {
        let start = index
        while true {
            let next = try HeaderReading.byte(bytes, &index)
            if next == 0x0D {
                try HeaderReading.expect("\n", bytes, &index)
                return .local(consumed: index)
            }
            guard next == 0x20 || index > start + 1 && next > 0x20 && next < 0x7F else { throw .failed }
            // Now the line end must still fit.
            guard index <= bytesMax - 2 else { throw .failed }
        }
    }
}
