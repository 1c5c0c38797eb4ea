extension ValueShape<Int> {
    private static let shareWords = "a percentage from 0% to 100% such as 1% or 0.1%, with at most 4 decimals, or off"

    /// A share in percent that may be small, written with `%`; in millionths. `off` is 0.
    static let share = ValueShape<Int>(
        schema: .object([
            .init("type", .string("string")), .init("pattern", .string("^(off|[0-9]+(\\.[0-9]{1,4})?%)$")),
        ]), expected: shareWords
    ) { node, reading in
        guard let text = reading.scalar(node, expected: shareWords) else { return nil }
        if text.elementsEqual("off".utf8) { return 0 }
        let hasSign = text.last == UInt8(ascii: "%")
        let number = hasSign ? text.dropLast() : text
        guard let millionths = millionths(percent: number) else {
            reading.wrongKind(node, expected: shareWords)
            return nil
        }
        guard hasSign else {
            // 0.1 without a sign was meant to be a tenth.
            let meant = number.contains(UInt8(ascii: ".")) ? millionths * 100 : millionths
            reading.error(
                "missing-unit", at: node, "the percentage `\(reading.excerpt(node))` has no `%`", expected: shareWords,
                suggestion: meant <= 1_000_000 ? written(millionths: meant) : nil)
            return nil
        }
        guard millionths <= 1_000_000 else {
            reading.error(
                "out-of-range", at: node, "\(reading.document.string(node)) is too large", expected: shareWords)
            return nil
        }
        return millionths
    } written: {
        .string($0 == 0 ? "off" : written(millionths: $0))
    }

    /// Digits, and up to four behind a point.
    private static func millionths(percent text: ArraySlice<UInt8>) -> Int? {
        let parts = text.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, first.count <= 6, let whole = Decimal.parse(first), whole >= 0 else {
            return nil
        }
        guard parts.count == 2 else { return whole * 10_000 }
        guard (1...4).contains(parts[1].count), parts[1].allSatisfy(ByteClass.isDigit) else { return nil }
        var fraction = 0
        for place in 0..<4 {
            let index = parts[1].startIndex + place
            fraction = fraction * 10 + (index < parts[1].endIndex ? Int(parts[1][index] - 0x30) : 0)
        }
        return whole * 10_000 + fraction
    }

    private static func written(millionths: Int) -> String {
        var digits = String(millionths % 10_000 + 10_000).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return "\(millionths / 10_000)" + (digits.isEmpty ? "" : "." + digits) + "%"
    }
}
