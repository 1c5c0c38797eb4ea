public import Kernel

/// Keeps what a query has in secret parameters out of logs.
public enum SecretParameters {
    /// Appends a request target with `***` in place of the values of these parameters. The buffer has room for twice the target.
    public static func append(_ target: Span<UInt8>, without names: [[UInt8]], to text: inout ByteBuffer) {
        let mark = ByteSearch.firstIndex(of: 0x3F, in: target, from: 0)
        guard mark < target.count else { return text.append(target) }
        text.append(target.extracting(0...mark))
        let query = target.extracting((mark + 1)...)
        var start = 0
        while start < query.count {
            let end = ByteSearch.firstIndex(of: 0x26, in: query, from: start)
            let pair = query.extracting(start..<end)
            appendPair(pair, without: names, to: &text)
            if end < query.count { text.append(0x26) }
            start = end + 1
        }
    }

    private static func appendPair(_ pair: Span<UInt8>, hiding: Bool, to text: inout ByteBuffer) {
        let equals = ByteSearch.firstIndex(of: 0x3D, in: pair, from: 0)
        guard hiding, equals < pair.count else { return text.append(pair) }
        text.append(pair.extracting(0...equals))
        // No longer than twice what stood there.
        let value = pair.count - equals - 1
        if value > 0 { text.append(value > 1 ? "***" : "**") }
    }

    private static func appendPair(_ pair: Span<UInt8>, without names: [[UInt8]], to text: inout ByteBuffer) {
        var position = 0
        guard let parameter = QueryParameter(pair, &position) else { return text.append(pair) }
        let isSecret = names.contains { QueryParameter.equals(pair.extracting(parameter.name), $0.span) }
        appendPair(pair, hiding: isSecret, to: &text)
    }

    /// How often a query has a parameter of one name.
    public enum Occurrence: Sendable, Equatable {
        case none
        /// Its value, as it stands in the query.
        case one(Range<Int>)
        /// Whoever reads another one of them than we do must not be misled by what we say of ours.
        case several
    }

    /// The parameter of this name.
    public static func only(_ name: [UInt8], in query: Span<UInt8>) -> Occurrence {
        var found = Occurrence.none
        var position = 0
        while let parameter = QueryParameter(query, &position) {
            guard QueryParameter.equals(query.extracting(parameter.name), name.span) else { continue }
            guard found == .none else { return .several }
            found = .one(parameter.value)
        }
        return found
    }
}
