internal import Kernel

/// Small questions about text held as bytes.
public enum ByteText {
    /// True when the bytes spell the literal exactly.
    public static func equal(_ bytes: Span<UInt8>, _ text: StaticString) -> Bool {
        guard bytes.count == text.utf8CodeUnitCount else { return false }
        var same = true
        // `description` would allocate; comparing by unicode scalar is only for non-ASCII literals, which we do not have.
        text.withSpan { literal in same = ByteSearch.equal(bytes, literal) }
        return same
    }

    /// The bytes as a `String` for people; invalid UTF-8 is repaired. Allocates: not for the request path.
    public static func string(_ bytes: Span<UInt8>) -> String {
        var copy: [UInt8] = []
        copy.reserveCapacity(bytes.count)
        for index in bytes.indices { copy.append(bytes[index]) }
        return String(decoding: copy, as: UTF8.self)
    }
}
