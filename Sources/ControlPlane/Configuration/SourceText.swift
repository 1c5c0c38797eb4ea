/// The bytes of the file, and where its lines begin: looked up only when a problem is to be shown.
struct SourceText {
    let bytes: [UInt8]
    /// Offsets of the lines' first bytes, in order; built at the first question.
    private var lineStarts: [Int]?

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The bytes of a line without its end; empty for a line that is not there. Lines count from 1.
    mutating func line(_ number: Int) -> ArraySlice<UInt8> {
        let starts = starts()
        guard number >= 1, number <= starts.count else { return [] }
        let start = starts[number - 1]
        var end = number < starts.count ? starts[number] : bytes.count
        while end > start, Self.isBreakByte(bytes, end - 1, from: start) { end -= 1 }
        return bytes[start..<end]
    }

    /// Line and column, from 1 and in characters, of a byte.
    mutating func place(ofByte offset: Int) -> (line: Int, column: Int) {
        let starts = starts()
        let line = starts.lastIndex { $0 <= offset } ?? 0
        let before = bytes[starts[line]..<min(offset, bytes.count)]
        return (line + 1, before.count { $0 & 0xC0 != 0x80 } + 1)
    }

    private mutating func starts() -> [Int] {
        if let lineStarts { return lineStarts }
        let found = Self.findLines(bytes)
        lineStarts = found
        return found
    }

    /// YAML 1.1, and so libyaml, ends a line at CR LF, CR, LF, and at U+0085, U+2028 and U+2029.
    private static func findLines(_ bytes: [UInt8]) -> [Int] {
        var starts = [0]
        for index in bytes.indices {
            switch bytes[index] {
            case 0x0A: starts.append(index + 1)
            case 0x0D where index + 1 == bytes.count || bytes[index + 1] != 0x0A: starts.append(index + 1)
            case 0x85 where index >= 1 && bytes[index - 1] == 0xC2: starts.append(index + 1)
            case 0xA8, 0xA9:
                if index >= 2, bytes[index - 1] == 0x80, bytes[index - 2] == 0xE2 { starts.append(index + 1) }
            default: break
            }
        }
        return starts
    }

    private static func isBreakByte(_ bytes: [UInt8], _ index: Int, from start: Int) -> Bool {
        bytes[index] == 0x0A || bytes[index] == 0x0D
    }
}
