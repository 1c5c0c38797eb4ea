package import HTTPModel
internal import Kernel

/// Parses field lines (RFC 9112 §5) up to and including the empty line: of heads, and of trailer sections.
///
/// Strict on purpose: CRLF only, no folding, no white space before the colon, no control characters. What one hop repairs, the
/// next may read differently.
package enum FieldLineParser {
    /// How it ended.
    package enum Outcome: Equatable {
        case complete(end: Int)
        case incomplete
        case malformed
        case tooManyFields
    }

    /// Parses from `start`, the first byte of a line. `dropsUnderscores` leaves out names that hold a `_` and counts them.
    package static func parse(
        _ bytes: Span<UInt8>, from start: Int, into fields: inout FieldTable, dropsUnderscores: Bool, dropped: inout Int
    ) -> Outcome {
        let count = bytes.count
        var index = start
        while true {
            guard index < count else { return .incomplete }
            if bytes[index] == 0x0D {
                guard index &+ 1 < count else { return .incomplete }
                return bytes[index &+ 1] == 0x0A ? .complete(end: index &+ 2) : .malformed
            }
            let nameEnd = ByteSearch.endOfToken(bytes, from: index)
            guard nameEnd < count else { return .incomplete }
            guard nameEnd > index, bytes[nameEnd] == 0x3A else { return .malformed }
            let lineEnd = ByteSearch.endOfFieldValue(bytes, from: nameEnd &+ 1)
            guard lineEnd < count else { return .incomplete }
            guard bytes[lineEnd] == 0x0D else { return .malformed }
            guard lineEnd &+ 1 < count else { return .incomplete }
            guard bytes[lineEnd &+ 1] == 0x0A else { return .malformed }
            let name = ByteRange(index, nameEnd)
            if dropsUnderscores,
                ByteSearch.firstIndex(of: 0x5F, in: bytes.extracting(index..<nameEnd), from: 0) < name.count
            {
                dropped &+= 1
                guard fields.entries.count &+ dropped <= fields.limit else { return .tooManyFields }
            } else {
                let known = KnownField(bytes.extracting(index..<nameEnd))
                let value = trimmed(bytes, nameEnd &+ 1, lineEnd)
                guard fields.append(FieldEntry(name: name, value: value, known: known)) else { return .tooManyFields }
            }
            index = lineEnd &+ 2
        }
    }

    /// The range without spaces and tabs at its ends.
    package static func trimmed(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> ByteRange {
        var first = start
        var last = end
        while first < last, bytes[first] == 0x20 || bytes[first] == 0x09 { first &+= 1 }
        while last > first, bytes[last &- 1] == 0x20 || bytes[last &- 1] == 0x09 { last &-= 1 }
        return ByteRange(first, last)
    }
}

/// Walks a comma-separated list (RFC 9110 §5.6.1), skipping empty elements.
package struct ListWalker {
    private var next: Int
    private let end: Int

    /// Over the bytes of a field value.
    package init(_ range: ByteRange) {
        next = Int(range.start)
        end = Int(range.end)
    }

    /// The next element without white space around it, or `nil` at the end. Quoted strings are not looked into: the lists
    /// walked here consist of tokens.
    package mutating func element(in bytes: Span<UInt8>) -> ByteRange? {
        while next < end {
            let comma = min(end, ByteSearch.firstIndex(of: 0x2C, in: bytes, from: next))
            let element = FieldLineParser.trimmed(bytes, next, comma)
            next = comma &+ 1
            if !element.isEmpty { return element }
        }
        return nil
    }
}
