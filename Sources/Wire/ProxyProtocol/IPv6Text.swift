internal import Kernel

/// The text of an IPv6 address by RFC 5952 §4, but without dotted forms: version 1 knows only groups of hexadecimal digits.
enum IPv6Text {
    static func append(_ address: SocketAddress, to buffer: inout ByteBuffer) {
        let zeros = longestZeros(address)
        var index = 0
        while index < 8 {
            if index == zeros.lowerBound && !zeros.isEmpty {
                buffer.append("::")
                index = zeros.upperBound
                continue
            }
            if index > 0 && index != zeros.upperBound { buffer.append(UInt8(ascii: ":")) }
            buffer.appendChunkSize(Int(group(address, index)))
            index += 1
        }
    }

    /// The first of the longest runs of zero groups; one group alone is no run.
    private static func longestZeros(_ address: SocketAddress) -> Range<Int> {
        var best = 0..<0
        var start = 0
        for index in 0...8 {
            if index < 8 && group(address, index) == 0 { continue }
            if index - start > max(best.count, 1) { best = start..<index }
            start = index + 1
        }
        return best
    }

    private static func group(_ address: SocketAddress, _ index: Int) -> UInt16 {
        UInt16(address.byte(2 * index)) << 8 | UInt16(address.byte(2 * index + 1))
    }
}
