public import HTTPModel
internal import Kernel

/// Finds one cookie among those of a request (RFC 6265 §4.2): pairs `name=value`, with semicolons between them.
public enum CookiePairs {
    /// Where the value of the first cookie with this name lies in the head, over all `Cookie` fields; `nil` when there is none.
    /// Names of cookies are case-sensitive; quotes around a value are part of it.
    public static func value(of name: Span<UInt8>, in fields: borrowing FieldTable, head: Span<UInt8>) -> ByteRange? {
        for entry in fields.entries where entry.known == .cookie {
            var start = Int(entry.value.start)
            let end = Int(entry.value.end)
            while start < end {
                let semicolon = min(end, ByteSearch.firstIndex(of: 0x3B, in: head, from: start))
                if let value = value(of: name, in: FieldLineParser.trimmed(head, start, semicolon), head: head) {
                    return value
                }
                start = semicolon + 1
            }
        }
        return nil
    }

    /// How often a cookie of one name was sent.
    public enum Occurrence: Sendable, Equatable {
        case none
        /// Where its value lies in the head.
        case one(ByteRange)
        /// Whoever reads another one of them than we do must not be misled by what we say of ours.
        case several
    }

    /// The cookie of this name, over all `Cookie` fields.
    public static func only(_ name: Span<UInt8>, in fields: borrowing FieldTable, head: Span<UInt8>) -> Occurrence {
        var found = Occurrence.none
        for entry in fields.entries where entry.known == .cookie {
            var start = Int(entry.value.start)
            let end = Int(entry.value.end)
            while start < end {
                let semicolon = min(end, ByteSearch.firstIndex(of: 0x3B, in: head, from: start))
                if let value = value(of: name, in: FieldLineParser.trimmed(head, start, semicolon), head: head) {
                    guard found == .none else { return .several }
                    found = .one(value)
                }
                start = semicolon + 1
            }
        }
        return found
    }

    private static func value(of name: Span<UInt8>, in pair: ByteRange, head: Span<UInt8>) -> ByteRange? {
        let start = Int(pair.start)
        let equals = min(Int(pair.end), ByteSearch.firstIndex(of: 0x3D, in: head, from: start))
        guard equals < Int(pair.end), ByteSearch.equal(head.extracting(start..<equals), name) else { return nil }
        return ByteRange(equals + 1, Int(pair.end))
    }
}
