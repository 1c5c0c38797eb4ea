extension ValueShape<Int> {
    /// A whole number without unit.
    static func integer(_ range: ClosedRange<Int>) -> ValueShape<Int> {
        let schema = JSONValue.object([
            .init("type", .string("integer")), .init("minimum", .integer(range.lowerBound)),
            .init("maximum", .integer(range.upperBound)),
        ])
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return ValueShape(schema: schema, expected: expected) { node, reading in
            guard let text = reading.scalar(node, expected: expected) else { return nil }
            guard reading.document.nodes[node].isPlain, let value = Decimal.parse(text) else {
                reading.wrongKind(
                    node, expected: expected + (reading.document.nodes[node].isPlain ? "" : ", without quotes"))
                return nil
            }
            return reading.inRange(value, range, node, expected)
        } written: {
            .integer($0)
        }
    }

    /// What a duration may be where nothing else is said, in milliseconds.
    private static let durations = 1...86_400_000

    /// A duration in milliseconds, written with its unit.
    /// - Parameter off: `off` and 0 are allowed, and mean no limit.
    static func duration(_ range: ClosedRange<Int>? = nil, off: Bool = true) -> ValueShape<Int> {
        let units = "[0-9]+(ms|s|m|h|d)"
        let schema = JSONValue.object([
            .init("type", .string("string")), .init("pattern", .string(off ? "^(off|\(units))$" : "^\(units)$")),
        ])
        let bounds = range.map { ", from \(Unit.writeTime($0.lowerBound)) to \(Unit.writeTime($0.upperBound))" }
        let samples = [500, 10_000, 120_000, 3_600_000].filter((range ?? durations).contains).map(Unit.writeTime)
        let expected =
            "a duration such as " + samples.dropLast().joined(separator: ", ") + " or \(samples.last ?? "1h")"
            + (bounds ?? " (at most 24h)") + (off ? ", or off" : "")
        return ValueShape(schema: schema, expected: expected) { node, reading in
            guard let text = reading.scalar(node, expected: expected) else { return nil }
            if off, text.elementsEqual("off".utf8) { return 0 }
            let digits = text.prefix { (0x30...0x39).contains($0) }
            guard let number = Decimal.parse(digits), number >= 0 else {
                reading.wrongKind(node, expected: expected)
                return nil
            }
            let unit = String(decoding: text[digits.endIndex...], as: UTF8.self)
            guard let factor = Unit.milliseconds[unit] else {
                let suggestion = Unit.nearestTime(unit).map { "\(number)\($0)" }
                reading.error(
                    "missing-unit", at: node,
                    unit.isEmpty
                        ? "the duration `\(number)` has no unit"
                        : unit.hasPrefix(".")
                            ? "`\(reading.excerpt(node))` has a fraction" : "`\(unit)` is no unit of time",
                    expected: expected, suggestion: suggestion)
                return nil
            }
            let (value, overflow) = number.multipliedReportingOverflow(by: factor)
            return reading.inRange(overflow ? .max : value, range ?? durations, node, expected, zero: off)
        } written: {
            .string(Unit.writeTime($0))
        }
    }

    /// A share in percent, written with `%`.
    /// - Parameter off: `off` is allowed and is 0.
    static func percent(_ range: ClosedRange<Int>, off: Bool = false) -> ValueShape<Int> {
        let schema = JSONValue.object([
            .init("type", .string("string")), .init("pattern", .string(off ? "^(off|[0-9]+%)$" : "^[0-9]+%$")),
        ])
        let expected = "a percentage from \(range.lowerBound)% to \(range.upperBound)%" + (off ? ", or off" : "")
        return ValueShape(schema: schema, expected: expected) { node, reading in
            guard let text = reading.scalar(node, expected: expected) else { return nil }
            if off, text.elementsEqual("off".utf8) { return 0 }
            let number = text.last == UInt8(ascii: "%") ? text.dropLast() : text
            if number.count < text.count, number.first != UInt8(ascii: "-"), let value = Decimal.parse(number) {
                return reading.inRange(value, range, node, expected, zero: off)
            }
            reading.reportPercentage(node, number, hasSign: number.count < text.count, range, expected)
            return nil
        } written: {
            .string($0 == 0 && off ? "off" : "\($0)%")
        }
    }

    /// A number of octets, with or without unit.
    /// - Parameter off: `off` and 0 are allowed and mean no limit.
    static func size(_ range: ClosedRange<Int>, off: Bool = false) -> ValueShape<Int> {
        let units = "(B|KB|MB|GB|KiB|MiB|GiB)?"
        let schema = JSONValue.object([
            .init("type", .array([.string("string"), .string("integer")])),
            .init("pattern", .string(off ? "^(off|[0-9]+\(units))$" : "^[0-9]+\(units)$")),
            .init("minimum", .integer(off ? 0 : range.lowerBound)), .init("maximum", .integer(range.upperBound)),
        ])
        let bounds = "\(Unit.writeSize(range.lowerBound)) to \(Unit.writeSize(range.upperBound))"
        let expected = "a size such as 512B, 16KiB or 10MiB, from \(bounds)" + (off ? ", or off" : "")
        return ValueShape(schema: schema, expected: expected) { node, reading in
            guard let text = reading.scalar(node, expected: expected) else { return nil }
            if off, text.elementsEqual("off".utf8) { return 0 }
            let digits = text.prefix { (0x30...0x39).contains($0) }
            guard let number = Decimal.parse(digits), number >= 0 else {
                reading.wrongKind(node, expected: expected)
                return nil
            }
            let unit = String(decoding: text[digits.endIndex...], as: UTF8.self)
            guard let factor = unit.isEmpty ? 1 : Unit.octets[unit] else {
                let suggestion = Spelling.nearest(to: unit, among: Unit.octetNames).map { "\(number)\($0)" }
                reading.error(
                    "bad-unit", at: node, "`\(unit)` is no unit of size", expected: expected,
                    suggestion: suggestion
                        ?? Unit.octetNames.first { unit.count == 1 && $0.hasPrefix(unit.uppercased()) }
                        .map { "\(number)\($0)" })
                return nil
            }
            let (value, overflow) = number.multipliedReportingOverflow(by: factor)
            return reading.inRange(overflow ? .max : value, range, node, expected, zero: off)
        } written: {
            .string(Unit.writeSize($0))
        }
    }
}

extension ValueShape<Bool> {
    /// `true` or `false`.
    static var boolean: ValueShape<Bool> {
        let expected = "true or false"
        return ValueShape(schema: .object([.init("type", .string("boolean"))]), expected: expected) { node, reading in
            guard let text = reading.scalar(node, expected: expected) else { return nil }
            if text.elementsEqual("true".utf8), reading.document.nodes[node].isPlain { return true }
            if text.elementsEqual("false".utf8), reading.document.nodes[node].isPlain { return false }
            let word = String(decoding: text, as: UTF8.self).lowercased()
            let suggestion = [
                "yes": "true", "on": "true", "true": "true", "no": "false", "off": "false", "false": "false",
            ][word]
            reading.error(
                "wrong-type", at: node, "`\(reading.excerpt(node))` does not belong here", expected: expected,
                suggestion: suggestion)
            return nil
        } written: {
            .boolean($0)
        }
    }
}

extension FileReading {
    fileprivate func inRange(
        _ value: Int, _ range: ClosedRange<Int>, _ node: Int, _ expected: String, zero: Bool = false
    ) -> Int? {
        if range.contains(value) || (zero && value == 0) { return value }
        error(
            "out-of-range", at: node,
            "\(document.string(node)) is too \(value < range.lowerBound ? "small" : "large")", expected: expected)
        return nil
    }
}

extension FileReading {
    /// Says what is wrong with something that is no percentage: it has no `%`, or a fraction, or it is no number.
    fileprivate func reportPercentage(
        _ node: Int, _ number: ArraySlice<UInt8>, hasSign: Bool, _ range: ClosedRange<Int>, _ expected: String
    ) {
        let parts = number.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, whole.allSatisfy(ByteClass.isDigit), let value = Decimal.parse(whole),
            parts.dropFirst().allSatisfy({ !$0.isEmpty && $0.allSatisfy(ByteClass.isDigit) })
        else { return wrongKind(node, expected: expected) }
        // 0.5 without a sign was meant to be a half.
        let hundredths = parts.count > 1 ? Decimal.parse((Array(parts[1].prefix(2)) + [0x30])[..<2]) ?? 0 : 0
        let meant = parts.count == 1 || hasSign ? value : value * 100 + hundredths
        error(
            "missing-unit", at: node,
            hasSign ? "`\(excerpt(node))` has a fraction" : "the percentage `\(excerpt(node))` has no `%`",
            expected: expected, suggestion: range.contains(meant) ? "\(meant)%" : nil)
    }
}

/// The units of durations and sizes.
enum Unit {
    static let milliseconds = ["ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
    static let octets = [
        "B": 1, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000, "KiB": 1_024, "MiB": 1_048_576, "GiB": 1_073_741_824,
    ]
    static let octetNames = ["KiB", "MiB", "GiB", "KB", "MB", "GB", "B"]

    /// The unit that a longer word such as `sec` or `minutes` means; seconds when nothing is written.
    static func nearestTime(_ word: String) -> String? {
        let word = word.lowercased()
        if word.hasPrefix("ms") || word.hasPrefix("mil") { return "ms" }
        return word.isEmpty ? "s" : ["s", "m", "h", "d"].first { word.hasPrefix($0) }
    }

    static func write(_ value: Int, _ units: [(name: String, factor: Int)]) -> String {
        guard value != 0 else { return "off" }
        let unit = units.first { value % $0.factor == 0 }
        return "\(value / (unit?.factor ?? 1))\(unit?.name ?? "")"
    }

    static func writeTime(_ value: Int) -> String {
        // Somebody who reads a day as hours sees what the limit of 24h is; more than one is said in days.
        let units = [("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)]
        return write(value, value > 86_400_000 ? [("d", 86_400_000)] + units : units)
    }

    static func writeSize(_ value: Int) -> String {
        value == 0 ? "0" : write(value, [("GiB", 1_073_741_824), ("MiB", 1_048_576), ("KiB", 1_024), ("B", 1)])
    }
}

/// Whole numbers, as strict as they can be.
enum Decimal {
    /// An optional minus and digits without a leading zero, at most 18 of them.
    static func parse(_ text: ArraySlice<UInt8>) -> Int? {
        let isNegative = text.first == UInt8(ascii: "-")
        let digits = isNegative ? text.dropFirst() : text
        guard !digits.isEmpty, digits.count <= 18, digits.count == 1 || digits.first != 0x30 else { return nil }
        var value = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + Int(digit - 0x30)
        }
        return isNegative ? -value : value
    }
}
