internal import Kernel

/// Writes bytes of any origin as the inside of a JSON string: the result is always valid JSON and valid UTF-8.
///
/// Quotes, backslashes and control characters are escaped, DEL and the C1 controls too, because people read logs in
/// terminals. A byte that belongs to no valid UTF-8 sequence is written as `\u00XX`.
enum JSONText {
    /// Most bytes that one byte can become.
    static let growthMax = 6

    /// Appends the bytes, escaped; stops before the first character that would bring the escaped text above `limit`
    /// bytes.
    static func append(_ bytes: Span<UInt8>, limit: Int, into target: inout ByteBuffer) {
        if bytes.count <= limit && ByteSearch.isPlainText(bytes) {
            target.append(bytes)
        } else {
            appendEscaped(bytes, limit: limit, into: &target)
        }
    }

    private static func appendEscaped(_ bytes: Span<UInt8>, limit: Int, into target: inout ByteBuffer) {
        var room = limit
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            let length = byte < 0x80 ? 1 : sequenceLength(bytes, at: index)
            let isControl = byte < 0x20 || byte == 0x7F || length == 0 || (byte == 0xC2 && bytes[index + 1] < 0xA0)
            let isQuoted = byte == 0x22 || byte == 0x5C
            let size = isControl ? growthMax : (isQuoted ? 2 : length)
            guard size <= room else { return }
            room -= size
            if isControl {
                // A C1 control is the code point of its second byte; a lone byte stands for itself.
                appendEscape(length == 2 ? bytes[index + 1] : byte, into: &target)
            } else {
                if isQuoted { target.append(0x5C) }
                target.append(bytes.extracting(index..<index + length))
            }
            index += max(1, length)
        }
    }

    private static func appendEscape(_ byte: UInt8, into target: inout ByteBuffer) {
        target.append("\\u00")
        target.append(digit(byte >> 4))
        target.append(digit(byte & 15))
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 48 + value : 87 + value }

    /// The length of the well-formed multi-byte sequence that starts here, or 0 (Unicode, table 3-7).
    private static func sequenceLength(_ bytes: Span<UInt8>, at index: Int) -> Int {
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch bytes[index] {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        case 0xF1...0xF3: length = 4
        default: return 0
        }
        guard bytes.count - index >= length, second.contains(bytes[index + 1]) else { return 0 }
        for later in 2..<max(2, length) where bytes[index + later] & 0xC0 != 0x80 { return 0 }
        return length
    }
}
