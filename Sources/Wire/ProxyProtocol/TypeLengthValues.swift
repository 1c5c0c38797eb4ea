internal import Kernel

/// What version 2 may add behind the addresses: values, each behind its type and its length (proxy-protocol.txt §2.2).
///
/// None of them is used; they are skipped when they are well-formed. A checksum is verified.
enum TypeLengthValues {
    /// Type and length.
    static let headBytes = 3
    static let checksumType: UInt8 = 0x03
    static let checksumBytes = 4

    /// Checks what lies between two indices, as far as it has come; the header ends at `end`.
    static func check(_ bytes: Span<UInt8>, from start: Int, to end: Int) throws(HeaderStop) {
        var index = start
        var checksum: Int?
        while index < end {
            // So few bytes cannot hold a value, whatever they will be.
            guard end - index >= headBytes else { throw .failed }
            guard index < bytes.count else { throw .incomplete }
            let isChecksum = bytes[index] == checksumType
            if isChecksum && checksum != nil { throw .failed }
            index += 1
            let length = try length(bytes, &index, end: end, isChecksum: isChecksum)
            if isChecksum { checksum = index }
            index += length
        }
        guard bytes.count >= end else { throw .incomplete }
        guard let checksum else { return }
        var at = checksum
        let told = UInt32(try HeaderReading.number(bytes, &at, count: checksumBytes))
        guard CRC32C.of(bytes.extracting(0..<end), withZerosAt: checksum..<at) == told else { throw .failed }
    }

    private static func length(
        _ bytes: Span<UInt8>, _ index: inout Int, end: Int, isChecksum: Bool
    ) throws(HeaderStop) -> Int {
        // One byte of the length has still to come.
        let room = end - index - 2
        let high = Int(try HeaderReading.byte(bytes, &index)) << 8
        guard high <= room, !isChecksum || high == 0 && room >= checksumBytes else { throw .failed }
        let length = high | Int(try HeaderReading.byte(bytes, &index))
        guard length <= room, !isChecksum || length == checksumBytes else { throw .failed }
        // A rest that holds no further value.
        guard length == room || room - length >= headBytes else { throw .failed }
        return length
    }
}
