internal import Declarations

/// Reads path patterns and literal paths, normalised the same way as request paths.
enum PathText {
    /// What is wrong with a path, and at which octet of it.
    struct Problem: Error, Equatable {
        var message: String
        var expected: String
        var offset: Int
        /// The corrected path, when it is clear.
        var suggestion: String?
    }

    /// A pattern of segments: `/a/**`, `/a/*/b`, `/a/{id}`.
    static func pattern(_ content: ArraySlice<UInt8>) throws(Problem) -> PathPatternDeclaration {
        let source = String(decoding: content, as: UTF8.self)
        guard content.first == slash else {
            throw Problem(
                message: "the path `\(source)` does not begin with `/`",
                expected: "a path such as /api/**, or ~ and an expression",
                offset: 0, suggestion: "/" + source)
        }
        var segments: [PathSegmentDeclaration] = []
        var names: Set<String> = []
        var start = content.startIndex + 1
        while true {
            let end = content[start...].firstIndex(of: slash) ?? content.endIndex
            let segment = content[start..<end]
            let offset = start - content.startIndex
            if segment.elementsEqual("**".utf8) {
                guard end == content.endIndex else {
                    throw Problem(
                        message: "`**` is not the last segment", expected: "`**` at the end; `*` for one segment",
                        offset: offset)
                }
                return .segments(segments, tail: true, source: source)
            }
            segments.append(try self.segment(segment, offset, &names))
            if end == content.endIndex { return .segments(segments, tail: false, source: source) }
            start = end + 1
        }
    }

    /// A path without any variable part, normalised: the prefix of a filter.
    static func literalPath(_ content: ArraySlice<UInt8>) throws(Problem) -> String {
        guard content.first == slash else {
            let source = String(decoding: content, as: UTF8.self)
            throw Problem(
                message: "the path `\(source)` does not begin with `/`", expected: "a path such as /api", offset: 0,
                suggestion: "/" + source)
        }
        var result = ""
        var start = content.startIndex + 1
        while true {
            let end = content[start...].firstIndex(of: slash) ?? content.endIndex
            result += "/" + (try literal(content[start..<end], start - content.startIndex))
            if end == content.endIndex { return result }
            start = end + 1
        }
    }

    private static let slash = UInt8(ascii: "/")

    private static func segment(
        _ segment: ArraySlice<UInt8>, _ offset: Int, _ names: inout Set<String>
    ) throws(Problem) -> PathSegmentDeclaration {
        if segment.count == 1, segment.first == UInt8(ascii: "*") { return .any }
        guard segment.first == UInt8(ascii: "{"), segment.last == UInt8(ascii: "}") else {
            return .literal(try literal(segment, offset))
        }
        let inner = segment.dropFirst().dropLast()
        guard isCaptureName(inner) else {
            throw Problem(
                message: "`\(String(decoding: segment, as: UTF8.self))` is not a capture",
                expected: "`{name}`, the name of letters, digits and `_`, not beginning with a digit", offset: offset)
        }
        let name = String(decoding: inner, as: UTF8.self)
        guard names.insert(name).inserted else {
            throw Problem(
                message: "the capture `{\(name)}` occurs twice in the path",
                expected: "a name of its own for each capture",
                offset: offset)
        }
        return .capture(name)
    }

    static func isCaptureName(_ name: ArraySlice<UInt8>) -> Bool {
        guard let first = name.first, !ByteClass.isDigit(first) else { return false }
        return name.allSatisfy { ByteClass.isAlphanumeric($0) || $0 == UInt8(ascii: "_") }
    }

    /// One literal segment: unreserved characters decoded, all others encoded with upper-case digits.
    private static func literal(_ segment: ArraySlice<UInt8>, _ offset: Int) throws(Problem) -> String {
        // Most segments are plain words and stay as they are.
        if segment.allSatisfy({ ByteClass.isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }) {
            return String(decoding: segment, as: UTF8.self)
        }
        var result: [UInt8] = []
        var index = segment.startIndex
        while index < segment.endIndex {
            let place = offset + index - segment.startIndex
            if segment[index] == UInt8(ascii: "%") {
                try appendEscape(segment[index...].prefix(3), place, to: &result)
                index += 3
            } else {
                try appendCharacter(segment[index], place, to: &result)
                index += 1
            }
        }
        if result.elementsEqual(".".utf8) || result.elementsEqual("..".utf8) {
            throw Problem(
                message: "the path has a dot segment, which no normalised request path has",
                expected: "the path without `.` and `..`", offset: offset)
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func appendEscape(
        _ escape: ArraySlice<UInt8>, _ offset: Int, to result: inout [UInt8]
    ) throws(Problem) {
        let digits = escape.dropFirst().compactMap(ByteClass.hexValue)
        guard digits.count == 2 else {
            throw Problem(
                message: "`%` is not followed by two hexadecimal digits",
                expected: "an escape such as %20, or %25 for `%`",
                offset: offset)
        }
        let byte = digits[0] << 4 | digits[1]
        guard byte != 0, byte != slash, byte != UInt8(ascii: "\\") else {
            throw Problem(
                message:
                    "`\(String(decoding: escape, as: UTF8.self))` cannot be in a path: requests with it are refused",
                expected: "a path without %00, %2F and %5C", offset: offset)
        }
        if ByteClass.isUnreserved(byte) { result.append(byte) } else { appendEncoded(byte, to: &result) }
    }

    private static func appendCharacter(_ byte: UInt8, _ offset: Int, to result: inout [UInt8]) throws(Problem) {
        func problem(_ expected: String) -> Problem {
            Problem(
                message: "`\(Character(Unicode.Scalar(byte)))` cannot stand in a literal path segment",
                expected: expected,
                offset: offset)
        }
        switch byte {
        case _ where ByteClass.isUnreserved(byte): result.append(byte)
        case UInt8(ascii: "!"), UInt8(ascii: "$"), UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "("),
            UInt8(ascii: ")"), UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: "="), UInt8(ascii: ":"),
            UInt8(ascii: "@"):
            result.append(byte)
        case UInt8(ascii: "*"): throw problem("`*` for a whole segment; an expression (`~…`) for a part of one")
        case UInt8(ascii: "{"), UInt8(ascii: "}"):
            throw problem("`{name}` for a whole segment; an expression (`~…`) for a part of one")
        case UInt8(ascii: "?"): throw problem("the query under `query`; %3F for the character")
        case UInt8(ascii: "#"): throw problem("no fragment: clients do not send it; %23 for the character")
        case UInt8(ascii: ";"): throw problem("%3B for the character")
        case UInt8(ascii: "\\"): throw problem("`/`")
        case 0...0x1F, 0x7F: throw problem("a path without control characters")
        default: appendEncoded(byte, to: &result)
        }
    }

    private static func appendEncoded(_ byte: UInt8, to result: inout [UInt8]) {
        let digits = Array("0123456789ABCDEF".utf8)
        result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
}
