internal import Patterns

/// Finds groups in a replacement that its expression does not have.
enum ReplacementCheck {
    /// The first unknown group and its octet: `$1`, `${1}` and `${name}` insert groups, `$$` is a dollar sign.
    static func unknownGroup(in replacement: ArraySlice<UInt8>, of expression: String) -> (name: String, offset: Int)? {
        guard let pattern = try? Pattern(expression, scope: .anywhere) else { return nil }
        let dollar = UInt8(ascii: "$")
        var index = replacement.startIndex
        while let sign = replacement[index...].firstIndex(of: dollar) {
            let rest = replacement[(sign + 1)...]
            if rest.first == dollar {
                index = sign + 2
                continue
            }
            let name =
                rest.first == UInt8(ascii: "{")
                ? rest.dropFirst().prefix { $0 != UInt8(ascii: "}") } : rest.prefix(3).prefix(while: ByteClass.isDigit)
            index = max(name.endIndex, sign + 1)
            guard !name.isEmpty else { continue }
            let text = String(decoding: name, as: UTF8.self)
            guard let number = Int(text) ?? pattern.groupNumber(named: text), (0...pattern.groupCount).contains(number)
            else {
                return (text, sign - replacement.startIndex)
            }
        }
        return nil
    }
}
