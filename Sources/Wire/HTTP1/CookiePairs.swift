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
                let pair = FieldLineParser.trimmed(head, start, semicolon)
                let equals = min(Int(pair.end), ByteSearch.firstIndex(of: 0x3D, in: head, from: Int(pair.start)))
                if equals < Int(pair.end), ByteSearch.equal(head.extracting(Int(pair.start)..<equals), name) {
                    return ByteRange(equals + 1, Int(pair.end))
                }
                start = semicolon + 1
            }
        }
        return nil
    }
}
