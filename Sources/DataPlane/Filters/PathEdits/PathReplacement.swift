internal import Kernel
internal import Patterns

/// The replacement of a `rewrite-path` by expression: literal bytes and groups of the match.
struct PathReplacement: Sendable {
    private enum Piece {
        case literal([UInt8])
        case group(Int)
    }

    private let pieces: [Piece]

    /// What is wrong with a replacement.
    enum Fault: Error, Equatable {
        case unknownGroup(String)
    }

    /// `$1`, `${1}` and `${name}` insert groups, `$$` a dollar sign.
    init(_ text: String, pattern: Pattern) throws(Fault) {
        var pieces: [Piece] = []
        var literal: [UInt8] = []
        let bytes = Array(text.utf8)
        var index = 0
        while index < bytes.count {
            guard bytes[index] == 0x24, index + 1 < bytes.count else {
                literal.append(bytes[index])
                index += 1
                continue
            }
            if bytes[index + 1] == 0x24 {
                literal.append(0x24)
                index += 2
                continue
            }
            let (name, next) = Self.name(in: bytes, from: index + 1)
            guard !name.isEmpty else {
                literal.append(0x24)
                index += 1
                continue
            }
            guard let number = Int(name) ?? pattern.groupNumber(named: name), number >= 0, number <= pattern.groupCount
            else { throw .unknownGroup(name) }
            if !literal.isEmpty { pieces.append(.literal(literal)) }
            literal = []
            pieces.append(.group(number))
            index = next
        }
        if !literal.isEmpty { pieces.append(.literal(literal)) }
        self.pieces = pieces
    }

    /// The name behind a dollar sign, and the index behind it.
    private static func name(in bytes: [UInt8], from start: Int) -> (name: String, next: Int) {
        if bytes[start] == 0x7B {
            guard let close = bytes[start...].firstIndex(of: 0x7D) else { return ("", start) }
            return (String(decoding: bytes[(start + 1)..<close], as: UTF8.self), close + 1)
        }
        var end = start
        while end < bytes.count, bytes[end] &- 0x30 < 10, end - start < 3 { end += 1 }
        return (String(decoding: bytes[start..<end], as: UTF8.self), end)
    }

    /// Writes the subject with its first match replaced; false when it does not fit.
    func write(_ subject: Span<UInt8>, pattern: Pattern, into out: inout ByteBuffer) -> Bool {
        guard let whole = pattern.group(0) else { return false }
        guard append(subject.extracting(0..<whole.lowerBound), to: &out) else { return false }
        for piece in pieces {
            switch piece {
            case .literal(let bytes):
                guard append(bytes.span, to: &out) else { return false }
            case .group(let number):
                guard let range = pattern.group(number) else { continue }
                guard append(subject.extracting(range), to: &out) else { return false }
            }
        }
        return append(subject.extracting(whole.upperBound..<subject.count), to: &out)
    }

    private func append(_ bytes: Span<UInt8>, to out: inout ByteBuffer) -> Bool {
        guard bytes.count <= out.writableCount else { return false }
        out.append(bytes)
        return true
    }
}
