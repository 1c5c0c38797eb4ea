/// A template on its way to its pieces: checks what it says for a route with these captures.
struct TemplateCompiler {
    let source: [UInt8]
    let use: PathTemplate.Use
    let captures: CaptureNames
    var pieces: [PathTemplate.Piece] = []
    var literals: [UInt8] = []

    mutating func compile() throws(PathTemplateError) {
        if use == .path && source.first != 0x2F { throw PathTemplateError(reason: .notAbsolute, offset: 0) }
        var index = 0
        while index < source.count {
            switch source[index] {
            case 0x7B:
                guard let close = source[index...].firstIndex(of: 0x7D) else {
                    throw PathTemplateError(reason: .unclosedBrace, offset: index)
                }
                let name = String(decoding: source[(index + 1)..<close], as: UTF8.self)
                pieces.append(try piece(name, at: index))
                index = close + 1
            case 0x7D:
                throw PathTemplateError(reason: .strayBrace, offset: index)
            default:
                let end = source[index...].firstIndex { $0 == 0x7B || $0 == 0x7D } ?? source.count
                try addLiteral(index..<end)
                index = end
            }
        }
    }

    private func piece(_ name: String, at offset: Int) throws(PathTemplateError) -> PathTemplate.Piece {
        // A capture of the route goes before the built-in words.
        if captures.everywhere.contains(name), let slot = captures.slot(of: name) {
            try refuseInHost(name, offset)
            return .slot(slot)
        }
        switch name {
        case "**":
            guard captures.hasTail else { throw PathTemplateError(reason: .noTail, offset: offset) }
            try refuseInHost(name, offset)
            return .slot(PathCaptures.tailSlot)
        case "path" where use == .location:
            return .path
        case "host" where use == .location:
            return .host
        default:
            let known = captures.names.filter { captures.everywhere.contains($0) }
            throw PathTemplateError(reason: .unknownCapture(name, known: known), offset: offset)
        }
    }

    /// A capture may not be a part of `scheme://authority`, nor come before anything that settles where the location leads.
    private func refuseInHost(_ name: String, _ offset: Int) throws(PathTemplateError) {
        guard use == .location else { return }
        let before = source[..<offset]
        let isPath = before.first == 0x2F && (before.count == 1 || before[1] != 0x2F)
        if isPath { return }
        // Behind the third slash of `scheme://authority/`, or the third of `//authority/`, the host is settled.
        guard before.count(where: { $0 == 0x2F }) >= 3 else {
            throw PathTemplateError(reason: .captureInHost(name), offset: offset)
        }
    }

    private mutating func addLiteral(_ range: Range<Int>) throws(PathTemplateError) {
        for index in range {
            let byte = source[index]
            if byte == 0x25 {
                guard index + 2 < range.upperBound, Hexadecimal.value(of: source[index + 1]) != nil,
                    Hexadecimal.value(of: source[index + 2]) != nil
                else { throw PathTemplateError(reason: .badPercentEncoding, offset: index) }
            }
            guard isAllowed(byte) else { throw PathTemplateError(reason: .forbiddenCharacter, offset: index) }
        }
        if use == .path {
            // Each literal run is judged by itself, as if it stood behind a slash or a capture.
            var scratch: [UInt8] = []
            let run = Array((source[range.lowerBound] == 0x2F ? [] : Array("/x".utf8)) + source[range])
            guard PathNormalization.normalize(run.span, into: &scratch) == .alreadyNormal else {
                throw PathTemplateError(reason: .notNormal, offset: range.lowerBound)
            }
        }
        let start = literals.count
        literals.append(contentsOf: source[range])
        pieces.append(.literal(start: start, end: literals.count))
    }

    private func isAllowed(_ byte: UInt8) -> Bool {
        guard byte > 0x20, byte < 0x7F else { return false }
        // `?` and `#` may stand in a location.
        let forbidden: StaticString = use == .path ? "\"<>^`|\\?#" : "\"<>^`|\\"
        return !"\(forbidden)".utf8.contains(byte)
    }
}
